"""The cohort that a dry run showed: kept encrypted until somebody decides, and frozen as it is by an approval of it.

So an approval is quick, and of exactly what was seen: the same patients, the same values. It is refused where values
that the dry run read were corrected or withdrawn since. What was entered since is not in it, as in every frozen cohort;
at a hospital that never sleeps, to insist on nothing new would mean that nobody could approve anything.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from wardround.federation.study import Study
from wardround.hospital.records.queries import Mark, facts_of_patients, mark_now, patients_changed_since
from wardround.hospital.training import vault
from wardround.hospital.training.events import events_of, subject_id
from wardround.interchange.meds import Event, read_meds

MOST_CHANGED = 2_000  # patients; beyond, looking at each takes longer than somebody waits for a page


@dataclass(frozen=True)
class ChangedSince:
    """Patients of whom something that the dry run read is no longer so. None: too many changed to look at each."""

    patients: int | None

    @property
    def is_material(self) -> bool:
        return self.patients is None or self.patients > 0


def mark() -> dict[str, int]:
    """How far the records had come when the counting began, for a dry run's result."""
    now = mark_now()
    return {"value": now.value, "version": now.version}


def changed_since(study: Study, *, result: Mapping[str, Any], by: object) -> ChangedSince:
    """Compare the cohort that a dry run kept with the records of those who changed since. Raises SealedFileError."""
    since = Mark(value=int(result["mark"]["value"]), version=int(result["mark"]["version"]))
    changed = patients_changed_since(since, most=MOST_CHANGED + 1)
    if len(changed) > MOST_CHANGED:
        return ChangedSince(None)
    if not changed:
        return ChangedSince(0)
    subjects = {subject_id(settings.HOME, study_hash=study.hash, patient_id=one): one for one in changed}
    reads = _Reads(study)
    with vault.opened_shown(settings.HOME, study.hash, digest=str(result["cohort"])) as folder:
        then = _by_subject(read_meds(folder), among=subjects.keys(), reads=reads)
    facts = {one.patient_id: one for one in facts_of_patients(changed, by=by)}
    different = 0
    for subject, before in then.items():
        found = facts.get(subjects[subject])
        now = events_of(found, subject=subject) if found else ()
        if before - Counter(event[1:4] for event in now):
            different += 1
    return ChangedSince(different)


class _Reads:
    """Which events a study reads: those of its fields and of its task. A task that names a code otherwise reads all."""

    def __init__(self, study: Study) -> None:
        codes = [feature.code for feature in study.features]
        named = [
            predicate.get("code") for predicate in study.cohort.task["predicates"].values() if "expr" not in predicate
        ]
        self._all = not all(isinstance(code, str) for code in named)
        self._codes = frozenset(code for code in (*codes, *named) if isinstance(code, str))
        self._known: dict[str, bool] = {}

    def __contains__(self, code: str) -> bool:
        if code not in self._known:
            begins = any(code == one or code.startswith(f"{one}//") for one in self._codes)
            self._known[code] = self._all or begins
        return self._known[code]


def _by_subject(events: Iterator[Event], *, among: Iterable[int], reads: _Reads) -> dict[int, Counter[tuple[Any, ...]]]:
    wanted = frozenset(among)
    found: dict[int, Counter[tuple[Any, ...]]] = {}
    for event in events:
        if event.subject_id in wanted and event.code in reads:
            found.setdefault(event.subject_id, Counter())[event[1:4]] += 1
    return found
