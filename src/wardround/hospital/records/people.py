"""What a Patient resource says about a person, in the words of a list or a banner."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

# Marks that turn the direction of writing. In a name they could make what stands beside it read as something else.
_TURNS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))


@dataclass(frozen=True)
class Person:
    """A patient as people call them. `birth` is as recorded: "1963" or "1963-05-02"."""

    name: str
    number: str
    number_system: str
    gender: str
    birth: str
    age: int | None  # completed years today; from a birth year alone, the years between
    has_died: bool = False


def person_of(resource: dict[str, Any]) -> Person:
    """Read a Patient resource."""
    system, number = hospital_number(resource)
    birth = str(resource.get("birthDate", ""))
    return Person(
        name=display_name(resource),
        number=number,
        number_system=system,
        gender=str(resource.get("gender", "")),
        birth=birth,
        age=_age(birth),
        has_died=bool(resource.get("deceasedDateTime")) or resource.get("deceasedBoolean") is True,
    )


def display_name(resource: dict[str, Any]) -> str:
    """ "Kovács, Ilona"; the official name before others."""
    names = [name for name in resource.get("name", []) if isinstance(name, dict)]
    if not names:
        return ""
    name = next((n for n in names if n.get("use") == "official"), names[0])
    given = " ".join(part for part in name.get("given", []) if part)
    parts = [part for part in (name.get("family", ""), given) if part]
    return (", ".join(parts) or str(name.get("text", ""))).translate(_TURNS)


def hospital_number(resource: dict[str, Any]) -> tuple[str, str]:
    """(system, value) of the hospital's own number, or of the first identifier."""
    found = list(_numbers(resource))
    return next((n for n in found if n[0].startswith("urn:wardround:mrn:")), found[0] if found else ("", ""))


def _numbers(resource: dict[str, Any]) -> Iterator[tuple[str, str]]:
    identifiers = [i for i in resource.get("identifier", []) if isinstance(i, dict) and i.get("value")]
    # MR is the code of a medical record number in HL7 table 0203.
    identifiers.sort(key=lambda i: not any(c.get("code") == "MR" for c in i.get("type", {}).get("coding", [])))
    for identifier in identifiers:
        yield str(identifier.get("system", "")), str(identifier["value"]).translate(_TURNS)


def _age(birth: str) -> int | None:
    if not birth[:4].isdecimal():
        return None
    today = timezone.localdate()
    had_birthday = birth[5:] <= today.isoformat()[5 : len(birth)]
    return today.year - int(birth[:4]) - (0 if had_birthday else 1)
