"""More models beside the heart model of the benchmark: one of fewer inputs, and one that is not for most patients."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_FIRST_DAY = (
    "age", "sex", "chest_pain_type", "resting_systolic_pressure", "total_cholesterol",
    "fasting_glucose_over_120", "resting_ecg",
)  # fmt: skip


def first_day_in_use(key: Ed25519PrivateKey) -> str:
    """A model of what is known on the first day; it was judged on few patients here, and not calibrated. Its hash."""
    return _in_use(
        key,
        name="heart-first-day",
        title="Coronary heart disease, by the first day",
        wanted=_FIRST_DAY,
        figures={"adopted": {"auroc": 0.781, "auroc_low": 0.684, "auroc_high": 0.878, "patients": 101}},
    )


def under_fifty_in_use(key: Ed25519PrivateKey) -> str:
    """A model of patients from 28 to 50 years, so that it is withheld for everybody who is older. Its hash."""
    return _in_use(
        key,
        name="heart-under-fifty",
        title="Coronary heart disease under fifty",
        wanted=(*_FIRST_DAY, "exercise_heart_rate", "exercise_angina"),
        ranges=(("age", 28.0, 50.0),),
        figures={"adopted": {"auroc": 0.802, "auroc_low": 0.611, "auroc_high": 0.993, "patients": 31}},
    )


def _in_use(
    key: Ed25519PrivateKey,
    *,
    name: str,
    title: str,
    wanted: tuple[str, ...],
    figures: Mapping[str, Any],
    ranges: tuple[tuple[str, float, float], ...] | None = None,
) -> str:
    """Publish a study of these inputs, approve it, and put a model of it in use, as a run would have done."""
    from django.conf import settings
    from django.utils import timezone

    from wardround.bench.heart_model import STUDY, heart_artifact
    from wardround.federation.joining import Publication, write_letter
    from wardround.federation.study import load_study, sign
    from wardround.hospital.training import vault
    from wardround.hospital.training.actions import receive_publication
    from wardround.hospital.training.models import LocalModel, StudyStanding
    from wardround.hospital.training.queries import adopted_name
    from wardround.web.audit.actor import system_actor

    heart = load_study(STUDY)
    features = tuple(feature for feature in heart.features if feature.name in wanted)
    study = replace(heart, name=name, title=title, features=features)
    letter = Publication(study=base64.b64encode(sign(study, key).to_bytes()).decode(), roster=())
    known = receive_publication(write_letter(letter, key=key), by=system_actor("tests"))
    known.standing, known.decided, known.decided_by = StudyStanding.APPROVED, timezone.now(), "a.novak"
    known.save()
    artifact = heart_artifact(study)
    if ranges is not None:
        artifact = replace(artifact, ranges=ranges)
    model = LocalModel.objects.create(
        study=known,
        kind="federated",
        model_sha256=artifact.sha256,
        decision={"adopted": "federated", "sentence": "It is no worse on this hospital's own patients."},
        figures=dict(figures),
        made=timezone.now(),
    )
    vault.keep(settings.HOME, adopted_name(model.pk), artifact.to_bytes())
    return artifact.sha256
