"""The latest vital signs of many patients at once, in one question, and which of them lie outside the usual range."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy

from wardround.clinical.catalogue import load_catalogue
from wardround.hospital.charts.range_flags import Flag, flag_of
from wardround.hospital.charts.usual import Whose
from wardround.hospital.charts.vital_signs import taken_before
from wardround.hospital.records.models import StandardValue
from wardround.web.layout.printed import printed_number

# In the order of a ward's board, with the short names that fit above a column.
COLUMNS = (
    ("body_temperature", gettext_lazy("Temp.")),
    ("heart_rate", gettext_lazy("Pulse")),
    ("systolic_pressure", gettext_lazy("Pressure")),
    ("respiratory_rate", gettext_lazy("Resp.")),
    ("oxygen_saturation", gettext_lazy("SpO₂")),
)
_DIASTOLIC = "diastolic_pressure"
KEYS = (*(key for key, _title in COLUMNS), _DIASTOLIC)


@dataclass(frozen=True)
class Sign:
    """One column of one patient: "128/76", and whether it is high or low. A held value has no flag. `taken`: when, printed,
    where it is older than the newest of the line."""

    title: str = ""
    text: str = ""
    flag: Flag = ""
    is_held: bool = False
    taken: str = ""


@dataclass(frozen=True)
class VitalSigns:
    """What a patient's line shows: a sign for each column, and when the newest of them was taken."""

    signs: tuple[Sign, ...]
    taken: datetime | None


def latest_of(patient_ids: Sequence[str], *, whose: Mapping[str, Whose]) -> dict[str, VitalSigns]:
    """By patient; whoever has none has empty signs. `whose`: of what age and sex they are, for the usual ranges."""
    rows = StandardValue.objects.filter(
        patient_id__in=patient_ids,
        measurement__in=KEYS,
        is_current=True,
        value_number__isnull=False,
        time__isnull=False,
        resource__is_deleted=False,
    )
    groups = [F("patient_id"), F("measurement")]
    place = Window(RowNumber(), partition_by=groups, order_by=[F("time").desc(), F("id").desc()])
    found: dict[str, dict[str, StandardValue]] = defaultdict(dict)
    for row in rows.annotate(place=place).filter(place=1):
        found[row.patient_id][row.measurement] = row
    nobody = Whose()
    return {p: _vital_signs(found.get(p, {}), whose=whose.get(p, nobody)) for p in patient_ids}


def _vital_signs(latest: dict[str, StandardValue], *, whose: Whose) -> VitalSigns:
    signs = []
    newest = max((row.time for row in latest.values() if row.time), default=None)
    for key, title in COLUMNS:
        sign = _sign(latest.get(key), whose=whose)
        below = latest.get(_DIASTOLIC) if key == "systolic_pressure" else None
        first = latest.get(key)
        if first is not None and below is not None and below.time == first.time:
            other = _sign(below, whose=whose)
            sign = Sign("", f"{sign.text}/{other.text}", sign.flag or other.flag, sign.is_held or other.is_held)
        taken = taken_before(newest, time=first.time if first is not None else None)
        signs.append(replace(sign, title=str(title), taken=taken))
    return VitalSigns(tuple(signs), newest)


def _sign(row: StandardValue | None, *, whose: Whose) -> Sign:
    if row is None or row.value_number is None:
        return Sign()
    reference = whose.usual(load_catalogue().by_key(row.measurement), time=row.time)
    flag: Flag = "" if row.is_held else flag_of(row.value_number, reference=reference)
    return Sign("", printed_number(row.value_number), flag, row.is_held)
