"""A dry run: a study tried out on this hospital's own patients before anybody decides. It opens no connection and
writes no receipt: nothing leaves.

The page asks for one, the worker does it in a process of its own, for learning needs torch. The page shows counts and
figures, of no patient. The cohort itself is kept encrypted until somebody decides, for an approval freezes exactly what
was shown (see shown_cohort.py).
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from wardround.federation.errors import FederationError
from wardround.federation.study import Study
from wardround.hospital.records.access import require
from wardround.hospital.training import vault
from wardround.hospital.training.cohort import CohortFacts, build_cohort
from wardround.hospital.training.joining import joined_federation
from wardround.hospital.training.models import ApprovedStudy, DryRun
from wardround.hospital.training.policy import policy_of
from wardround.hospital.training.queries import published
from wardround.hospital.training.shown_cohort import mark
from wardround.web.audit.trail import record_one

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DataProblem:
    """Values with one cause that a study cannot use as they are. `entering`: patients that deciding them brings into the
    cohort; `inputs`: patients of the cohort who get an input more. `is_at_most`: what the values mean is not known yet."""

    finding: str
    of: str
    title: str
    values: int
    entering: int
    inputs: int
    is_at_most: bool


FindProblems = Callable[[Study], Sequence[DataProblem]]


def ask_dry_run(study: ApprovedStudy, *, by: object) -> DryRun:
    """One dry run of this study, for the worker to do; the one that is under way where there is one."""
    actor = require(by, "approve")
    under_way = DryRun.objects.filter(study=study, state__in=DryRun.UNDER_WAY)
    if (found := under_way.first()) is not None:
        return found
    try:
        with transaction.atomic():
            record_one(actor, "study.dry_run", what=f"Study/{study.hash[:16]}")
            return DryRun.objects.create(study=study, asked=timezone.now(), asked_by=actor.name)
    except IntegrityError:  # somebody else asked in the same moment
        return under_way.get()


def run_waiting(*, find_problems: FindProblems, by: object) -> int:
    """Do every dry run that waits, one after the other; how many were done. Needs torch."""
    require(by, "approve")
    done = 0
    while (waiting := DryRun.objects.filter(state=DryRun.State.WAITING).order_by("asked").first()) is not None:
        run_dry(waiting, find_problems=find_problems, by=by)
        done += 1
    return done


def wait_again() -> None:
    """What a killed worker left is done again."""
    DryRun.objects.filter(state=DryRun.State.RUNNING).update(state=DryRun.State.WAITING, step="")


def run_dry(dry: DryRun, *, find_problems: FindProblems, by: object) -> DryRun:
    """Count the cohort, learn from it alone, find what lowers it, and keep the result."""
    started = time.monotonic()
    study = published(dry.study).study
    try:
        _at(dry, "counting")
        began = mark()
        with vault.private_folder(settings.HOME) as folder:
            facts = build_cohort(study, folder=folder, by=by)
            kept = {"mark": began, "cohort": vault.keep_shown(settings.HOME, study.hash, folder)}
            _at(dry, "training")
            learned = _learned_alone(study, folder=folder)
        _at(dry, "problems")
        problems = [asdict(problem) for problem in find_problems(study)]
    except FederationError as error:
        return _ended(dry, DryRun.State.FAILED, sentence=str(error))
    except Exception as error:  # noqa: BLE001 - by its name only: its words may hold a patient's
        _log.error("A dry run failed: %s", type(error).__name__)
        return _ended(dry, DryRun.State.FAILED, sentence="The dry run failed on the server; its log says why.")
    counts = _counts(facts, needed=max(study.privacy.minimum_patients, policy_of(settings.HOME).minimum_patients))
    result = {**counts, **kept, **learned, "problems": problems, "seconds": round(time.monotonic() - started, 1)}
    if ApprovedStudy.objects.filter(pk=dry.study_id, patients__isnull=False).exists():
        vault.drop_shown(settings.HOME, study.hash)  # its cohort is frozen already, and stays what it is
    return _ended(dry, DryRun.State.DONE, result=result)


def latest_dry_run(study: ApprovedStudy) -> DryRun | None:
    return DryRun.objects.filter(study=study).order_by("-asked", "-id").first()


def _counts(facts: CohortFacts, *, needed: int) -> dict[str, Any]:
    return {
        "in_records": facts.in_records,
        "patients": facts.patients,
        "dropped": dict(facts.dropped),
        "needed": needed,
        "enough": facts.patients >= needed,
    }


def _learned_alone(study: Study, *, folder: Path) -> dict[str, Any]:
    """The figures of a model of this hospital's own patients, or the sentence why there is none."""
    from wardround.learning.cohort import CohortError
    from wardround.learning.evaluate import evaluate
    from wardround.learning.fit import FitError
    from wardround.learning.personalise import train_local
    from wardround.learning.predict import logits
    from wardround.learning.site import site_data, split_seed

    try:
        site = site_data(
            folder,
            task=study.cohort.task,
            features=study.features,
            test_fraction=study.training.test_fraction,
            folds=study.training.folds,
            seed=split_seed(study.hash, joined_federation().hospital),
        )
        artifact = train_local(
            site, study=study.name, study_hash=study.hash, outcome=study.cohort.label_name, spec=study.model
        )
        import numpy as np

        chances = 1 / (1 + np.exp(-logits(artifact, raw=site.held_out_raw)))
        figures = asdict(evaluate(site.held_out_labels, probabilities=chances))
    except (CohortError, FitError, ValueError):
        return {"local": None, "positives": None, "trained_on": 0}
    return {"local": figures, "positives": int(site.labels.sum()), "trained_on": len(site.training)}


def _at(dry: DryRun, step: str) -> None:
    DryRun.objects.filter(pk=dry.pk).update(state=DryRun.State.RUNNING, step=step)


def _ended(dry: DryRun, state: DryRun.State, *, result: dict[str, Any] | None = None, sentence: str = "") -> DryRun:
    dry.state, dry.step, dry.result, dry.sentence = state, "", result or {}, sentence
    dry.ended = timezone.now()
    dry.save()
    return dry
