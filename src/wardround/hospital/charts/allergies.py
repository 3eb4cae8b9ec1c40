"""Allergies: what is recorded, that somebody asked and there is none, and that nobody has asked yet. Three different things."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext, gettext_lazy

from wardround.hospital.charts.fhir_text import codes_of, concept_text, first_code, joined, notes_of
from wardround.hospital.charts.opened import Record
from wardround.hospital.charts.statement import Statement, Tag
from wardround.web.layout.dates import day_text

_SNOMED = "http://snomed.info/sct"
# "No known ..." as FHIR R4 records it: a situation code, active and confirmed (AllergyIntolerance, examples nka, nkda, nkla).
NO_KNOWN = {
    "716186003": gettext_lazy("No known allergies"),
    "409137002": gettext_lazy("No known drug allergies"),
    "716184000": gettext_lazy("No known latex allergy"),
}
# C-CDA records the same as a refuted allergy of a whole kind (the kinds that interchange/ccda/allergies.py reads).
_NO_KNOWN_KINDS = {
    "419199007": gettext_lazy("No known allergies"),
    "416098002": gettext_lazy("No known drug allergies"),
    "414285001": gettext_lazy("No known food allergies"),
}
_OF_ALL = frozenset({"716186003", "419199007"})
_SEVERITIES = {"mild": gettext_lazy("mild"), "moderate": gettext_lazy("moderate"), "severe": gettext_lazy("severe")}
_CRITICALITIES = {"high": gettext_lazy("high risk"), "low": gettext_lazy("low risk")}
_PAST = {"inactive": gettext_lazy("Inactive"), "resolved": gettext_lazy("Resolved")}
_VERIFICATIONS = {"unconfirmed": gettext_lazy("Unconfirmed"), "refuted": gettext_lazy("Refuted")}

_GRADES = ("severe", "moderate", "mild")

Known = Literal["recorded", "none known", "not asked"]


@dataclass(frozen=True)
class Alert:
    """One allergy as the banner says it."""

    substance: str
    reaction: str
    severity: str
    criticality: str
    is_grave: bool  # severe, or of high risk
    is_unconfirmed: bool = False
    rank: int = len(_GRADES)  # 0 is severe


@dataclass(frozen=True)
class Alerts:
    """What the banner says about allergies; `denials` are statements that there is none of a kind.

    `others_unasked`: nobody has asked but about the kinds that are denied.
    """

    known: Known
    alerts: tuple[Alert, ...]
    denials: tuple[str, ...]
    others_unasked: bool = False


def alerts_of(records: Sequence[Record]) -> Alerts:
    """From the patient's present AllergyIntolerance records. What was entered in error or refuted is no allergy."""
    alerts, denials, of_all = [], [], False
    for record in records:
        if record.type != "AllergyIntolerance":
            continue
        denial, state = denial_of(record.body), _state(record.body)
        if denial and state.verification != "entered-in-error" and state.clinical not in _PAST:
            denials.append(denial)
            of_all = of_all or denies_all(record.body)
        elif state.is_present and not denial:
            alerts.append(_alert(record.body))
    alerts.sort(key=lambda alert: (not alert.is_grave, alert.rank, alert.substance.casefold()))
    known: Known = "recorded" if alerts else "none known" if denials else "not asked"
    return Alerts(known, tuple(alerts), tuple(dict.fromkeys(denials)), known == "none known" and not of_all)


def allergy(record: Record) -> Statement | None:
    """One line of the list; nothing for what was entered in error."""
    body, state = record.body, _state(record.body)
    if state.verification == "entered-in-error":
        return None
    denial, alert = denial_of(body), _alert(body)
    seen = start = body.get("onsetDateTime") or body.get("recordedDate", "")
    tags = [Tag(str(_CRITICALITIES["high"]).capitalize(), "high")] if body.get("criticality") == "high" else []
    if state.clinical in _PAST:
        tags.append(Tag(str(_PAST[state.clinical])))
    if state.verification in _VERIFICATIONS and not denial:
        tags.append(Tag(str(_VERIFICATIONS[state.verification])))
    when = gettext("recorded %(when)s") % {"when": day_text(seen)} if seen else ""
    return Statement(
        type=record.type,
        id=record.id,
        title=denial or alert.substance,
        sorted_by=str(start),
        details=joined((alert.reaction, alert.severity, when)),
        tags=tuple(tags),
        notes=notes_of(body),
        is_past=state.clinical in _PAST if denial else not state.is_present,
    )


def denial_of(body: dict[str, Any]) -> str:
    """ "No known allergies", where that is what the record says; otherwise nothing. An unconfirmed one says that it is."""
    code, state = _denied(body), _state(body)
    if not code:
        return ""
    words = str(NO_KNOWN.get(code) or _NO_KNOWN_KINDS[code])
    return gettext("%(denial)s (unconfirmed)") % {"denial": words} if state.verification == "unconfirmed" else words


def denies_all(body: dict[str, Any]) -> bool:
    """Does it say that there is no allergy of any kind?"""
    return _denied(body) in _OF_ALL


def _denied(body: dict[str, Any]) -> str:
    """The code that denies: "no known ..." unless just that is refuted, or a whole kind of allergy that is refuted."""
    codes = {code for system, code in codes_of(body.get("code")) if system == _SNOMED}
    known = _NO_KNOWN_KINDS if _state(body).verification == "refuted" else NO_KNOWN
    return next((code for code in known if code in codes), "")


@dataclass(frozen=True)
class _State:
    clinical: str
    verification: str

    @property
    def is_present(self) -> bool:
        return self.clinical not in _PAST and self.verification not in {"refuted", "entered-in-error"}


def _state(body: dict[str, Any]) -> _State:
    return _State(first_code(body.get("clinicalStatus")), first_code(body.get("verificationStatus")))


def _alert(body: dict[str, Any]) -> Alert:
    reactions = [reaction for reaction in body.get("reaction", ()) if isinstance(reaction, dict)]
    shown = [concept_text(each) for reaction in reactions for each in reaction.get("manifestation", ())]
    grades = [grade for grade in _GRADES if any(r.get("severity") == grade for r in reactions)]
    return Alert(
        substance=concept_text(body.get("code")) or gettext("Substance not known"),
        reaction=", ".join(dict.fromkeys(filter(None, shown))),
        severity=str(_SEVERITIES[grades[0]]) if grades else "",
        criticality=str(_CRITICALITIES.get(body.get("criticality", ""), "")),
        is_grave=body.get("criticality") == "high" or "severe" in grades[:1],
        is_unconfirmed=_state(body).verification == "unconfirmed",
        rank=_GRADES.index(grades[0]) if grades else len(_GRADES),
    )
