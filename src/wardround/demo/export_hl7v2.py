"""Budapest's export: HL7 v2.5.1 messages in Latin-2, one file a month, the hospital's own codes (99BUD), mmol/L.

ADT^A04 registers the patient, ORU^R01 brings results, ADT^A08 closes the visit with its procedure and diagnosis.
Numbers in NM segments have a decimal point as the standard wants; what staff type as text (ST) has a decimal comma.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from wardround.demo.paper import PaperChart
from wardround.demo.planter import EXAM_DATE, RECORD

_CODES = {
    "chest_pain_type": "MFT^Mellkasi fájdalom típusa^99BUD",
    "systolic_pressure": "RRS^Vérnyomás, szisztolés^99BUD",
    "diastolic_pressure": "RRD^Vérnyomás, diasztolés^99BUD",
    "resting_ecg": "EKG^Nyugalmi EKG^99BUD",
    "total_cholesterol": "KOL^Összkoleszterin^99BUD^2093-3^Cholesterol^LN",
    "fasting_glucose_over_120": "EHC^Éhomi vércukor 6,7 mmol/l felett^99BUD",
    "exercise_heart_rate": "TPM^Terheléses pulzus, legnagyobb^99BUD",
    "exercise_angina": "TAN^Terhelésre mellkasi fájdalom^99BUD",
    "st_depression": "STD^ST-depresszió terheléskor^99BUD",
    "st_slope": "STM^ST-szakasz meredeksége^99BUD",
    "fluoroscopy_vessels": "FLE^Átvilágításon festődő erek száma^99BUD",
    "thallium_scan": "TAL^Tallium-szcintigráfia^99BUD",
    "coronary_narrowing": "SZK^Koszorúér-szűkület legalább 50%^99BUD",
}
_ANSWERS = {
    "typical_angina": "TIP^Típusos angina^99BUD",
    "atypical_angina": "ATI^Atípusos angina^99BUD",
    "non_anginal_pain": "NEM^Nem anginás fájdalom^99BUD",
    "asymptomatic": "TMT^Tünetmentes^99BUD",
    "normal": "NEG^Negatív^99BUD",
    "st_t_abnormality": "STT^ST-T eltérés^99BUD",
    "left_ventricular_hypertrophy": "BKH^Bal kamrai hipertrófia^99BUD",
    "upsloping": "EME^Emelkedő^99BUD",
    "flat": "VIZ^Vízszintes^99BUD",
    "downsloping": "SUL^Süllyedő^99BUD",
    "fixed_defect": "ALL^Állandó kiesés^99BUD",
    "reversible_defect": "ATM^Átmeneti kiesés^99BUD",
}
_YES, _NO = "I^Igen^99BUD", "N^Nem^99BUD"
_UNITS = {
    "systolic_pressure": "mmHg",
    "diastolic_pressure": "mmHg",
    "total_cholesterol": "mmol/l",
    "exercise_heart_rate": "/min",
    "st_depression": "mm",
    "fluoroscopy_vessels": "",
}
_ANGIOGRAPHY = "KORO^Koronarográfia^99BUD"
_DIAGNOSIS = "I2510^A koszorúerek atheroscleroticus betegsége^BNO10"

Message = tuple[datetime, str]


def write_hl7v2(folder: Path, charts: Iterable[PaperChart], *, written: Mapping[tuple[str, str], str]) -> None:
    """Write the messages in the order of their times; ``written`` is what stands there instead of the truth."""
    by_month: dict[str, list[Message]] = defaultdict(list)
    for chart in charts:
        for moment, message in _messages(chart, written):
            by_month[f"{moment:%Y-%m}"].append((moment, message))
    folder.mkdir(parents=True, exist_ok=True)
    for month, messages in by_month.items():
        messages.sort(key=lambda timed: (timed[0], timed[1]))
        text = "\r\n".join(message for _, message in messages) + "\r\n"
        (folder / f"budapest-{month}.hl7").write_bytes(text.encode("iso-8859-2"))


def _messages(chart: PaperChart, written: Mapping[tuple[str, str], str]) -> Iterator[Message]:
    row = chart.row
    seen_at, closed_at = chart.seen_at, chart.result_at + timedelta(hours=1)
    visit_day = written.get((chart.mrn, EXAM_DATE), chart.day.isoformat()).replace("-", "")
    yield seen_at, _adt(chart, "A04", seen_at)

    history = ("chest_pain_type", "systolic_pressure", "diastolic_pressure", "resting_ecg")
    yield from _results(chart, "FELV^Felvételi vizsgálat^99BUD", history, seen_at, written, stamp=f"{visit_day}0840")
    laboratory = ("total_cholesterol", "fasting_glucose_over_120")
    yield from _results(chart, "LAB^Laboratórium^99BUD", laboratory, seen_at + timedelta(minutes=30), written)

    exercise = ("exercise_heart_rate", "exercise_angina", "st_depression", "st_slope")
    for moment, message in _results(chart, "TERH^Terheléses EKG^99BUD", exercise, chart.exercise_at, written):
        yield moment, _break_off(message) if (chart.mrn, RECORD) in written else message

    scan = ("fluoroscopy_vessels", "thallium_scan")
    yield from _results(chart, "KEPA^Képalkotó vizsgálat^99BUD", scan, chart.scan_at, written)
    yield from _results(chart, _ANGIOGRAPHY, ("coronary_narrowing",), chart.result_at, written)

    closing = [f"PR1|1||{_ANGIOGRAPHY}||{_time(chart.angiography_at)}"]
    if row.has_coronary_disease:
        closing.insert(0, f"DG1|1||{_DIAGNOSIS}||{_time(chart.result_at)}|F")
    yield closed_at, _adt(chart, "A08", closed_at, *closing)


def _results(
    chart: PaperChart,
    group: str,
    fields: tuple[str, ...],
    moment: datetime,
    written: Mapping[tuple[str, str], str],
    *,
    stamp: str = "",
) -> Iterator[Message]:
    """One ORU message with what was measured, or none."""
    stamp = stamp or _time(moment)[:-2]
    segments: list[str] = []
    for field in fields:
        observation = _observation(chart, field, written)
        if observation:
            kind, value, unit = observation
            segments.append(f"OBX|{len(segments) + 1}|{kind}|{_CODES[field]}||{value}|{unit}|||||F|||{stamp}")
    if not segments:
        return
    control = f"{chart.mrn}{group.partition('^')[0]}"
    head = [_msh("ORU^R01^ORU_R01", moment, control), _pid(chart), "PV1|1|O|KARD^^^BUDAPEST"]
    yield moment, "\r".join([*head, f"OBR|1||{control}|{group}|||{stamp}", *segments])


def _observation(chart: PaperChart, field: str, written: Mapping[tuple[str, str], str]) -> tuple[str, str, str] | None:
    if field in _UNITS:
        text = written.get((chart.mrn, field), chart.value_text(field))
        if text is None:
            return None
        if field == "st_depression":
            return "ST", text.replace(".", ","), _UNITS[field]
        return "NM", text, _UNITS[field]
    value = chart.row.has_coronary_disease if field == "coronary_narrowing" else getattr(chart.row, field)
    if value is None:
        return None
    if isinstance(value, bool):
        return "CE", _YES if value else _NO, ""
    return "CE", _ANSWERS[value], ""


def _adt(chart: PaperChart, event: str, moment: datetime, *segments: str) -> str:
    head = [_msh(f"ADT^{event}^ADT_A01", moment, f"{chart.mrn}{event}"), f"EVN|{event}|{_time(moment)}"]
    return "\r".join([*head, _pid(chart), "PV1|1|O|KARD^^^BUDAPEST", *segments])


def _msh(kind: str, moment: datetime, control: str) -> str:
    return f"MSH|^~\\&|MEDSOL|BUDAPEST|WARDROUND|BUDAPEST|{_time(moment)}||{kind}|{control}|P|2.5.1||||||8859/2"


def _pid(chart: PaperChart) -> str:
    person = chart.person
    name = f"{person.family}^{person.given}"
    address = f"{person.street}^^{person.town}^^{person.postcode}^{person.country}"
    sex = "F" if chart.row.sex == "female" else "M"
    return f"PID|1||{chart.mrn}^^^BUDAPEST^MR||{name}||{chart.birth_year}|{sex}|||{address}||{person.phone}"


def _time(moment: datetime) -> str:
    return f"{moment:%Y%m%d%H%M%S}"


def _break_off(message: str) -> str:
    """The line went dead in the middle of the first result, before its value."""
    start = message.index("OBX|1|")
    return message[: start + 18]
