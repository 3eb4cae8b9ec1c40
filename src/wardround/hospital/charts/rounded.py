"""Values as a person reads them: no digits that no instrument has. What was stored in full stands beside it."""

from decimal import ROUND_HALF_EVEN, Decimal

from wardround.clinical.catalogue import Measurement
from wardround.web.layout.printed import Answer, printed_number, printed_value

_MOST_FIGURES = 5  # significant ones, where the catalogue knows no smallest step


def shown_value(value: Answer, *, measurement: Measurement) -> str:
    """12.85366228 kg -> 12.85: at most one digit beyond the smallest step that is reported; otherwise as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return printed_value(value, measurement=measurement)
    exact = Decimal(f"{value:.10g}")
    places = _places(exact, measurement=measurement)
    if -int(exact.as_tuple().exponent) <= places:
        return printed_number(value)
    return printed_number(float(exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)))


def in_full(value: Answer, *, measurement: Measurement) -> str:
    """The whole number where less of it is shown; otherwise nothing."""
    full = printed_value(value, measurement=measurement)
    return full if full != shown_value(value, measurement=measurement) else ""


def _places(exact: Decimal, *, measurement: Measurement) -> int:
    if measurement.resolution is not None:
        return max(-int(Decimal(str(measurement.resolution)).normalize().as_tuple().exponent), 0) + 1
    return max(_MOST_FIGURES - 1 - exact.adjusted(), 0)
