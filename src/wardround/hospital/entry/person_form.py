"""The form that corrects who a patient is: name, birth, sex, death, numbers, telephones and addresses, as the record has them.

What the record has several of has a box for each; what nobody touched stays as it was received.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wardround.hospital.entry.boxes import Box, Words
from wardround.hospital.entry.death import (
    death_cautions,
    is_dead,
    refuse_impossible,
    time_of_death,
    with_death,
    without_death,
)
from wardround.hospital.entry.fhir_parts import code_in
from wardround.hospital.entry.new_patient import SEXES, cautions_of_birth, number_system
from wardround.hospital.entry.numbers_shared import patients_with
from wardround.hospital.entry.present_records import PresentRecord
from wardround.hospital.entry.reading import Reading
from wardround.hospital.entry.stated_times import read_time, time_box, typed_time
from wardround.hospital.entry.statement_form import Caution, Context, StatementForm
from wardround.hospital.records.actions.changing import Put
from wardround.hospital.records.identities import identifiers_of

_DECADE = 10  # years
_MRN = "urn:wardround:mrn:"
_LIVES = (("", _("Living, as far as is known")), ("died", _("Died")))
_CONTACTS = {
    "phone": _("Telephone"),
    "email": _("E-mail"),
    "fax": _("Fax"),
    "sms": _("Mobile telephone"),
    "pager": _("Pager"),
}
_USES = {
    "home": _("at home"),
    "work": _("at work"),
    "mobile": _("mobile"),
    "old": _("no longer used"),
    "temp": _("for a time"),
}
# Elements of an Address, their boxes, and whether there is a box also where the record says nothing of it.
_ADDRESS: tuple[tuple[str, str, Words, bool], ...] = (
    ("line", "street", _("Street and number"), True),
    ("postalCode", "postcode", _("Postcode"), True),
    ("city", "city", _("Town"), True),
    ("district", "district", _("District"), False),
    ("state", "state", _("State"), False),
    ("country", "country", _("Country"), False),
)


def person_form(record: PresentRecord) -> StatementForm:
    """The form for this Patient."""
    return StatementForm(
        name="person",
        type="Patient",
        title=_("Correct the personal details"),
        save_title=_("Save the correction"),
        boxes=lambda _context: _boxes(record.body),
        written=partial(_written, record),
        places={"birthDate": "birth", "gender": "sex", "deceased": "died", "name": "family", "identifier": "number0"},
        list_route="chart",
        cautions=partial(_cautions, record),
        typed_of=_typed_of,
    )


def _boxes(body: Mapping[str, Any]) -> tuple[Box, ...]:
    name = _name(body)
    in_one = gettext("Recorded in one piece: “%(name)s”.") % {"name": name["text"]} if _is_in_one_piece(name) else ""
    titled = (Box("title", _("Title"), is_half=True, most=40),) if name.get("prefix") else ()
    died = time_of_death(body)
    return (
        Box("family", _("Family name"), is_required=True, is_half=True, most=100, hint=in_one),
        Box("given", _("Given names"), is_half=True, most=100),
        *titled,
        Box("birth", _("Born"), "date", is_required=True, is_half=True,
            hint=_("02-May-1963, 05-1963 or 1963; empty if not known")),
        Box("sex", _("Sex"), "choice", choices=SEXES, is_required=True, is_half=True),
        Box("life", _("Living or died"), "choice", choices=_LIVES, is_half=True),
        time_box("died", _("Time of death"), stands=died, hint=_("Only of somebody who died. Empty: the time is not known.")),
        *_number_boxes(body),
        *_contact_boxes(body),
        *_address_boxes(body),
    )  # fmt: skip


def _number_boxes(body: Mapping[str, Any]) -> Iterator[Box]:
    """The only number of a patient can be put right, and not taken out."""
    numbers = _with_value(body.get("identifier"))
    hint = _("Empty: the number is taken out.") if len(numbers) > 1 else ""
    for at, number in enumerate(numbers or [{"system": _MRN}]):
        is_only = len(numbers) == 1
        yield Box(f"number{at}", _called(number), is_required=is_only, is_half=True, most=80, hint=hint)


def _called(number: Mapping[str, Any]) -> Words:
    """What a number is: what its type says, or the hospital's own."""
    kind = number.get("type") or {}
    shown = next((str(coding["display"]) for coding in kind.get("coding", ()) if coding.get("display")), "")
    if kind.get("text") or shown:
        return str(kind.get("text") or shown)
    code = code_in(kind)
    if str(number.get("system", "")).startswith(_MRN) or code == "MR":  # HL7 table 0203: medical record number
        return _("Hospital number")
    return f"{gettext('Number')} ({code})" if code else _("Number")


def _contact_boxes(body: Mapping[str, Any]) -> Iterator[Box]:
    for at, contact in enumerate(_with_value(body.get("telecom")) or [{"system": "phone"}]):
        label = _CONTACTS.get(str(contact.get("system", "")), _("Contact"))
        yield Box(f"contact{at}", label, is_half=True, most=120, hint=_USES.get(str(contact.get("use", "")), ""))


def _address_boxes(body: Mapping[str, Any]) -> Iterator[Box]:
    for at, address in enumerate(_listed(body.get("address")) or [{}]):
        for element, box, label, is_always in _ADDRESS:
            if is_always or address.get(element):
                hint = _USES.get(str(address.get("use", "")), "") if element == "line" else ""
                yield Box(f"{box}{at}", label, is_half=element != "line", most=160, hint=hint)


def _typed_of(body: Mapping[str, Any]) -> dict[str, str]:
    name = _name(body)
    typed = {
        "family": str(name.get("family", "")),
        "given": " ".join(part for part in name.get("given", ()) if part),
        "title": " ".join(part for part in name.get("prefix", ()) if part),
        "birth": str(body.get("birthDate", "")),
        "sex": str(body.get("gender", "")),
        "life": "died" if is_dead(body) else "",
        **typed_time("died", time_of_death(body)),
    }
    typed |= {f"number{at}": str(one["value"]) for at, one in enumerate(_with_value(body.get("identifier")))}
    typed |= {f"contact{at}": str(one["value"]) for at, one in enumerate(_with_value(body.get("telecom")))}
    for at, address in enumerate(_listed(body.get("address"))):
        typed |= {f"{box}{at}": _part(address, element) for element, box, _label, _always in _ADDRESS}
    return typed


def _written(record: PresentRecord, reading: Reading, context: Context) -> list[Put]:
    body = copy.deepcopy(record.body)
    _write_name(body, reading)
    birth = reading.date("birth")
    if reading.is_changed("birth"):
        body.pop("_birthDate", None)  # the hour of a birth, or why none was known
        _set(body, "birthDate", birth)
    sex = reading.choice("sex", missing=gettext("Say the sex, or that it is not known."))
    if reading.is_changed("sex"):
        body.pop("_gender", None)
        _set(body, "gender", sex)
    body = _with_life(body, reading, context=context)
    _write_numbers(body, reading)
    _write_contacts(body, reading)
    _write_addresses(body, reading)
    return [Put(body)]


def _write_name(body: dict[str, Any], reading: Reading) -> None:
    family = reading.line("family", missing=gettext("Write the family name."))
    given, title = reading.line("given"), reading.line("title")
    if not reading.is_changed("family", "given", "title"):
        return
    names = [dict(name) for name in _listed(body.get("name"))] or [{"use": "official"}]
    name = names[_at_name(names)]
    name.pop("text", None)  # it said the name as it was
    for box, element, value in (
        ("family", "family", family),
        ("given", "given", given.split()),
        ("title", "prefix", title.split()),
    ):
        if reading.is_changed(box):
            name.pop(f"_{element}", None)
            _set(name, element, value)
    body["name"] = names


def _with_life(body: dict[str, Any], reading: Reading, *, context: Context) -> dict[str, Any]:
    life = reading.choice("life")
    died = read_time(reading, time_box("died", "", stands=time_of_death(body)))
    if died and life != "died":
        reading.refuse("life", gettext("A time of death is given. Choose “Died”, or empty the time."))
    if reading.is_changed("life", "died"):
        body = with_death(body, died=died) if life == "died" else without_death(body)
    if reading.is_changed("life", "died", "birth") and time_of_death(body):
        box = "died" if reading.is_changed("life", "died") else "birth"
        birth = str(body.get("birthDate", ""))
        refuse_impossible(reading, box, died=time_of_death(body), birth=birth, context=context)
    return body


def _write_numbers(body: dict[str, Any], reading: Reading) -> None:
    numbers = [dict(number) for number in _listed(body.get("identifier"))]
    stated = [number for number in numbers if number.get("value")]
    if not stated and (new := reading.line("number0")):
        body["identifier"] = [*numbers, {"use": "usual", "system": number_system(), "value": new}]
        return
    for at, number in enumerate(stated):
        value = reading.line(f"number{at}")
        if reading.is_changed(f"number{at}"):
            number.pop("_value", None)
            number["value"] = value
    if stated and all(not number["value"] for number in stated):
        reading.refuse("number0", gettext("A patient has a number. Write the right one."))
    _set(body, "identifier", [n for n in numbers if n.get("value") or n not in stated])


def _write_contacts(body: dict[str, Any], reading: Reading) -> None:
    contacts = [dict(contact) for contact in _listed(body.get("telecom"))]
    stated = [contact for contact in contacts if contact.get("value")]
    if not stated and (new := reading.line("contact0")):
        body["telecom"] = [*contacts, {"system": "phone", "value": new}]
        return
    for at, contact in enumerate(stated):
        value = reading.line(f"contact{at}")
        if reading.is_changed(f"contact{at}"):
            contact["value"] = value
    _set(body, "telecom", [c for c in contacts if c.get("value") or c not in stated])


def _write_addresses(body: dict[str, Any], reading: Reading) -> None:
    addresses = [dict(address) for address in _listed(body.get("address"))]
    for at, address in enumerate(addresses or [{"use": "home"}]):
        boxes = [(element, f"{box}{at}") for element, box, _label, _always in _ADDRESS]
        typed = {element: reading.line(box) for element, box in boxes}
        changed = [element for element, box in boxes if reading.is_changed(box)]
        if not changed:
            continue
        address.pop("text", None)  # it said the address as it was
        for element in changed:
            address.pop(f"_{element}", None)
            _set(address, element, [typed[element]] if element == "line" and typed[element] else typed[element])
        if not addresses:
            body["address"] = [address]
            return
    says = [a for a in addresses if set(a) - {"use", "type", "period"}]
    _set(body, "address", says)


def _cautions(record: PresentRecord, resources: Sequence[dict[str, Any]], context: Context) -> Iterator[Caution]:
    body, before = resources[0], record.body
    birth, stood = str(body.get("birthDate", "")), str(before.get("birthDate", ""))
    if birth != stood:
        yield from cautions_of_birth(body)
    if birth and stood and abs(int(birth[:4]) - int(stood[:4])) >= _DECADE:
        years = abs(int(birth[:4]) - int(stood[:4]))
        sentence = gettext(
            "This changes the patient's age by %(years)s years. Is it the right patient, and the right century?"
        )
        yield Caution("birth", sentence % {"years": years}, 0, "changed_age")
    if birth[:4] != stood[:4] and _family(body).casefold() != _family(before).casefold():
        sentence = gettext(
            "The family name and the year of birth both change. Is it the same person, and not another patient?"
        )
        yield Caution("family", sentence, 0, "changed_person")
    yield from _shared_numbers(record, body, context=context)
    yield from death_cautions(body, before=before, box="life", number=0)


def _shared_numbers(record: PresentRecord, body: dict[str, Any], *, context: Context) -> Iterator[Caution]:
    stood = set(identifiers_of(record.body))
    for at, number in enumerate(_with_value(body.get("identifier"))):
        pair = (str(number.get("system", "")), str(number["value"]))
        if pair in stood:
            continue
        found = patients_with(pair, other_than=context.patient.id, by=context.by)
        for name in found.names:
            sentence = gettext(
                "%(name)s has this number already. Is it one person with two records, or a wrong number?"
            )
            yield Caution(f"number{at}", sentence % {"name": name}, 0, "duplicate_number")
        if found.others:
            sentence = gettext(
                "Another patient here has this number already. Is it one person with two records, or a wrong number?"
            )
            yield Caution(f"number{at}", sentence, 0, "duplicate_number")


def _name(body: Mapping[str, Any]) -> dict[str, Any]:
    """The name that the chart shows."""
    names = _listed(body.get("name"))
    return names[_at_name(names)] if names else {}


def _at_name(names: Sequence[Mapping[str, Any]]) -> int:
    return next((at for at, name in enumerate(names) if name.get("use") == "official"), 0)


def _is_in_one_piece(name: Mapping[str, Any]) -> bool:
    return bool(name.get("text")) and not name.get("family") and not name.get("given")


def _family(body: Mapping[str, Any]) -> str:
    return str(_name(body).get("family", ""))


def _part(address: Mapping[str, Any], element: str) -> str:
    value = address.get(element, "")
    return ", ".join(str(line) for line in value if line) if isinstance(value, list) else str(value)


def _with_value(parts: Any) -> list[dict[str, Any]]:
    return [part for part in _listed(parts) if part.get("value")]


def _listed(parts: Any) -> list[dict[str, Any]]:
    return [part for part in parts or () if isinstance(part, dict)]


def _set(holder: dict[str, Any], name: str, value: Any) -> None:
    """In the same place; an element that says nothing is not there."""
    if value:
        holder[name] = value
    else:
        holder.pop(name, None)
