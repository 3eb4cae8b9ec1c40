"""A global model that arrived is put in use only where it is no worse than what this hospital's own patients teach."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from wardround.bench.heart_model import heart_artifact, put_in_use
from wardround.hospital.training import vault
from wardround.hospital.training.adoption import adopt_received
from wardround.hospital.training.membership import startup_file
from wardround.hospital.training.models import ApprovedStudy, LocalModel, RunRecord
from wardround.hospital.training.queries import adopted_models, adopted_name, published, site_part_name
from wardround.interchange.meds import Event, write_meds
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
BY = system_actor("tests")
PATIENTS = 120
NIGHT, DAY = datetime(2026, 3, 2), datetime(2026, 3, 4)  # noqa: DTZ001 - as in MEDS: UTC without a zone


def patients() -> Iterator[Event]:
    """Invented ones. Every other one is ill, and nine of ten of these have angina under exercise, of the others one."""
    for subject in range(1, PATIENTS + 1):
        ill, is_odd_one = subject % 2 == 0, subject % 20 in (3, 4)
        yield Event(subject, None, f"GENDER//{'male' if subject % 3 else 'female'}")
        yield Event(subject, datetime(1950 + subject % 30, 1, 1), "MEDS_BIRTH")  # noqa: DTZ001
        yield Event(subject, NIGHT, f"WARDROUND//exercise_angina//{str(ill != is_odd_one).lower()}")
        yield Event(subject, DAY, "WARDROUND//coronary_angiography")
        yield Event(subject, DAY, f"WARDROUND//coronary_narrowing//{str(ill).lower()}")
        if ill:
            yield Event(subject, DAY, "ICD10CM//I25.10")


@pytest.fixture
def study(db, settings) -> Iterator[ApprovedStudy]:
    """The heart study, approved, with its cohort frozen, and a model of an earlier day in use."""
    home = settings.HOME
    put_in_use(home)
    found = ApprovedStudy.objects.get()
    startup = startup_file(home)  # the engine's kit says what the federation calls this hospital
    startup.parent.mkdir(parents=True, exist_ok=True)
    startup.write_text('{"client": {"fqsn": "budapest"}}', "utf-8")
    with vault.private_folder(home) as folder:
        write_meds(folder, patients())
        vault.keep_cohort(home, found.hash, folder)
    yield found
    startup.unlink()
    for sealed in (*home.cohorts.glob("*.sealed"), *home.models.glob("*.sealed")):
        sealed.unlink()


@pytest.fixture
def arrives(study, settings):
    """arrives(times): the heart model with its weights so many times themselves arrives from a run."""

    def arrive(times: float) -> None:
        model = heart_artifact(published(study).study)
        wrong = replace(model, weights=times * model.weights, fold_weights=times * model.fold_weights)
        vault.keep(settings.HOME, vault.received_name(study.hash, "heart-2"), wrong.to_bytes())

    return arrive


def test_a_model_that_is_worse_here_beyond_doubt_is_kept_beside_the_hospitals_own(study, arrives, settings):
    arrives(-60.0)

    [adopted] = adopt_received(by=BY)

    assert adopted.kind == "local"
    assert [model.kind for model in adopted_models()] == ["local"]
    beside = LocalModel.objects.get(run__run_id="heart-2", kind="federated")
    assert not beside.is_current
    assert beside.figures["adopted"]["brier"] > adopted.figures["adopted"]["brier"]
    assert vault.has(settings.HOME, adopted_name(beside.pk))  # so that a person may overrule the decision
    assert AuditEvent.objects.filter(action="model.keep", what=f"LocalModel/{beside.pk}").count() == 1
    assert AuditEvent.objects.filter(action="model.adopt", what=f"LocalModel/{adopted.pk}").count() == 1


def test_a_model_that_is_no_worse_here_is_put_in_use_with_the_hospitals_own_part_and_decided_on_once(
    study, arrives, settings
):
    arrives(1.0)

    [adopted] = adopt_received(by=BY)

    assert adopted.kind == "federated"
    assert list(LocalModel.objects.filter(is_current=True)) == [adopted]
    assert list(LocalModel.objects.filter(run__run_id="heart-2")) == [adopted]
    assert vault.has(settings.HOME, site_part_name(adopted.pk))
    assert adopt_received(by=BY) == []
    assert RunRecord.objects.filter(run_id="heart-2").count() == 1
