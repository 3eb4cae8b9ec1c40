"""An allergy or intolerance; or that the patient was asked and has none, which is not the same as nobody having asked.

"No known allergies" is recorded as FHIR R4 does it (AllergyIntolerance, example nka). An allergy that is recorded later ends it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wardround.hospital.entry.boxes import Box
from wardround.hospital.entry.fhir_parts import (
    code_in,
    first_note,
    first_of,
    note_of,
    present,
    says_the_same,
    shown_date,
    status,
    typed_concept,
    words_of_concept,
)
from wardround.hospital.entry.present_records import PresentRecord
from wardround.hospital.entry.reading import Reading
from wardround.hospital.entry.statement_form import Caution, Context, StatementForm, already
from wardround.hospital.records.actions.changing import Precondition, Put

_SNOMED = "http://snomed.info/sct"
_NONE_KNOWN = "716186003"  # No known allergy (FHIR R4, AllergyIntolerance, example nka)
_DENIALS = frozenset({_NONE_KNOWN, "409137002", "716184000"})
_OVER = frozenset({"resolved", "inactive"})
_UNTRUE = frozenset({"refuted", "entered-in-error"})
_KINDS = (
    ("allergy", _("An allergy")),
    ("intolerance", _("An intolerance")),
    ("none", _("No known allergies: the patient was asked")),
)
_CATEGORIES = (("", "–"), ("medication", _("Medicine")), ("food", _("Food")), ("environment", _("Environment")),
               ("biologic", _("Biologic")))  # fmt: skip
_CRITICALITIES = (("", "–"), ("high", _("High: life is at risk")), ("low", _("Low")),
                  ("unable-to-assess", _("Cannot be said")))  # fmt: skip
_SEVERITIES = (("", "–"), ("mild", _("Mild")), ("moderate", _("Moderate")), ("severe", _("Severe")))
_CERTAINTIES = (("confirmed", _("Confirmed")), ("unconfirmed", _("Reported, not confirmed")))


def _boxes(_context: Context) -> tuple[Box, ...]:
    return (
        Box("kind", _("What is recorded?"), "choice", choices=_KINDS, start="allergy", is_required=True),
        Box("substance", _("Substance"), "code", of="AllergyIntolerance", hint=_("What causes it: “penicillin”, “latex”.")),
        Box("category", _("Category"), "choice", choices=_CATEGORIES, is_half=True),
        Box("criticality", _("Risk"), "choice", choices=_CRITICALITIES, is_half=True),
        Box("reaction", _("Reaction"), is_half=True, hint=_("What happened: “rash”, “anaphylaxis”.")),
        Box("severity", _("How severe it was"), "choice", choices=_SEVERITIES, is_half=True),
        Box("certainty", _("How sure is it?"), "choice", choices=_CERTAINTIES, start="unconfirmed", is_half=True),
        Box("onset", _("Since"), "date", is_half=True, hint=_("2011, 03-2011 or 14-Mar-2011; empty if not known")),
        Box("note", _("Note"), "text", most=2000),
    )  # fmt: skip


def _written(reading: Reading, context: Context) -> list[Put]:
    kind = reading.choice("kind", missing=gettext("Say what is recorded."))
    if kind == "none":
        return [Put(_none_known(reading, context), activity="create")]
    body = {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": status("allergyintolerance-clinical", "active"),
        "verificationStatus": status("allergyintolerance-verification", reading.choice("certainty") or "unconfirmed"),
        "type": kind,
        "category": [category] if (category := reading.choice("category")) else [],
        "criticality": reading.choice("criticality"),
        "code": reading.concept("substance", missing=gettext("Write what causes it."), is_free=True),
        "patient": context.subject,
        "onsetDateTime": reading.date("onset"),
        "recordedDate": context.today,
        "recorder": context.author,
        "note": note_of(reading.line("note"), author=context.by.username, time=context.written_at),
        "reaction": _reaction(reading),
    }
    denials = [record for record in context.records("AllergyIntolerance") if is_denial(record.body)]
    return [Put(present(body), activity="create"), *(_ended(record) for record in denials)]


def _none_known(reading: Reading, context: Context) -> dict[str, Any]:
    known = [r for r in context.records("AllergyIntolerance") if _is_open(r) and not is_denial(r.body)]
    if known:
        what = ", ".join(words_of_concept(record.body.get("code")) for record in known)
        said = gettext("An allergy is recorded: %(what)s. If that is wrong, correct it first.")
        reading.refuse("kind", said % {"what": what})
    return present(
        {
            "resourceType": "AllergyIntolerance",
            "clinicalStatus": status("allergyintolerance-clinical", "active"),
            "verificationStatus": status("allergyintolerance-verification", "confirmed"),
            "code": {"coding": [{"system": _SNOMED, "code": _NONE_KNOWN}], "text": "No known allergies"},
            "patient": context.subject,
            "recordedDate": context.today,
            "recorder": context.author,
            "note": note_of(reading.line("note"), author=context.by.username, time=context.written_at),
        }
    )


def _ended(record: PresentRecord) -> Put:
    """The patient is known to have an allergy now: that there is none was true until today."""
    body = {**record.body, "clinicalStatus": status("allergyintolerance-clinical", "resolved")}
    why = gettext("An allergy was recorded.")
    return Put(body, activity="update", only_if=Precondition(version=record.version), reason=why)


def _reaction(reading: Reading) -> list[dict[str, Any]]:
    what, severity = reading.line("reaction"), reading.choice("severity")
    if severity and not what:
        reading.refuse("reaction", gettext("Write what the reaction was, or leave its severity open."))
    return [present({"manifestation": [{"text": what}], "severity": severity})] if what else []


def _cautions(resources: Sequence[dict[str, Any]], context: Context) -> Iterator[Caution]:
    is_none = is_denial(resources[0])
    for record in context.records("AllergyIntolerance"):
        if not _is_open(record) or is_denial(record.body) != is_none:
            continue
        if says_the_same(record.body.get("code"), resources[0]["code"]):
            box = "kind" if is_none else "substance"
            yield Caution(box, already(record, words_of_concept(record.body.get("code"))))


def is_denial(body: Mapping[str, Any]) -> bool:
    """Does it say that there is no allergy, and is that not over?"""
    codes = {c.get("code") for c in (body.get("code") or {}).get("coding", ()) if c.get("system") == _SNOMED}
    state = code_in(body.get("clinicalStatus"))
    return bool(codes & _DENIALS) and state not in _OVER and code_in(body.get("verificationStatus")) not in _UNTRUE


def _is_open(record: PresentRecord) -> bool:
    state, verification = (code_in(record.body.get(name)) for name in ("clinicalStatus", "verificationStatus"))
    return state not in _OVER and verification not in _UNTRUE


def _typed_of(body: Mapping[str, Any]) -> dict[str, str]:
    reaction = first_of(body.get("reaction", ()))
    return {
        **typed_concept(body.get("code"), name="substance"),
        "kind": "none" if is_denial(body) else str(body.get("type", "allergy")),
        "category": str(next(iter(body.get("category", ())), "")),
        "criticality": str(body.get("criticality", "")),
        "reaction": words_of_concept(first_of(reaction.get("manifestation", ()))),
        "severity": str(reaction.get("severity", "")),
        "certainty": code_in(body.get("verificationStatus")),
        "onset": shown_date(body.get("onsetDateTime")),
        "note": first_note(body),
    }


ALLERGY = StatementForm(
    name="allergy",
    type="AllergyIntolerance",
    title=_("Add an allergy"),
    save_title=_("Save allergy"),
    boxes=_boxes,
    written=_written,
    places={"code": "substance", "onset": "onset"},
    list_route="chart-allergies",
    cautions=_cautions,
    typed_of=_typed_of,
)
