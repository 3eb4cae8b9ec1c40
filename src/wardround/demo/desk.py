"""The scripted steward at one hospital's desk: works through quarantine and held values by the doors a steward has.

Runs in a process of its own whose Django serves this hospital's home. Everything is audited under the steward's name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from wardround.demo.cast import steward_of
from wardround.demo.corrections import Correction, corrections
from wardround.demo.exports import mapping_path
from wardround.demo.paper import PaperChart, paper_charts
from wardround.demo.planter import BLOOD_PRESSURE, EXAM_DATE, RECORD, PlantedError, load_planted
from wardround.demo.source import Slug
from wardround.demo.steward import HeldValue, decide
from wardround.hospital.intake.importing import import_files
from wardround.hospital.intake.quarantine import content_of, quarantined
from wardround.hospital.intake.replaying import replay
from wardround.hospital.quality.queries import Held, fix_queue
from wardround.hospital.records.actions.decisions import accept_suggestion, confirm_value, correct_value
from wardround.web.accounts.models import User
from wardround.web.audit.actor import Actor

# A corrected value may be flagged again; nothing needs more passes than there are ways to decide.
_PASSES = 4
_FROM_PAPER = "Read again from the paper chart."
_DATED_WRONGLY = frozenset({"before_birth", "after_death", "future", "end_before_start", "date"})


@dataclass(frozen=True, kw_only=True)
class DeskWork:
    """What the steward found and did at one hospital; counts as in ``story.HospitalStory``."""

    quarantined: int
    caught: int
    accepted: int
    corrected: int
    confirmed: int
    replayed: int
    left_held: int
    false_alarms: int
    kinds: tuple[tuple[str, int, int], ...]
    missed: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def work_through(folder: Path, hospital: Slug, *, seed: int) -> DeskWork:
    """Decide everything that waits; ``folder`` holds the exports and the paper charts."""
    charts = paper_charts(hospital, seed=seed)
    by_number = {chart.mrn: chart for chart in charts}
    wrong_records = corrections(folder, hospital, charts=charts)
    steward = User.objects.get(username=steward_of(hospital).username).as_actor()

    held = fix_queue(steward)
    quarantine = _replay_quarantine(wrong_records, by=steward)
    dated_wrongly = {one.patient_number for one in held if one.finding in _DATED_WRONGLY}
    resent = _send_again([c for c in wrong_records if c.mrn in dated_wrongly], hospital, by=steward)
    decided = _decide_all(by_number, by=steward)

    planted = load_planted(folder / "paper" / f"{hospital}.json")
    missed = [error for error in planted if not _is_caught(error, held=held, quarantine=quarantine.owners)]
    caught_kinds = _kinds(planted, missed=missed)
    return DeskWork(
        quarantined=quarantine.items,
        caught=len(planted) - len(missed),
        accepted=decided["accept"],
        corrected=decided["correct"],
        confirmed=decided["confirm"],
        replayed=quarantine.replayed + resent,
        left_held=len(fix_queue(steward)),
        false_alarms=decided["confirm"] + quarantine.items - quarantine.replayed,
        kinds=caught_kinds,
        missed=tuple(f"{error.mrn} {error.field} {error.kind}" for error in missed),
    )


@dataclass(frozen=True)
class _Quarantine:
    items: int
    replayed: int
    owners: frozenset[str]


def _replay_quarantine(wrong_records: Sequence[Correction], *, by: Actor) -> _Quarantine:
    """Replay each refused record as the paper chart has it; one that paper has too is left where it is."""
    owners, items, replayed = set(), 0, 0
    for item in quarantined(by):
        items += 1
        _, source = content_of(item.id, by=by)
        correction = next((c for c in wrong_records if c.file == source.file and c.is_in(source.raw)), None)
        if correction is None:
            continue
        report = replay(item.id, by=by, corrected=correction.applied_to(source.raw))
        owners.add(correction.mrn)
        replayed += not report.quarantined
    return _Quarantine(items=items, replayed=replayed, owners=frozenset(owners))


def _send_again(wrong_records: Sequence[Correction], hospital: Slug, *, by: Actor) -> int:
    """A wrong date is no value that can be corrected: the record is sent again, dated as on paper, and replaces the old one."""
    with TemporaryDirectory() as scratch:
        for number, correction in enumerate(wrong_records):
            file = Path(scratch) / str(number) / correction.file
            file.parent.mkdir()
            file.write_bytes(correction.as_file())
            import_files([file], by=by, mapping_text=mapping_path(hospital).read_text("utf-8"))
    return len(wrong_records)


def _decide_all(charts: Mapping[str, PaperChart], *, by: Actor) -> dict[str, int]:
    counts = {"accept": 0, "correct": 0, "confirm": 0}
    for _ in range(_PASSES):
        before = dict(counts)
        for held in _waiting(by):
            _carry_out(held, charts=charts, by=by, counts=counts)
        if counts == before:
            break
    return counts


def _waiting(by: Actor) -> Iterator[Held]:
    """The queue, read again after each decision: accepting one of two swapped pressures settles the other."""
    done: set[int] = set()
    while True:
        # A wrong record is sent again as a whole; here single values are decided.
        left = [held for held in fix_queue(by) if not held.is_record and held.id not in done]
        if not left:
            return
        done.add(left[0].id)
        yield left[0]


def _carry_out(held: Held, *, charts: Mapping[str, PaperChart], by: Actor, counts: dict[str, int]) -> None:
    number = held.value if isinstance(held.value, float) else None
    question = HeldValue(
        id=held.id,
        mrn=held.patient_number,
        measurement=held.measurement,
        value=number,
        suggestion=held.suggestion,
        suggestion_unit=held.suggestion_unit,
    )
    decision = decide(question, charts=charts)
    if decision.verdict == "leave":
        return
    if decision.verdict == "accept":
        accept_suggestion(held.id, by=by)
    elif decision.verdict == "confirm":
        confirm_value(held.id, by=by, reason=_FROM_PAPER)
    elif decision.value is not None:
        correct_value(held.id, by=by, value=decision.value, unit=decision.unit, reason=_FROM_PAPER)
    counts[decision.verdict] += 1


def _is_caught(error: PlantedError, *, held: Sequence[Held], quarantine: frozenset[str]) -> bool:
    """Whether the planted error itself was held or refused, not merely something else of the same patient."""
    if error.mrn in quarantine and error.field in (EXAM_DATE, RECORD):
        return True
    own = [one for one in held if one.patient_number == error.mrn]
    if error.field == EXAM_DATE:
        return any(one.finding in _DATED_WRONGLY for one in own)
    if error.field == BLOOD_PRESSURE:
        return any(one.measurement in ("systolic_pressure", "diastolic_pressure") for one in own)
    return any(one.measurement == error.field for one in own)


def _kinds(planted: Sequence[PlantedError], *, missed: Sequence[PlantedError]) -> tuple[tuple[str, int, int], ...]:
    names = dict.fromkeys(error.kind for error in planted)
    return tuple(
        (
            name,
            sum(error.kind == name for error in planted),
            sum(error.kind == name for error in planted) - sum(error.kind == name for error in missed),
        )
        for name in names
    )
