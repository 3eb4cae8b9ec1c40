"""`bench accuracy`: clean records and records with planted errors through the import, and the figures of both."""

import json
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from wardround.bench.accuracy.charts import RecordSet
from wardround.bench.accuracy.defects import DEFECTS, defective_places
from wardround.bench.accuracy.dqd import Dashboard
from wardround.bench.accuracy.forms import FORMS, Forms
from wardround.bench.accuracy.found import Found
from wardround.bench.accuracy.heart import heart
from wardround.bench.accuracy.injection import inject
from wardround.bench.accuracy.mimic import mimic
from wardround.bench.accuracy.plants import Plant
from wardround.bench.accuracy.scoring import (
    SUGGESTED,
    Score,
    by,
    collateral,
    confusion,
    false_alarms,
    figures,
    range_check,
    scored,
)
from wardround.bench.accuracy.synthea import synthea
from wardround.bench.running import Say, run_site
from wardround.interchange.fhir.json import dumps

TARGETS = {"gross": 0.95, "history": 0.70, "suggestion": 0.90, "false_alarms": 0.01}


@dataclass(frozen=True)
class _Measured:
    """One record set, before and after."""

    records: RecordSet
    plants: tuple[Plant, ...]
    clean: Found
    dirty: Found
    clean_rivals: Mapping[str, set[str]]
    dirty_rivals: Mapping[str, set[str]]
    defects: Mapping[str, str]

    @property
    def scores(self) -> list[Score]:
        # What a rival says of the right record, too, is not a word about the error.
        rivals = {name: flagged - self.clean_rivals[name] for name, flagged in self.dirty_rivals.items()}
        return scored(self.records.key, self.plants, clean=self.clean, dirty=self.dirty, rivals=rivals)


def bench_accuracy(
    *,
    data: Path | None,
    dqd: Path | None,
    seed: int,
    patients: int,
    say: Say,
    only: Sequence[str] = (),
    forms: Forms = "known",
) -> dict[str, Any]:
    """The report of `wardround bench accuracy`. What is not there is left out and says why."""
    started = time.monotonic()
    say("reading the records")
    sets, missing = _record_sets(data, seed=seed, patients=patients, only=only)
    dashboard = Dashboard.read(dqd) if dqd else None
    if dashboard is None:
        missing["dqd"] = _say_missing("--dqd", dqd, "the folder of OHDSI's DataQualityDashboard, with inst/csv in it")
    today = date.today().isoformat()  # noqa: DTZ011 - the day of this machine, as the site takes it
    measured = _all_measured(sets, dashboard, seed=seed, today=today, say=say, forms=forms)
    scores = [score for one in measured for score in one.scores]
    return {
        "forms": forms,
        "seed": seed,
        "patients": {one.records.key: len(one.records.charts) for one in measured},
        "records": {one.records.key: {"title": one.records.title, "note": one.records.note} for one in measured},
        "missing": missing,
        "targets": TARGETS,
        "groups": _groups(scores),
        "groups_of_each": {one.records.key: _groups(one.scores) for one in measured},
        "kinds": by(scores, lambda score: score.plant.kind),
        "kinds_of_each": {one.records.key: by(one.scores, lambda score: score.plant.kind) for one in measured},
        "confusion": confusion(scores),
        "false_alarms": {one.records.key: _alarms(one) for one in measured},
        "collateral": {
            one.records.key: collateral(one.clean, one.dirty, plants=one.plants, defects=one.defects.keys())
            for one in measured
        },
        "defects": [
            {"records": defect.records, "what": defect.what, "evidence": defect.evidence} for defect in DEFECTS
        ],
        "verdicts": verdicts(scores, measured),
        "seconds": round(time.monotonic() - started, 1),
    }


def _groups(scores: Sequence[Score]) -> dict[str, Any]:
    """The groups the targets speak of, and every decimal and unit slip wherever it lands."""
    groups = by(scores, lambda score: score.plant.group)
    groups["all_slips"] = figures([score for score in scores if score.plant.family in SUGGESTED])
    return groups


def verdicts(scores: Sequence[Score], measured: Sequence[_Measured]) -> dict[str, Any]:
    """Each target, what was reached, and whether that is enough."""
    gross = figures([score for score in scores if score.plant.group == "gross"])["recall"]
    history = figures([score for score in scores if score.plant.group == "history"])["recall"]
    slips = figures([s for s in scores if s.plant.group == "gross" and s.plant.family in SUGGESTED])
    values = sum(_alarms(one)["values"] for one in measured)
    held = sum(_alarms(one)["held"]["found"] for one in measured)
    alarms = round(held / values, 5) if values else None
    return {
        "gross": _verdict(gross["share"], at_least=TARGETS["gross"]),
        "history": _verdict(history["share"], at_least=TARGETS["history"]),
        "suggestion": _verdict(slips["right_of_planted"]["share"], at_least=TARGETS["suggestion"]),
        "false_alarms": _verdict(alarms, at_most=TARGETS["false_alarms"]),
    }


def _verdict(reached: float | None, *, at_least: float = 0.0, at_most: float = 1.0) -> dict[str, Any]:
    passes = reached is not None and at_least <= reached <= at_most
    return {"reached": reached, "target": at_least or at_most, "passes": passes}


def _alarms(one: _Measured) -> dict[str, Any]:
    return false_alarms(one.clean, defects=one.defects.keys(), rivals=one.clean_rivals)


def _record_sets(
    data: Path | None, *, seed: int, patients: int, only: Sequence[str]
) -> tuple[list[RecordSet], dict[str, str]]:
    found: list[RecordSet] = []
    missing: dict[str, str] = {}
    for key, read, what in (
        ("synthea", synthea, "synthea_fhir_r4/bundles/*.json.gz"),
        ("mimic", mimic, "mimic3_demo/labevents.csv.gz and its neighbours"),
    ):
        if only and key not in only:
            continue
        records = read(data, patients=patients, seed=seed) if data else None
        if records is None:
            missing[key] = _say_missing("--data", data, f"a folder with {what}")
        else:
            found.append(records)
    if not only or "heart" in only:
        found.append(heart(patients=patients, seed=seed))
    return found, missing


def _say_missing(option: str, folder: Path | None, what: str) -> str:
    where = f"{folder} is not that" if folder else "none was named"
    return f"Left out: {option} names {what}; {where}."


def _all_measured(
    sets: Sequence[RecordSet], dashboard: Dashboard | None, *, seed: int, today: str, say: Say, forms: Forms
) -> list[_Measured]:
    planted = [
        inject(
            records,
            seed=seed,
            today=today,
            wrong_already=defective_places(records).keys(),
            kinds=FORMS[forms],
        )
        for records in sets
    ]
    both = [version for records, (dirty, _plants) in zip(sets, planted, strict=True) for version in (records, dirty)]
    largest_first = sorted(range(len(both)), key=lambda place: -sum(len(c.records) for c in both[place].charts))
    answers: dict[int, Found] = {}
    with ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        running = {place: pool.submit(_imported, both[place], say=say) for place in largest_first}
        answers = {place: future.result() for place, future in running.items()}
    say("counting")
    measured = []
    for number, (records, (dirty, plants)) in enumerate(zip(sets, planted, strict=True)):
        clean_found, dirty_found = answers[2 * number], answers[2 * number + 1]
        measured.append(
            _Measured(
                records=records,
                plants=plants,
                clean=clean_found,
                dirty=dirty_found,
                clean_rivals=_rivals(records, clean_found, dashboard, today=today),
                dirty_rivals=_rivals(dirty, dirty_found, dashboard, today=today),
                defects=defective_places(records),
            )
        )
    return measured


def _rivals(records: RecordSet, found: Found, dashboard: Dashboard | None, *, today: str) -> dict[str, set[str]]:
    flagged = range_check(found)
    if dashboard is not None:
        flagged["dqd"] = dashboard.flagged(records, today=today)
    return flagged


def _imported(records: RecordSet, *, say: Say) -> Found:
    with tempfile.TemporaryDirectory(prefix="wardround-bench-") as name:
        folder = Path(name)
        _write(records, folder / "records")
        arguments = [name]
        if records.mapping_text:
            (folder / "mapping.toml").write_text(records.mapping_text, "utf-8")
            arguments.append(str(folder / "mapping.toml"))
        run_site("wardround.bench.accuracy.site", arguments, say=lambda line: say(f"{records.title}: {line}"))
        return Found(json.loads((folder / "found.json").read_bytes()))


def _write(records: RecordSet, folder: Path) -> None:
    """One NDJSON file for each type, as a bulk export has them."""
    folder.mkdir()
    lines: dict[str, list[bytes]] = {}
    for chart in records.charts:
        for resource in chart.everything():
            lines.setdefault(resource["resourceType"], []).append(dumps(resource))
    for kind, own in lines.items():
        (folder / f"{kind}.ndjson").write_bytes(b"\n".join(own) + b"\n")
