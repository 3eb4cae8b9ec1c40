"""Who a chart is about, by the rules of the NHS Common User Interface, with what must be seen on every page: allergies first.

SURNAME, Given (Title); born and age; sex; number; ward and bed; weight with its date; problems; whether somebody else here
has the same name.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext

from wardround.clinical.catalogue import load_catalogue
from wardround.hospital.charts.ages import printed_age
from wardround.hospital.charts.allergies import Alerts, alerts_of
from wardround.hospital.charts.namesakes import has_namesake
from wardround.hospital.charts.opened import Record, of_types
from wardround.hospital.charts.problems import problem
from wardround.hospital.charts.rounded import shown_value
from wardround.hospital.charts.stays import place_now, present_stays, stay_now
from wardround.hospital.charts.usual import Whose
from wardround.hospital.records.access import Patient
from wardround.hospital.records.models import Fact, StandardValue
from wardround.hospital.records.people import person_of
from wardround.web.layout.dates import day_text, when_text
from wardround.web.layout.printed import printed_unit

_SEXES = {"female": "Female", "male": "Male", "other": "Other"}
_PROBLEMS = 3  # named in the banner; the others are counted


@dataclass(frozen=True)
class Banner:
    """The banner of a chart; what is not recorded is "Not known", never a question mark."""

    id: str
    name: str
    title: str  # "Ms", as recorded
    born: str
    age: str  # "63y", "9w 2d"; of the dead, their age at death; empty when the birth is not known
    sex: str
    number: str
    died: str  # "died 02-Mar-2026"; empty for the living
    is_admitted: bool
    place: str  # ward and bed of whoever is admitted, as far as they are recorded
    allergies: Alerts
    problems: tuple[str, ...]
    more_problems: int
    weight: str
    weighed: datetime | None
    has_namesake: bool
    whose: Whose


def banner_for(patient: Patient) -> Banner:
    """Of a patient whom the door has given."""
    found = of_types(patient.id, ("Patient", "AllergyIntolerance", "Condition"), also=present_stays())
    body = next(record.body for record in found if record.type == "Patient")
    return _banner(body, records=found)


def banner_of(resource: dict[str, Any]) -> Banner:
    """From a Patient resource that the door has given."""
    found = of_types(resource["id"], ("AllergyIntolerance", "Condition"), also=present_stays())
    return _banner(resource, records=found)


def _banner(body: dict[str, Any], *, records: list[Record]) -> Banner:
    person = person_of(body)
    problems = [line for r in records if r.type == "Condition" and (line := problem(r)) is not None]
    active = [line for line in problems if not line.is_past and not line.is_suspected]
    active.sort(key=lambda line: line.sorted_by, reverse=True)
    titles = list(dict.fromkeys(line.title for line in active))
    weight, weighed = _weight(body["id"])
    stay = stay_now(records)
    return Banner(
        id=body["id"],
        name=printed_name(person.name),
        title=_title(body),
        born=printed_birth(person.birth),
        age=_age(body),
        sex=printed_sex(person.gender),
        number=person.number or gettext("Not known"),
        died=died(body),
        is_admitted=stay is not None,
        place=place_now(stay) if stay is not None else "",
        allergies=alerts_of(records),
        problems=tuple(titles[:_PROBLEMS]),
        more_problems=max(len(titles) - _PROBLEMS, 0),
        weight=weight,
        weighed=weighed,
        has_namesake=has_namesake(body),
        whose=Whose(
            birth_year=int(person.birth[:4]) if person.birth[:4].isdecimal() else None,
            sex=cast("Any", person.gender) if person.gender in {"male", "female"} else None,
        ),
    )


def printed_name(name: str) -> str:
    """Kovács, Ilona -> KOVÁCS, Ilona; Kovács -> KOVÁCS: the family name is unmistakable, also where it stands alone."""
    family, comma, given = name.partition(", ")
    is_family = bool(comma) or " " not in name
    return f"{family.upper()}{comma}{given}" if name and is_family else name or gettext("Not known")


def printed_sex(code: str) -> str:
    """The word for FHIR's administrative gender."""
    return gettext(_SEXES.get(code, "Not known"))


def printed_birth(birth: str) -> str:
    """14-Mar-1958, Mar-1958 or 1958, as far as it is known."""
    return day_text(birth) or gettext("Not known")


def age_today(birth: str) -> str:
    """The age of whoever is alive; empty where no birth is recorded."""
    return printed_age(birth, on=timezone.localdate())


def died(body: dict[str, Any]) -> str:
    """ "died 02-Mar-2026", or "died" where the day is not recorded; empty for the living."""
    when = body.get("deceasedDateTime")
    if when:
        return gettext("died %(when)s") % {"when": when_text(str(when)[:10])}
    return gettext("died") if body.get("deceasedBoolean") is True else ""


def _title(body: dict[str, Any]) -> str:
    names = [name for name in body.get("name", ()) if isinstance(name, dict)]
    name = next((one for one in names if one.get("use") == "official"), names[0] if names else {})
    return " ".join(str(part) for part in name.get("prefix", ()) if part)


def _age(body: dict[str, Any]) -> str:
    """Of the dead it is the age at death. What a partial date leaves open is not said."""
    birth, death = str(body.get("birthDate", "")), str(body.get("deceasedDateTime", ""))
    if not death:
        return "" if body.get("deceasedBoolean") is True else age_today(birth)
    try:
        day = date.fromisoformat(death[:10])
    except ValueError:
        return ""
    return printed_age(birth, on=day) if len(birth) >= len("1958-03-14") else ""


def _weight(patient_id: str) -> tuple[str, datetime | None]:
    rows = StandardValue.objects.filter(
        patient_id=patient_id,
        measurement="body_weight",
        fact=Fact.MEASUREMENT,
        is_current=True,
        is_held=False,
        not_standard="",
        value_number__isnull=False,
        time__isnull=False,
        resource__is_deleted=False,
    )
    row = rows.order_by("-time", "-id").first()
    if row is None:
        return "", None
    value = shown_value(row.value_number, measurement=load_catalogue().by_key("body_weight"))
    return f"{value} {printed_unit(row.unit)}", row.time
