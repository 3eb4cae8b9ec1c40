"""One hospital's study matrix, by the way learning takes it (records, MEDS, cohort, features), beside the source's.

Runs in a process of its own whose Django serves this hospital's home.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from wardround.demo.paper import paper_charts
from wardround.demo.source import Slug
from wardround.demo.study import heart_study
from wardround.demo.truth import FEATURES, HELD_FOR_GOOD, LABEL, study_row
from wardround.hospital.records.access import patient_for
from wardround.hospital.records.models import Resource
from wardround.hospital.records.queries import banner, iter_patients_facts
from wardround.hospital.training.events import events_of
from wardround.interchange.meds import Event, write_meds
from wardround.learning.cohort import extract_cohort, read_events
from wardround.learning.features import RawTable, raw_features
from wardround.web.audit.actor import system_actor


@dataclass(frozen=True, kw_only=True)
class MatrixCheck:
    """How the records compare with the source, cell by cell (13 inputs and the label of every patient).

    ``resources`` counts all FHIR resources in the records. ``different`` names hospital number and column; ``held`` are the source's impossible cells, empty in the records.
    """

    patients: int
    resources: int
    cells: int
    different: tuple[str, ...]
    held: int


def check_matrix(hospital: Slug, *, seed: int) -> MatrixCheck:
    """Compare the home's records with the source. A patient who is missing or extra is a difference too."""
    found = matrix_by_number()
    charts = {chart.mrn: chart for chart in paper_charts(hospital, seed=seed)}
    truth = {mrn: study_row(chart.row) for mrn, chart in charts.items()}
    different = [f"{mrn} is in only one of the two" for mrn in sorted(truth.keys() ^ found.keys())]
    columns = (*FEATURES, LABEL)
    for mrn in sorted(truth.keys() & found.keys()):
        different += [f"{mrn} {column}" for column in columns if truth[mrn][column] != found[mrn][column]]
    return MatrixCheck(
        patients=len(found),
        resources=Resource.objects.filter(is_deleted=False).count(),
        cells=len(truth) * len(columns),
        different=tuple(different),
        held=sum(place == hospital for place, _, _ in HELD_FOR_GOOD),
    )


def matrix_by_number() -> dict[str, dict[str, Any]]:
    """Every labelled patient's inputs and label as ``truth.study_row`` has them, by hospital number."""
    actor = system_actor("demo matrix")
    study = heart_study()
    events: list[Event] = []
    patients: dict[int, str] = {}
    for subject, facts in enumerate(iter_patients_facts(actor), 1):
        patients[subject] = facts.patient_id
        events.extend(events_of(facts, subject=subject))
    with TemporaryDirectory() as scratch:
        write_meds(Path(scratch), events)
        cohort = extract_cohort(Path(scratch), task=study.cohort.task)
        raw = raw_features(read_events(Path(scratch)), index_times=cohort.times, features=study.features)
    rows = {}
    for row, subject in enumerate(cohort.times):
        number = banner(patient_for(actor, patients[subject])).number
        rows[number] = _cells(raw, row) | {LABEL: bool(cohort.labels[row])}
    return rows


def _cells(raw: RawTable, row: int) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for feature in raw.features:
        value = raw.columns[feature.name][row]
        if feature.kind == "numeric":
            cells[feature.name] = None if math.isnan(value) else float(value)
        elif feature.kind == "boolean":
            cells[feature.name] = None if value is None else value == "true"
        else:
            cells[feature.name] = value
    return cells
