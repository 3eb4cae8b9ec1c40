"""The change history of a chart: every version, who made it, when, why, and which file and line it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, gettext_lazy

from wardround.clinical.catalogue import Coding, load_catalogue
from wardround.hospital.charts.changed_parts import TYPES, changed_parts, limit_parts
from wardround.hospital.charts.drugs import Stored, stored_drugs
from wardround.hospital.charts.history import History, StoredVersion
from wardround.hospital.charts.observed_text import printed_observed
from wardround.hospital.charts.one_line import one_line
from wardround.hospital.charts.results import AS_RECEIVED, title_of
from wardround.hospital.intake.queries import file_names
from wardround.hospital.records.models import Decision, StandardValue
from wardround.hospital.records.queries import value_of
from wardround.web.layout.fhir_words import title_of_kind
from wardround.web.layout.printed import printed_unit, printed_value
from wardround.web.layout.said import said

_ACTIVITIES = {
    "create": gettext_lazy("Entered"),
    "update": gettext_lazy("Changed"),
    "patch": gettext_lazy("Changed"),
    "delete": gettext_lazy("Deleted"),
    "import": gettext_lazy("Imported"),
    "accept": gettext_lazy("Suggestion accepted"),
    "correct": gettext_lazy("Corrected"),
    "withdraw": gettext_lazy("Marked as entered in error"),
    "undo": gettext_lazy("Import undone"),
}


@dataclass(frozen=True)
class StatedValue:
    """One value of a version: as standard, as received, and what it was before where it was amended."""

    title: str
    text: str
    received: str
    before: str


@dataclass(frozen=True)
class Found:
    """What is odd about the record as it stands."""

    sentence: str
    is_held: bool
    confirmed_by: str


@dataclass(frozen=True)
class Change:
    """One version of one resource."""

    time: datetime
    who: str
    activity: str
    title: str  # what the record is called; empty where its values say it
    what: str  # "Observations · version 2"
    record: str  # "Observation/o1"
    values: tuple[StatedValue, ...]
    findings: tuple[Found, ...]
    reason: str
    source: str  # "export.hl7, message 130"; empty for what nobody imported
    batch: str
    text: str  # the stored FHIR text
    is_present: bool


def changes(history: History) -> tuple[Change, ...]:
    """The versions of a page of the history, newest first."""
    files = file_names(version.row.provenance.batch for version in history.versions)
    stored = stored_drugs([version.record for version in history.versions if version.record is not None])
    return tuple(_change(version, history=history, files=files, stored=stored) for version in history.versions)


def _change(
    version: StoredVersion, *, history: History, files: Mapping[str, tuple[str, ...]], stored: Stored
) -> Change:
    provenance = version.row.provenance
    names = ", ".join(files.get(provenance.batch, ()))
    activity = _ACTIVITIES.get(provenance.activity)
    return Change(
        time=version.row.recorded,
        who=provenance.agent_name,
        activity=str(activity) if activity else provenance.activity,
        title=_name(version, stored=stored),
        what=gettext("%(kind)s · version %(number)s")
        % {"kind": title_of_kind(version.row.resource.type), "number": version.row.number},
        record=f"{version.row.resource.type}/{version.row.resource.logical_id}",
        values=_values(version, history=history),
        findings=tuple(
            Found(found.sentence, found.is_held, found.decided_by if found.decision == Decision.CONFIRMED else "")
            for found in version.findings
        ),
        reason=provenance.reason,
        source=", ".join(part for part in (names, said(provenance.position)) if part),
        batch=provenance.batch,
        text=version.record.text.decode() if version.record else "",
        is_present=version.is_present,
    )


def _name(version: StoredVersion, *, stored: Stored) -> str:
    record = version.record
    if record is None or (record.type == "Observation" and version.stated):
        return ""
    title = one_line(record, stored=stored).title
    return "" if title == title_of_kind(record.type) else title


def _values(version: StoredVersion, *, history: History) -> tuple[StatedValue, ...]:
    record, earlier = version.record, version.earlier
    if record is not None and earlier is not None and record.type in TYPES:
        parts = changed_parts(record, before=earlier)
        return tuple(StatedValue(title, now, received="", before=was) for title, was, now in parts)
    is_result = record is not None and record.type == "Observation"
    limits = limit_parts(record, before=earlier) if record is not None and is_result else {}
    stated = [_stated(row, version=version, history=history) for row in version.stated if row.path not in limits]
    return (
        *stated,
        *(StatedValue(title, now, received="", before=was) for title, was, now in limits.values()),
    )


def _stated(row: StandardValue, *, version: StoredVersion, history: History) -> StatedValue:
    earlier = history.before(row)
    text, before = _text(row), _text(earlier) if earlier else ""
    observed = version.record.observed.get(row.path) if version.record else None
    received = "" if observed is None or row.rule.startswith(AS_RECEIVED) else printed_observed(observed)
    received = "" if received == text else received
    return StatedValue(
        title=_title(row),
        text=text,
        received=received,
        before=before if before != text else "",
    )


def _title(row: StandardValue) -> str:
    if row.measurement:
        return title_of(row.measurement)
    concept = load_catalogue().concept(Coding(row.code_system, row.code)) if row.code else None
    facts = {"gender": gettext("Sex"), "birth_year": gettext("Year of birth")}
    return gettext(concept.title) if concept else facts.get(row.fact, row.code)


def _text(row: StandardValue) -> str:
    if row.not_standard:
        return gettext("not understood")
    measurement = load_catalogue().by_key(row.measurement) if row.measurement else None
    value = value_of(row)
    if value is None:
        return ""
    if row.fact == "birth_year":
        return str(int(value))
    return f"{printed_value(value, measurement=measurement)} {printed_unit(row.unit)}".strip()
