"""A new patient: who it is, whether that person is here already, and the number under which the hospital knows them.

The hospital gives the number; where it leaves that open, one is made: W, eight random digits and a check digit (Luhn, ISO/IEC
7812-1), so that one wrong digit or two that change places make no number of anybody else.

Whoever looks like this person is shown if they are in the care of whoever asks. Others are not, and nothing is said of them;
a pair that looks alike is opened for a steward when the patient is stored.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wardround.hospital.charts.person import printed_birth, printed_name, printed_sex
from wardround.hospital.entry import drafts, once
from wardround.hospital.entry.boxes import Box
from wardround.hospital.entry.fhir_parts import first_of, present
from wardround.hospital.entry.reading import Reading
from wardround.hospital.entry.statement_form import (
    Caution,
    JudgedStatement,
    StatementForm,
    Typed,
    impossible,
    shown_boxes,
    signature,
)
from wardround.hospital.identity.entry import look_after_storing
from wardround.hospital.records.access import actor_of
from wardround.hospital.records.actions.changing import Put, one_change
from wardround.hospital.records.actions.resources import new_id
from wardround.hospital.records.actions.stating import register
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.matching import NothingToMatch, match
from wardround.hospital.records.models import TokenIndex
from wardround.hospital.records.people import person_of
from wardround.hospital.records.record_judgement import foresee_records
from wardround.interchange.fhir.json import dumps, loads
from wardround.interchange.fhir.structure import check
from wardround.web.accounts.models import User
from wardround.web.layout.said import said

_MRN = "urn:wardround:mrn:"
_MADE = f"{_MRN}made-here"
_OLDEST = 110  # years: older than that, a wrong century is likelier
_ALIKE = 5  # likely same people that are shown
SEXES = (("", "–"), ("female", _("Female")), ("male", _("Male")), ("other", _("Other")), ("unknown", _("Not known")))


@dataclass(frozen=True)
class Alike:
    """Somebody here who may be the same person, beside what was typed."""

    id: str
    name: str
    lines: tuple[tuple[str, str, str, bool], ...]  # what, as typed, as it is here, are they alike


@dataclass(frozen=True)
class JudgedPatient:
    """The form, and who is here already."""

    entered: JudgedStatement
    alike: tuple[Alike, ...] = ()


def boxes() -> tuple[Box, ...]:
    """What is asked about a person."""
    return (
        Box("family", _("Family name"), is_required=True, is_half=True, most=100),
        Box("given", _("Given names"), is_half=True, most=100),
        Box(
            "birth",
            _("Born"),
            "date",
            is_required=True,
            is_half=True,
            hint=_("02-May-1963, 05-1963 or 1963; empty if not known"),
        ),
        Box("sex", _("Sex"), "choice", choices=SEXES, is_required=True, is_half=True),
        Box("number", _("Hospital number"), is_half=True, most=40, hint=_("Empty: one is made.")),
        Box("phone", _("Telephone"), is_half=True, most=40),
        Box("street", _("Street and number"), most=120),
        Box("postcode", _("Postcode"), is_half=True, most=20),
        Box("city", _("Town"), is_half=True, most=80),
    )


NEW_PATIENT = StatementForm(
    name="new-patient",
    type="Patient",
    title=_("New patient"),
    save_title=_("Register the patient"),
    boxes=lambda _context: boxes(),
    written=lambda reading, _context: [Put(_patient(reading), activity="create")],
    places={"birthDate": "birth", "gender": "sex", "name": "family", "identifier": "number"},
)


def judged_patient(typed: Typed, *, by: User) -> JudgedPatient:
    """Read and judge what was typed, and look for the same person. Who was looked for is not kept."""
    asked = boxes()
    reading = Reading(typed, boxes=asked)
    body = _patient(reading)
    problems = dict(reading.problems)
    if not problems:
        problems |= {NEW_PATIENT.box_of(p.path.partition(".")[2]): p.sentence for p in check(body)}
    cautions: list[Caution] = []
    alike: tuple[Alike, ...] = ()
    if not problems:
        [found] = foresee_records([body], patient_id="", now=timezone.now(), blind=BlindIndex())
        for one in found:
            box = NEW_PATIENT.box_of(one.finding.path.partition(".")[2])
            if one.finding.held and one.finding.kind == "future":
                problems.setdefault(box, impossible("future", one.finding.sentence))
            elif one.finding.held and one.finding.kind != "missing_required":
                cautions.append(Caution(box, said(one.finding.sentence), 0, one.finding.kind))
        cautions += cautions_of_birth(body)
    if not problems:
        alike = _alike(body, by=by)
        cautions += [Caution("", _may_be(one), 0, "duplicate_patient") for one in alike]
    reason = typed.get("why", "").strip()[:500]
    shown = shown_boxes(asked, typed=typed, problems=problems, warnings=() if problems else cautions)
    entered = JudgedStatement(
        NEW_PATIENT,
        shown,
        (Put(body, activity="create"),),
        problems,
        tuple(cautions),
        reason,
        is_vouched_for=bool(reason) and typed.get("warned", "") == signature(cautions),
    )
    return JudgedPatient(entered, alike)


def register_patient(form: JudgedPatient, *, by: User, token: str, is_meant: bool = False) -> str:
    """Store the patient; the id. Raises `AlreadySaved`, `SavedBefore`, and `Refused`: `Duplicate` for a number of another."""
    entered = form.entered
    if not entered.may_be_saved:
        raise ValueError("A form with problems, or with a warning that nobody answered, is not saved.")
    actor = actor_of(by)
    [put] = entered.puts
    warned = {(caution.number, caution.kind) for caution in entered.cautions}
    body = {**put.resource, "id": new_id()}
    if "identifier" not in body:
        body["identifier"] = [{"use": "usual", "system": _MADE, "value": made_number()}]
    with one_change(actor):
        once.claim(by, token=token, content=dumps(put.resource), is_meant=is_meant)
        new = replace(put, resource=body, reason=entered.reason if warned else "")
        stored = register(new, by=actor, warned=warned, reason=entered.reason)
        drafts.forget(by, drafts.key_of("new-patient"), is_saved=True)
    look_after_storing(stored, by=actor)
    return stored.logical_id


def made_number() -> str:
    """W and nine digits, the last of them Luhn's check digit."""
    digits = f"{secrets.randbelow(10**8):08d}"
    return f"W{digits}{check_digit(digits)}"


def check_digit(digits: str) -> str:
    """Luhn's: double every second digit from the right, add the digits of all, and fill up to ten."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def number_system() -> str:
    """The system of the numbers that this hospital's patients have; else one that is named after the hospital."""
    rows = TokenIndex.objects.filter(type="Patient", parameter="identifier", system__startswith=_MRN)
    counted = rows.exclude(system=_MADE).values("system").annotate(many=Count("id")).order_by("-many", "system")
    first = counted.first()
    return str(first["system"]) if first is not None else f"{_MRN}{settings.HOME.slug}"


def _patient(reading: Reading) -> dict[str, Any]:
    family, given = reading.line("family", missing=gettext("Write the family name.")), reading.line("given")
    number, phone = reading.line("number"), reading.line("phone")
    street, postcode, city = (reading.line(name) for name in ("street", "postcode", "city"))
    address = present({"use": "home", "line": [street] if street else [], "city": city, "postalCode": postcode})
    return present(
        {
            "resourceType": "Patient",
            "identifier": [{"use": "usual", "system": number_system(), "value": number}] if number else [],
            "active": True,
            "name": [present({"use": "official", "family": family, "given": given.split()})],
            "telecom": [{"system": "phone", "value": phone}] if phone else [],
            "gender": reading.choice("sex", missing=gettext("Say the sex, or that it is not known.")),
            "birthDate": reading.date("birth"),
            "address": [address] if len(address) > 1 else [],
        }
    )


def cautions_of_birth(body: Mapping[str, Any]) -> list[Caution]:
    """A birth date that is missing, or of another century."""
    birth = str(body.get("birthDate", ""))
    if not birth:
        return [
            Caution("birth", gettext("No date of birth is given. Is not even the year known?"), 0, "missing_required")
        ]
    age = timezone.localdate().year - int(birth[:4])
    if age > _OLDEST:
        sentence = gettext("The patient would be %(age)s years old. Is it the right century?") % {"age": age}
        return [Caution("birth", sentence, 0, "date")]
    return []


def _alike(body: dict[str, Any], *, by: User) -> tuple[Alike, ...]:
    try:
        found = match(by, body, count=_ALIKE, only_certain=False)
    except NothingToMatch:
        return ()
    return tuple(_beside(body, loads(one.patient.text or b"{}")) for one in found)


def _beside(typed: dict[str, Any], here: dict[str, Any]) -> Alike:
    one, other = _shown(typed), _shown(here)
    lines = tuple((name, one[name], other[name], one[name].casefold() == other[name].casefold()) for name in one)
    return Alike(str(here["id"]), printed_name(person_of(here).name), lines)


def _shown(body: dict[str, Any]) -> dict[str, str]:
    person = person_of(body)
    address = first_of(body.get("address"))
    place = " ".join([*address.get("line", ()), address.get("postalCode", ""), address.get("city", "")]).strip()
    phone = next((str(t.get("value", "")) for t in body.get("telecom", ()) if t.get("system") == "phone"), "")
    return {
        gettext("Name"): printed_name(person.name),
        gettext("Born"): printed_birth(person.birth),
        gettext("Sex"): printed_sex(person.gender),
        gettext("Hospital number"): person.number or "–",
        gettext("Telephone"): phone or "–",
        gettext("Address"): place or "–",
    }


def _may_be(one: Alike) -> str:
    return gettext("%(name)s may be the same person.") % {"name": one.name}
