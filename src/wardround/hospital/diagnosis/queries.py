"""The references for one patient: every adopted model's estimate, by the code that made the training inputs."""

from datetime import UTC, datetime

from django.utils import timezone

from wardround.clinical.catalogue import load_catalogue
from wardround.hospital.diagnosis.moment import moment_of
from wardround.hospital.diagnosis.reference import ModelFacts, Reference, reference_of
from wardround.hospital.records.access import Patient
from wardround.hospital.records.queries import Facts, Value, standard_facts, standard_values
from wardround.hospital.training.events import events_of
from wardround.hospital.training.queries import AdoptedModel, adopted_models
from wardround.interchange.meds import code_name
from wardround.learning.evaluate import CalibrationRow
from wardround.learning.features import Feature
from wardround.learning.predict import SitePart, predict


def references_for(patient: Patient) -> tuple[Reference, ...]:
    """One reference per model in use here, newest model first; empty when none was adopted."""
    models = adopted_models()
    if not models:
        return ()
    facts = standard_facts(patient)
    held = held_values(patient)
    now = timezone.now().astimezone(UTC).replace(tzinfo=None)
    return tuple(reference_for(facts, model=model, held=held, now=now) for model in models)


def reference_for(facts: Facts, *, model: AdoptedModel, held: list[Value], now: datetime) -> Reference:
    """One model's estimate for one patient; `now` is UTC without a zone. Held values are no events, so no inputs."""
    # One patient is estimated alone, so any subject number will do; the keyed one stays in the cohort.
    events = list(events_of(facts, subject=1))
    moment = moment_of(events, task=model.study["cohort"]["task"], now=now)
    site = model.site or SitePart.none(model.artifact)
    prediction = predict(model.artifact, events=events, index_time=moment.time, site=site)
    return reference_of(
        prediction,
        model=facts_of(model),
        calibration=site.calibration,
        held=held_inputs(held, features=model.artifact.encoder.features),
        moment=moment,
    )


def held_values(patient: Patient) -> list[Value]:
    """The patient's measured values that wait for a decision."""
    return [value for value in standard_values(patient) if value.is_held and value.measurement]


def facts_of(model: AdoptedModel) -> ModelFacts:
    """What the panel says about the model itself."""
    figures = model.figures.get("adopted", {})
    return ModelFacts(
        title=model.study_title,
        version=str(model.study["version"]),
        adopted=model.made,
        hospitals=model.artifact.training.get("hospitals"),
        patients=model.artifact.training.get("patients"),
        local_auroc=figures.get("auroc"),
        local_auroc_low=figures.get("auroc_low"),
        local_auroc_high=figures.get("auroc_high"),
        local_patients=figures.get("patients"),
        calibration_rows=tuple(CalibrationRow(**row) for row in model.figures.get("calibration_rows", ())),
        not_for=tuple(model.study.get("not_for", ())),
        decision=model.decision.get("sentence", ""),
        sha256=model.artifact.sha256,
        features={feature.name: feature for feature in model.artifact.encoder.features},
    )


def held_inputs(held: list[Value], *, features: tuple[Feature, ...]) -> tuple[str, ...]:
    """The titles of those inputs that this patient's held values would have been."""
    names = {code_name(load_catalogue().by_key(value.measurement).coding) for value in held}
    return tuple(feature.title for feature in features if feature.code in names)
