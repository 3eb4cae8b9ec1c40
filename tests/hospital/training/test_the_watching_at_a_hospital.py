"""Every model in use is measured on the patients who came after its cohort was frozen, from the records to the page."""

import base64
from dataclasses import replace

import pytest

from wardround.bench.heart_model import put_in_use
from wardround.bench.heart_visit import visit
from wardround.federation.joining import Publication, write_letter
from wardround.federation.study import sign
from wardround.hospital.records.actions.resources import create_resource
from wardround.hospital.training import vault
from wardround.hospital.training.actions import receive_publication
from wardround.hospital.training.cohort import build_cohort
from wardround.hospital.training.membership import startup_file
from wardround.hospital.training.models import ApprovedStudy, LocalModel, StudyStanding
from wardround.hospital.training.queries import adopted_name, published
from wardround.hospital.training.watching import watch_models
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

BY = system_actor("tests")
FROZEN, SINCE = 14, 3  # half of each with the disease
pytestmark = pytest.mark.slow  # each patient is stored as the records store one


@pytest.fixture
def come(make_patient):
    """So many patients with a heart visit come to the hospital, every other one with the disease."""

    def come(many: int) -> None:
        for number in range(many):
            patient = make_patient(family=f"Family{number}", birth=f"{1950 + number}")
            for resource in visit(patient, pressure=120 + number):
                if number % 2 and resource["resourceType"] == "Condition":
                    continue
                if number % 2 and resource.get("code", {}).get("coding", [{}])[0]["code"] == "coronary_narrowing":
                    resource["valueBoolean"] = False
                create_resource(resource, by=BY)

    return come


@pytest.fixture
def key(db, settings):
    startup = startup_file(settings.HOME)  # the engine's kit says what the federation calls this hospital
    startup.parent.mkdir(parents=True, exist_ok=True)
    startup.write_text('{"client": {"fqsn": "budapest"}}', "utf-8")
    return put_in_use(settings.HOME)


@pytest.fixture
def frozen(key, come, settings):
    """The heart model in use, on a cohort that was frozen before the last patients came."""
    come(FROZEN)
    study = published(ApprovedStudy.objects.get()).study
    freeze(study, home=settings.HOME)
    come(SINCE)
    return study


def freeze(study, *, home) -> None:
    with vault.private_folder(home) as folder:
        build_cohort(study, folder=folder, by=BY)
        vault.keep_cohort(home, study.hash, folder)


def test_a_model_is_measured_on_the_patients_who_came_since(frozen):
    [model] = watch_models(by=BY)

    drift = LocalModel.objects.get(pk=model.pk).figures["drift"]
    assert "failed" not in drift
    assert drift["patients"] == SINCE
    assert {one["name"] for one in drift["inputs"]} == {feature.name for feature in frozen.features}
    assert (drift["calibration"]["observed"], len(drift["before"])) == (2, 1)
    assert AuditEvent.objects.filter(action="model.watch").count() == 1


def test_a_model_adopted_before_evaluations_were_kept_is_evaluated(frozen):
    assert "evaluation" not in LocalModel.objects.get().figures

    [model] = watch_models(by=BY)

    assert model.figures["evaluation"]["overall"]["patients"] > 0
    assert sum(model.figures["inputs"]["age"]["counts"]) == FROZEN


def test_figures_of_few_patients_are_kept_and_not_told(frozen, as_client, doctor):
    [model] = watch_models(by=BY)

    told = as_client(doctor).get(f"/models/{model.model_sha256}/facts.json").json()["drift"]

    assert (told["patients"], told["needed"], told["inputs"]) == (SINCE, 50, [])
    assert "calibration" not in told


def test_nobody_has_come_since(key, come, settings):
    come(FROZEN)
    freeze(published(ApprovedStudy.objects.get()).study, home=settings.HOME)

    [model] = watch_models(by=BY)

    assert (model.figures["drift"]["patients"], model.figures["drift"]["inputs"]) == (0, [])


def test_a_model_whose_study_does_not_run_here_does_not_stop_the_others(frozen, key, settings):
    other = _in_use_with_a_broken_task(frozen, key=key, home=settings.HOME)

    done = {model.study.name: model for model in watch_models(by=BY)}

    assert "usable ACES task" in done[other.study.name].figures["drift"]["failed"]
    assert done["heart"].figures["drift"]["patients"] == SINCE


def test_a_model_whose_cohort_is_gone_says_so_and_keeps_its_earlier_measures(key):
    model = LocalModel.objects.get()
    model.figures |= {"drift": {"measured": "2026-11-25T03:00:00+00:00", "before": [{"patients": 60}]}}
    model.save()

    [found] = watch_models(by=BY)

    assert found.figures["drift"]["failed"]
    assert found.figures["drift"]["before"] == [{"patients": 60}]


def _in_use_with_a_broken_task(study, *, key, home) -> LocalModel:
    """A second model, first in the order of watching, whose study's task names a predicate that is not there."""
    task = {**study.cohort.task, "trigger": "nowhere"}
    broken = replace(study, name="broken", cohort=replace(study.cohort, task=task))
    letter = Publication(study=base64.b64encode(sign(broken, key).to_bytes()).decode(), roster=())
    known = receive_publication(write_letter(letter, key=key), by=BY)
    known.standing = StudyStanding.APPROVED
    known.save()
    heart = LocalModel.objects.get()
    with vault.private_folder(home) as folder:
        build_cohort(study, folder=folder, by=BY)
        vault.keep_cohort(home, broken.hash, folder)
    vault.keep(home, adopted_name(0), vault.fetch(home, adopted_name(heart.pk)))
    return LocalModel.objects.create(
        pk=0, study=known, kind="federated", model_sha256="f" * 64, figures={}, made=heart.made
    )
