"""The references for one patient: every adopted model's estimate, by the code that made the training inputs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from django.utils import timezone

from wardround.clinical.catalogue import load_catalogue
from wardround.hospital.diagnosis.inputs import inputs_of
from wardround.hospital.diagnosis.reference import ModelFacts, Reference, reference_of
from wardround.hospital.diagnosis.standing import Standings, stay_began
from wardround.hospital.diagnosis.what_would_change import WouldMove, what_would_change
from wardround.hospital.records.access import Patient
from wardround.hospital.records.queries import Facts, Value, standard_facts, waiting_values
from wardround.hospital.training.events import events_of
from wardround.hospital.training.queries import AdoptedModel, adopted_models
from wardround.hospital.training.watching import has_drifted
from wardround.interchange.meds import Event, code_name
from wardround.learning.evaluate import CalibrationRow
from wardround.learning.features import Feature
from wardround.learning.moment import Moment, moment_of
from wardround.learning.predict import SitePart, predict

# One patient is estimated alone, so any subject number will do; the keyed one stays in the cohort.
_SUBJECT = 1
MOST_OPEN = 3  # further models are folded


def references_for(patient: Patient) -> tuple[Reference, ...]:
    """One reference per model in use here, most useful first; empty when none was adopted.

    Useful is first what gives this patient an estimate at all, then what is surely best at this hospital: by the lower
    bound of its AUROC here (a model judged on few patients has a low one; one that was never judged here comes last).
    Up to three are open; those without an estimate are one line each.
    """
    models = adopted_models()
    if not models:
        return ()
    events, held, now = _events(standard_facts(patient)), held_values(patient), timezone.now()
    standings = Standings(patient, now=now)
    found = []
    for model in models:
        reference = _of_patient(patient, model=model, events=events, held=held, now=now)
        sha256 = model.artifact.sha256
        standing = standings.of(
            model_sha256=sha256,
            inputs_sha256=reference.inputs_sha256,
            impression_first=model.impression_first,
        )
        found.append(replace(reference, standing=standing))
    found.sort(key=lambda one: (one.estimate is None, -(one.model.local_auroc_low or 0.0)))
    open_ones = [one for one in found if one.estimate is not None and one.standing.hidden_until is None]
    folded = {id(one) for one in open_ones[MOST_OPEN:]}
    return tuple(replace(one, is_folded=id(one) in folded) for one in found)


def reference_now(patient: Patient, *, model: AdoptedModel) -> Reference:
    """One model's estimate for one patient as it is at this moment."""
    events, held = _events(standard_facts(patient)), held_values(patient)
    return _of_patient(patient, model=model, events=events, held=held, now=timezone.now())


def reference_for(
    facts: Facts, *, model: AdoptedModel, held: list[Value], now: datetime, began: datetime | None = None
) -> Reference:
    """One model's estimate for one patient; `now` is UTC without a zone. Held values are no events, so no inputs.

    `began`: when the patient's stay began, where one is known; what was measured before it is named as stale.
    """
    events = _events(facts)
    return _reference(events, model=model, held=held, moment=_moment(events, model=model, now=now), began=began)


def _events(facts: Facts) -> list[Event]:
    return list(events_of(facts, subject=_SUBJECT))


def _moment(events: Sequence[Event], *, model: AdoptedModel, now: datetime) -> Moment:
    return moment_of(events, task=model.study["cohort"]["task"], now=now)


def _of_patient(
    patient: Patient, *, model: AdoptedModel, events: Sequence[Event], held: list[Value], now: datetime
) -> Reference:
    moment = _moment(events, model=model, now=now.astimezone(UTC).replace(tzinfo=None))
    began = stay_began(patient, time=moment.time.replace(tzinfo=UTC))
    return _reference(events, model=model, held=held, moment=moment, began=began)


def _reference(
    events: Sequence[Event], *, model: AdoptedModel, held: list[Value], moment: Moment, began: datetime | None
) -> Reference:
    site = model.site or SitePart.none(model.artifact)
    prediction = predict(model.artifact, events=events, index_time=moment.time, site=site)
    stay = began.astimezone(UTC).replace(tzinfo=None) if began is not None else None
    inputs = inputs_of(events, model=model, moment=moment, subject=_SUBJECT, stay_began=stay)
    would_move: tuple[WouldMove, ...] = ()
    if prediction.probability is not None:
        would_move = what_would_change(inputs, model=model, now=prediction.probability, held=held, subject=_SUBJECT)
    return reference_of(
        prediction,
        model=facts_of(model),
        calibration=site.calibration,
        held=held_inputs(held, features=model.artifact.encoder.features),
        inputs=inputs,
        would_move=would_move,
    )


def held_values(patient: Patient) -> list[Value]:
    """The patient's measured values that wait for a decision."""
    return waiting_values(patient)


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
        is_drifting=has_drifted(model.figures),
    )


def held_inputs(held: list[Value], *, features: tuple[Feature, ...]) -> tuple[str, ...]:
    """The titles of those inputs that this patient's held values would have been."""
    names = {code_name(load_catalogue().by_key(value.measurement).coding) for value in held}
    return tuple(feature.title for feature in features if feature.code in names)
