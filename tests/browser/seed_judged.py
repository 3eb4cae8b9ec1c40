"""Fill a new hospital home as one whose doctors have judged estimates for months: python seed_judged.py HOME.

Three models are in use. Of the heart model a cohort was frozen, other patients came since, and the drift was measured.
Prints the ids of the patients and models that the tests open, as JSON.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from seeding import opened, person

DOCTORS = ("d.keller", "d.lukacs", "d.meier", "d.olsson", "d.petri", "d.quinn")
PEOPLE = {
    **{name: ("doctor", f"Dr {name[2:].title()}") for name in DOCTORS},
    "d.keller": ("doctor", "Dr D. Keller"),
    "n.horvath": ("nurse", "Nóra Horváth"),
    "s.moreau": ("steward", "Sylvie Moreau"),
}
FROZEN, SINCE = 60, 56
LOINC = "http://loinc.org"


def main(home: str) -> None:
    by = opened(home, people=PEOPLE)
    from django.conf import settings
    from django.utils import timezone
    from more_models import first_day_in_use, under_fifty_in_use

    from wardround.bench.admission import admission
    from wardround.bench.heart_model import put_in_use
    from wardround.hospital.intake.importing import import_files
    from wardround.hospital.records.actions.resources import create_resource
    from wardround.hospital.training import vault
    from wardround.hospital.training.cohort import build_cohort
    from wardround.hospital.training.membership import startup_file
    from wardround.hospital.training.models import ApprovedStudy, LocalModel
    from wardround.hospital.training.queries import published
    from wardround.hospital.training.watching import watch_models
    from wardround.web.accounts.actions import make_token

    startup = startup_file(settings.HOME)  # the engine's kit says what the federation calls this hospital
    startup.parent.mkdir(parents=True, exist_ok=True)
    startup.write_text('{"client": {"fqsn": "budapest"}}', "utf-8")

    key = put_in_use(settings.HOME)
    heart = LocalModel.objects.get()
    import_files([_export(Path(home), "before", numbers=range(FROZEN), older=0)], by=by)
    study = published(ApprovedStudy.objects.get()).study
    with vault.private_folder(settings.HOME) as folder:
        build_cohort(study, folder=folder, by=by)
        vault.keep_cohort(settings.HOME, study.hash, folder)
    # Those who came since are older, and their cholesterol is higher and often not there.
    import_files([_export(Path(home), "since", numbers=range(FROZEN, FROZEN + SINCE), older=9)], by=by)
    _measured_before(heart)
    watch_models(by=by)
    first_day = first_day_in_use(key)
    under_fifty = under_fifty_in_use(key)
    LocalModel.objects.update(made=timezone.now() - timedelta(days=190))
    _answers(heart.model_sha256, study="heart", many=(14, 19, 22, 21, 25, 24), agreed=(0.8, 0.8, 0.75, 0.7, 0.55, 0.5))
    _answers(first_day, study="heart-first-day", many=(0, 0, 7, 8, 3, 9), agreed=(0, 0, 0.3, 1, 0.5, 0.6))

    def patient(family: str, given: str, *, number: int, birth: str, **which: Any) -> str:
        logical_id = create_resource(_person(family, given, number=number, birth=birth), by=by).logical_id
        for resource in _visit(logical_id, **which):
            create_resource(resource, by=by)
        return logical_id

    ids = {
        "heart": heart.model_sha256,
        "first_day": first_day,
        "under_fifty": under_fifty,
        "fits": patient("Almási", "Vera", number=1, birth="1963"),
        "judged": patient("Balla", "Imre", number=2, birth="1958"),
        "both": patient("Csorba", "Júlia", number=3, birth="1980"),
        "thin": patient("Dévai", "Márton", number=4, birth="1966", only=("8480-6", "2093-3")),
        "aged": patient("Erdei", "Rózsa", number=5, birth="1931"),
        "held": patient("Fehér", "Ottó", number=6, birth="1955", pressure=16),
        "stale": patient("Gál", "Anna", number=7, birth="1960", without=("coronary", "thallium", "st_slope")),
        "token": make_token("reader", scopes="system/*.rs", days=1, by=by),
    }
    create_resource(admission(ids["stale"], ward="Cardiology", bed="4", since="2026-11-20T07:30:00+00:00"), by=by)
    sys.stdout.write(json.dumps(ids))


def _measured_before(heart: Any) -> None:
    """What the worker would have kept of eight earlier nights, on ever more patients."""
    from django.utils import timezone

    lines = [
        {
            "measured": (timezone.now() - timedelta(days=7 * back)).isoformat(),
            "patients": 58 - 3 * back,
            "largest": round(0.9 + 0.16 * (8 - back), 2),
        }
        for back in range(8, 0, -1)
    ]
    heart.figures |= {"drift": {"measured": lines[-1]["measured"], "patients": 55, "inputs": [], "before": lines}}
    heart.save()


def _person(family: str, given: str, *, number: int, birth: str) -> dict[str, Any]:
    gender = "male" if number % 2 == 0 else "female"
    return person(family, given, number=f"J-{number}", gender=gender, birth=birth)


def _visit(
    patient: str, *, pressure: float = 160, only: tuple[str, ...] = (), without: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    from wardround.bench.heart_visit import visit

    found = []
    for resource in visit(patient, pressure=pressure):
        text = json.dumps(resource)
        if any(code in text for code in without) or (only and not any(code in text for code in only)):
            continue
        if resource["resourceType"] == "Condition" and without:
            continue
        found.append(resource)
    return found


def _export(folder: Path, name: str, *, numbers: range, older: int) -> Path:
    """The charts of invented patients with an angiography, one file of FHIR resources."""
    dice = np.random.default_rng(11)
    path = folder / f"{name}.ndjson"
    lines = []
    for number in numbers:
        ill = bool(dice.random() < 0.5)
        born = 1968 - older + int(dice.integers(-12, 12))
        person = {"id": f"p{number}", **_person(f"Family{number}", "Given", number=1000 + number, birth=str(born))}
        lines.append(person)
        pressure = round(float(dice.normal(140 if ill else 128, 12)))
        for place, resource in enumerate(_visit(f"p{number}", pressure=pressure)):
            code = resource["code"]["coding"][0]["code"]
            if resource["resourceType"] == "Condition" and not ill:
                continue
            if code == "2093-3":
                if older and dice.random() < 0.3:
                    continue
                resource["valueQuantity"]["value"] = round(float(dice.normal(5.9 + older / 10, 0.7)), 1)
            if code in {"exercise_angina", "coronary_narrowing"}:
                resource["valueBoolean"] = ill
            if code == "st_depression":
                resource["valueQuantity"]["value"] = round(abs(float(dice.normal(1.4 if ill else 0.5, 0.4))), 1)
            if code == "fluoroscopy_vessels":
                resource["valueQuantity"]["value"] = int(dice.integers(1, 4)) if ill else 0
            lines.append({**resource, "id": f"p{number}-{place}"})
    path.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    return path


def _answers(sha256: str, *, study: str, many: tuple[int, ...], agreed: tuple[float, ...]) -> None:
    """What doctors answered in the last six months, the oldest first. The rows alone: nobody waits for months here."""
    import uuid

    from django.utils import timezone

    from wardround.hospital.diagnosis.models import Verdict
    from wardround.hospital.records.models import Resource

    dice = np.random.default_rng(5)
    patients = sorted(Resource.objects.filter(type="Patient").values_list("logical_id", flat=True))
    reasons = ("does-not-fit", "does-not-fit", "does-not-fit", "wrong-data", "known-already")
    rows = []
    for back, (count, share) in enumerate(zip(reversed(many), reversed(agreed), strict=True)):
        for number in range(count):
            choice = "agree" if number < round(count * share) else "disagree"
            if number % 9 == 8:
                choice = "hide"
            rows.append(
                Verdict(
                    uid=uuid.uuid4(),
                    patient_id=patients[len(rows) % len(patients)],
                    study_name=study,
                    study_version="1",
                    model_sha256=sha256,
                    inputs_sha256=f"{len(rows):064x}",
                    estimate=float(dice.beta(2, 2)),
                    choice=choice,
                    reason=reasons[number % len(reasons)] if choice == "disagree" else "",
                    username=DOCTORS[number % len(DOCTORS)],
                    role="doctor",
                    given=timezone.now() - timedelta(days=30.4 * back, minutes=number),
                )
            )
    Verdict.objects.bulk_create(rows)


if __name__ == "__main__":
    main(sys.argv[1])
