"""A small model of the heart study with weights written by hand, put in use at a hospital as a run would have done."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import wardround.demo
from wardround.federation.study import Study
from wardround.learning.artifact import Artifact
from wardround.learning.calibrate import Calibration
from wardround.learning.features import Column, Encoder
from wardround.learning.predict import SitePart
from wardround.web.home import Home

STUDY = Path(wardround.demo.__file__).parent / "heart-study.yaml"

# feature: (mean, standard deviation, weight of one standard deviation)
_NUMERIC = {
    "age": (53.5, 9.4, 0.18),
    "resting_systolic_pressure": (132.0, 18.5, 0.10),
    "total_cholesterol": (246.0, 55.0, 0.16),
    "exercise_heart_rate": (137.5, 26.0, -0.42),
    "st_depression": (0.9, 1.1, 0.55),
    "fluoroscopy_vessels": (0.7, 0.9, 0.78),
}
# feature: {answer: (share of patients, weight)}
_ANSWERS = {
    "sex": {"female": (0.21, -0.22), "male": (0.79, 0.22)},
    "chest_pain_type": {
        "typical_angina": (0.05, -0.10),
        "atypical_angina": (0.19, -0.28),
        "non_anginal_pain": (0.22, -0.18),
        "asymptomatic": (0.54, 0.45),
    },
    "fasting_glucose_over_120": {"false": (0.83, -0.08), "true": (0.17, 0.08)},
    "resting_ecg": {
        "normal": (0.60, -0.04),
        "st_t_abnormality": (0.20, 0.03),
        "left_ventricular_hypertrophy": (0.20, 0.02),
    },
    "exercise_angina": {"false": (0.61, -0.30), "true": (0.39, 0.30)},
    "st_slope": {"upsloping": (0.33, -0.25), "flat": (0.56, 0.22), "downsloping": (0.11, 0.05)},
    "thallium_scan": {"normal": (0.45, -0.40), "fixed_defect": (0.10, 0.05), "reversible_defect": (0.45, 0.38)},
}


def heart_artifact(study: Study) -> Artifact:
    """The model of this study (a `federation.study.Study`)."""
    columns, weights = [], [0.12]
    for feature in study.features:
        if feature.name in _NUMERIC:
            mean, sd, weight = _NUMERIC[feature.name]
            columns.append(Column(feature=feature.name, part="value", mean=mean, sd=sd))
            weights.append(weight)
        for answer, (share, weight) in _ANSWERS.get(feature.name, {}).items():
            sd = float(np.sqrt(share * (1 - share)))
            columns.append(Column(feature=feature.name, part=answer, mean=share, sd=sd))
            weights.append(weight)
        if feature.name in {"fluoroscopy_vessels", "thallium_scan"}:
            columns.append(Column(feature=feature.name, part="missing", mean=0.55, sd=0.5))
            weights.append(0.06)
    size = len(weights)
    return Artifact(
        kind="global",
        study=study.name,
        study_hash=study.hash,
        outcome=study.cohort.label_name,
        encoder=Encoder(features=tuple(study.features), columns=tuple(columns)),
        weights=np.array(weights),
        covariance=np.eye(size) * 0.004,
        fold_weights=np.tile(np.array(weights), (5, 1)),
        candidate="deviation",
        strength=20.0,
        ranges=(("age", 28.0, 77.0), ("total_cholesterol", 85.0, 603.0)),
        training={"hospitals": 4, "patients": 607, "rounds": 6, "method": "exact"},
    )


def put_in_use(home: Home, *, impression_first: bool = False) -> Ed25519PrivateKey:
    """Approve the study and adopt the model in this process's hospital (Django is set up); the coordinator's key."""
    from django.utils import timezone

    from wardround.federation.joining import Publication, write_letter
    from wardround.federation.study import load_study, sign
    from wardround.hospital.training import vault
    from wardround.hospital.training.actions import receive_publication
    from wardround.hospital.training.models import Federation, LocalModel, StudyStanding
    from wardround.hospital.training.queries import adopted_name, site_part_name
    from wardround.web.audit.actor import system_actor

    key = Ed25519PrivateKey.generate()
    study = replace(load_study(STUDY), impression_first=impression_first)
    now = timezone.now()
    Federation.objects.create(
        coordinator="Heart federation",
        coordinator_identity=key.public_key().public_bytes_raw().hex(),
        hospital="budapest",
        engine_host="localhost",
        engine_port=1,
        request=b"{}",
        asked=now,
        joined=now,
    )
    publication = Publication(study=base64.b64encode(sign(study, key).to_bytes()).decode(), roster=())
    known = receive_publication(write_letter(publication, key=key), by=system_actor("benchmark"))
    known.standing, known.decided, known.decided_by = StudyStanding.APPROVED, now, "s.moreau"
    known.save()
    artifact = heart_artifact(study)
    weights = np.zeros_like(artifact.weights)
    weights[0] = -0.35
    site = SitePart(
        weights=weights,
        covariance=artifact.covariance,
        calibration=Calibration(
            intercept=-0.05,
            slope=1.08,
            covariance=((0.02, 0.0), (0.0, 0.02)),
            calibrated=True,
            note="calibrated on 193 of this hospital's own patients",
        ),
        candidate="deviation",
        strength=20.0,
    )
    rows = [
        {"low": n / 10, "high": (n + 1) / 10, "patients": 12, "predicted": n / 10 + 0.05, "observed": n / 10 + 0.04}
        for n in range(10)
    ]
    model = LocalModel.objects.create(
        study=known,
        kind="federated",
        model_sha256=artifact.sha256,
        decision={
            "adopted": "federated",
            "sentence": "The federated model is no worse on this hospital's own patients, so it is adopted.",
        },
        figures={
            "adopted": {"auroc": 0.884, "auroc_low": 0.822, "auroc_high": 0.946, "patients": 101},
            "calibration_rows": rows,
        },
        made=now,
    )
    vault.keep(home, adopted_name(model.pk), artifact.to_bytes())
    vault.keep(home, site_part_name(model.pk), json.dumps(site.to_json()).encode())
    return key
