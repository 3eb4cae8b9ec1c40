"""Who a chart is about, by the rules of the NHS Common User Interface: SURNAME, Given; born and age; sex; number."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext

from wardround.hospital.records.people import person_of

_SEXES = {"female": "Female", "male": "Male", "other": "Other"}


@dataclass(frozen=True)
class Banner:
    """The banner of a chart; what is not recorded is "Not known", never a question mark."""

    id: str
    name: str
    born: str
    age: str  # "63y"; empty when the birth is not known
    sex: str
    number: str


def banner_of(resource: dict[str, Any]) -> Banner:
    """From a Patient resource."""
    person = person_of(resource)
    return Banner(
        id=resource["id"],
        name=printed_name(person.name),
        born=printed_birth(person.birth),
        age="" if person.age is None else gettext("%(years)sy") % {"years": person.age},
        sex=printed_sex(person.gender),
        number=person.number or gettext("Not known"),
    )


def printed_name(name: str) -> str:
    """Kovács, Ilona -> KOVÁCS, Ilona: the family name is unmistakable."""
    family, comma, given = name.partition(", ")
    return f"{family.upper()}{comma}{given}" if comma else name or gettext("Not known")


def printed_sex(code: str) -> str:
    """The word for FHIR's administrative gender."""
    return gettext(_SEXES.get(code, "Not known"))


def printed_birth(birth: str) -> str:
    """A whole date as 14-Mar-1958; a year or a month as it is recorded."""
    if len(birth) < 10:
        return birth or gettext("Not known")
    return formats.date_format(date.fromisoformat(birth[:10]), "d-M-Y")
