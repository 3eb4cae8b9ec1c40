"""The adopted model's estimate for one patient, from the records before the index time. numpy only."""

from datetime import UTC, datetime

from wardround.hospital.records.access import patient_for
from wardround.hospital.records.queries import standard_facts
from wardround.hospital.training.events import events_of
from wardround.hospital.training.queries import AdoptedModel, NotKnownError, adopted_models
from wardround.learning.moment import moment_of
from wardround.learning.predict import Prediction, predict


def predict_for(patient_id: str, *, study_name: str, by: object) -> Prediction:
    """Raises NotThere, or NotKnownError when no model of this study is in use. Audited as a read of the patient.

    What came after the study's trigger is no input, as in the panel and in training.
    """
    model = _model(study_name)
    patient = patient_for(by, patient_id, to="read")
    events = list(events_of(standard_facts(patient), subject=0))
    now = datetime.now(UTC).replace(tzinfo=None)
    moment = moment_of(events, task=model.study["cohort"]["task"], now=now)
    return predict(model.artifact, events=events, index_time=moment.time, site=model.site)


def _model(study_name: str) -> AdoptedModel:
    for model in adopted_models():
        if study_name in (model.study_name, model.study_hash):
            return model
    raise NotKnownError(
        f"No model of a study {study_name!r} is in use here. See those that are: wardround hospital models"
    )
