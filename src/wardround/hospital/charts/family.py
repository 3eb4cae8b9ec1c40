"""Family history: each relative, what they had and at what age, and whether they are alive (FHIR R4, FamilyMemberHistory)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_lazy, ngettext

from wardround.hospital.charts.fhir_text import concept_text, joined, notes_of, period_text, quantity_text, start_of
from wardround.hospital.charts.opened import Record
from wardround.hospital.charts.statement import Statement, Tag
from wardround.web.layout.dates import day_text, when_text

TYPES = ("FamilyMemberHistory",)
_STATES = {"partial": gettext_lazy("Not complete"), "health-unknown": gettext_lazy("Health not known")}
_WHOLE_AGES = {"a", "mo", "wk", "d"}


@dataclass(frozen=True)
class Had:
    """What a relative had: "Breast cancer", "at 45 years · cause of death"."""

    title: str
    details: str


@dataclass(frozen=True)
class Relative(Statement):
    """One relative; `title` is the relation to the patient, `life` whether they are alive and how old."""

    had: tuple[Had, ...] = ()
    life: str = ""

    @property
    def said(self) -> str:
        conditions = ", ".join(joined((one.title, one.details)) for one in self.had)
        return joined((self.title, self.life, conditions))


def relative(record: Record) -> Relative | None:
    """One relative; nothing for what was entered in error."""
    body = record.body
    state = str(body.get("status", ""))
    if state == "entered-in-error":
        return None
    recorded = gettext("recorded %(when)s") % {"when": day_text(body["date"])} if body.get("date") else ""
    unknown = concept_text(body.get("dataAbsentReason"))
    return Relative(
        type=record.type,
        id=record.id,
        title=concept_text(body.get("relationship")) or gettext("Relative"),
        sorted_by=start_of(body, "date"),
        details=joined((str(body.get("name", "")), recorded, unknown)),
        tags=(Tag(str(_STATES[state]), "plain"),) if state in _STATES else (),
        notes=notes_of(body),
        had=tuple(_had(one) for one in body.get("condition", ()) if isinstance(one, Mapping)),
        life=_life(body),
    )


def age_text(age: Any) -> str:
    """ "45 years", "3 months": an Age in its own unit, as it is recorded."""
    if not isinstance(age, Mapping) or "value" not in age:
        return ""
    if age.get("code") not in _WHOLE_AGES or age["value"] != int(age["value"]):
        return quantity_text(age)
    count = int(age["value"])
    words = {
        "a": ngettext("%(count)s year", "%(count)s years", count),
        "mo": ngettext("%(count)s month", "%(count)s months", count),
        "wk": ngettext("%(count)s week", "%(count)s weeks", count),
        "d": ngettext("%(count)s day", "%(count)s days", count),
    }[age["code"]] % {"count": count}
    return f"{age.get('comparator', '')} {words}".strip()


def _had(condition: Mapping[str, Any]) -> Had:
    fatal = gettext("cause of death") if condition.get("contributedToDeath") is True else ""
    details = joined((_onset(condition), concept_text(condition.get("outcome")), fatal, *notes_of(condition)))
    return Had(title=concept_text(condition.get("code")) or gettext("Not coded"), details=details)


def _onset(condition: Mapping[str, Any]) -> str:
    age = age_text(condition.get("onsetAge")) or _range(condition.get("onsetRange"))
    if age:
        return gettext("at %(age)s") % {"age": age}
    return period_text(condition.get("onsetPeriod")) or str(condition.get("onsetString", ""))


def _life(body: Mapping[str, Any]) -> str:
    """Deceased with the age, the day, or as it was told; else born and how old."""
    age = age_text(body.get("deceasedAge")) or _range(body.get("deceasedRange"))
    if age:
        return gettext("deceased, at %(age)s") % {"age": age}
    when = when_text(body.get("deceasedDate")) or str(body.get("deceasedString", ""))
    if when:
        return gettext("deceased, %(when)s") % {"when": when}
    if body.get("deceasedBoolean") is True:
        return gettext("deceased")
    alive = gettext("alive") if body.get("deceasedBoolean") is False else ""
    old = age_text(body.get("ageAge")) or _range(body.get("ageRange")) or str(body.get("ageString", ""))
    if old and body.get("estimatedAge") is True:
        old = gettext("about %(age)s") % {"age": old}
    born = when_text(body.get("bornDate")) or period_text(body.get("bornPeriod")) or str(body.get("bornString", ""))
    return joined((alive, old, gettext("born %(when)s") % {"when": born} if born else ""))


def _range(limits: Any) -> str:
    if not isinstance(limits, Mapping):
        return ""
    return " – ".join(filter(None, (age_text(limits.get("low")), age_text(limits.get("high")))))
