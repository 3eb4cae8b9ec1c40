"""Limits that somebody typed ("< 0.01"): nothing is known of the value but its side, and on that side something must be possible."""

from django.utils.translation import gettext

from wardround.clinical.standardise import in_standard_unit
from wardround.hospital.entry.typed import Reading
from wardround.hospital.entry.units_offered import range_in
from wardround.web.layout.printed import printed_unit


def impossible_limit(reading: Reading) -> str:
    """Why no possible value lies there; "" where one may. A sodium below 5 is a wrong number or a wrong sign."""
    m = reading.measurement
    if not reading.comparator or m.possible is None:
        return ""
    limit = in_standard_unit(m, float(reading.number), unit=reading.unit)
    low, high = m.possible
    is_empty = {"<": limit <= low, "<=": limit < low, ">": limit >= high, ">=": limit > high}[reading.comparator]
    if not is_empty:
        return ""
    possible = f"{range_in(m.possible, m, unit=reading.unit)} {printed_unit(reading.unit)}".strip()
    return gettext("No possible value lies there: the possible range is %(range)s.") % {"range": possible}
