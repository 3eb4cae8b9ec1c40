"""Fill a new coordinator home: members in every state, two versions of a study, a run that waits for a late hospital,
a run that has ended with its model, and one person of each role: python seed_coordinator.py HOME.

Prints the ids as JSON.
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from seeding import opened

import wardround.demo

STUDY = Path(wardround.demo.__file__).parent / "heart-study.yaml"
HOSPITALS = {
    "budapest": "Budapest",
    "cleveland": "Cleveland",
    "long-beach": "Long Beach",
    "zurich-basel": "Zurich and Basel",
}
AREAS = (0.812, 0.846, 0.863, 0.871, 0.874, 0.875)
PEOPLE = {
    "o.peeters": ("operator", "Odette Peeters"),
    "a.lind": ("auditor", "Astrid Lind"),
    "m.costa": ("administrator", "Marta Costa"),
}


def main(home: str) -> None:
    by = opened(home, people=PEOPLE, kind="coordinator")

    from wardround.web.audit.sealing import seal_pending

    _members(by)
    ids = _studies_and_runs(by)
    seal_pending()
    sys.stdout.write(json.dumps(ids))


def _members(by) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from django.conf import settings
    from django.utils import timezone

    from wardround.coordinator.engine.address import Address, set_address
    from wardround.coordinator.members.actions import invite, revoke
    from wardround.coordinator.members.models import Member, Standing

    set_address(settings.HOME, Address(host="localhost", port=18000, web=""))
    standings = {**dict.fromkeys(HOSPITALS, Standing.MEMBER), "graz": Standing.REQUESTED, "porto": Standing.MEMBER}
    for name, standing in standings.items():
        key = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
        Member.objects.create(
            name=name, title=HOSPITALS.get(name, name.title()), since=timezone.now(), token_digest=name, identity=key,
            sealing_key=key, standing=standing,
        )  # fmt: skip
    invite("Malmö", name="malmo", by=by)
    revoke("porto", reason="The hospital has closed.", by=by)
    now = datetime.now(UTC)
    seen = {name: (now - timedelta(seconds=3)).isoformat() for name in HOSPITALS}
    seen["zurich-basel"] = (now - timedelta(seconds=40)).isoformat()
    connected = {"now": [name for name in HOSPITALS if name != "zurich-basel"], "seen": seen}
    (settings.HOME.run / "connected.json").write_text(json.dumps(connected), "utf-8")


def _studies_and_runs(by) -> dict[str, str]:
    from django.conf import settings

    from wardround.coordinator.models.actions import register_model
    from wardround.coordinator.models.vault import keep_model
    from wardround.coordinator.runs.actions import request_run
    from wardround.coordinator.runs.models import Run, Standing
    from wardround.coordinator.studies.actions import note_handed_out, publish, publish_study
    from wardround.federation.study import Study

    first = publish(STUDY, hospitals=tuple(HOSPITALS), by=by)
    document = yaml.safe_load(STUDY.read_text("utf-8"))
    document |= {"version": 2, "not_for": [*document["not_for"], "Patients with a transplanted heart."]}
    document["training"]["rounds"] = 14
    second = publish_study(Study.from_document(document), hospitals=tuple(HOSPITALS), by=by)
    note_handed_out("budapest")

    ended = request_run(first, by=by)
    board = _board(ended, rounds=len(AREAS))
    board.finish("The model of 4 hospitals was made in 6 rounds.", succeeded=True)
    board.close()
    _outcome(ended)
    keep_model(settings.HOME, run_id=ended.run_id, artifact=b"a model of the tests")
    from django.db import transaction

    with transaction.atomic():
        model = register_model(ended, rounds=len(AREAS))
    outcome = "The model of 4 hospitals was made in 6 rounds."
    Run.objects.filter(pk=ended.pk).update(standing=Standing.FINISHED, ended=model.made, outcome=outcome)

    going_on = request_run(second, by=by)
    Run.objects.filter(pk=going_on.pk).update(standing=Standing.RUNNING)
    board = _board(going_on, rounds=4)
    board.enter("training", round_number=5)
    board.ask("mask", attempt=1, sizes=dict.fromkeys(HOSPITALS, 1800))
    prompt = [name for name in HOSPITALS if name != "zurich-basel"]
    board.hear(dict.fromkeys(prompt, 52_000))
    board.mark({**dict.fromkeys(prompt, "answered"), "zurich-basel": "silent"})
    board.wait(["zurich-basel"], until=datetime.now(UTC) + timedelta(minutes=1))
    board.close()
    return {"run": going_on.run_id, "ended": ended.run_id, "study": second.hash, "model": model.sha256}


def _board(run, *, rounds: int):
    from django.conf import settings

    from wardround.coordinator.runs.board import RunBoard, first_state, run_folder
    from wardround.coordinator.runs.state import RoundMetric

    state = first_state(
        run.run_id,
        study=(run.study.name, run.study.title, run.study.hash),
        hospitals=tuple(HOSPITALS),
        rounds=run.study.rounds,
        secure_aggregation="Bonawitz et al. 2017, 4 hospitals, 3 must stay; the coordinator sees sums only",
        minimum=3,
    )
    board = RunBoard(run_folder(settings.HOME, run.run_id), state=state)
    board.say("The run is connected to its hospitals.")
    board.enter("training", round_number=0)
    board.note(patients_total=607, seconds_per_round=0.61)
    for number, area in enumerate(AREAS[:rounds], start=1):
        for step in ("advertise", "share", "mask", "consistency", "unmask"):
            board.ask(step, attempt=1, sizes=dict.fromkeys(HOSPITALS, 1800))
            board.hear(dict.fromkeys(HOSPITALS, 52_000 if step == "mask" else 900))
        board.mark(dict.fromkeys(HOSPITALS, "answered"))
        board.enter("training", round_number=number)
        board.measure(
            RoundMetric(number, auroc=area, auroc_low=area - 0.028, auroc_high=area + 0.026, brier=0.13, log_loss=0.41)
        )
        board.say(f"Round {number} is done in 0.6 s.")
    return board


def _outcome(run) -> None:
    from django.conf import settings

    from wardround.coordinator.runs.board import OUTCOME, run_folder

    metrics = {
        "patients": 313, "positives": 171, "accuracy": 0.81, "auroc": 0.875, "auroc_low": 0.838, "auroc_high": 0.912,
        "auroc_error": 0.001, "brier": 0.13, "log_loss": 0.41,
    }  # fmt: skip
    calibration = [
        {
            "low": low / 10,
            "high": (low + 2) / 10,
            "patients": 60,
            "predicted": low / 10 + 0.1,
            "observed": low / 10 + 0.08,
        }
        for low in range(0, 10, 2)
    ]
    facts = {
        "succeeded": True, "sentence": "The model of 4 hospitals was made in 6 rounds.", "roster": list(HOSPITALS),
        "rounds": 6, "converged": True, "patients": 607, "chosen": "deviation 20", "model_sha256": "0" * 64,
        "parameters": 24, "validation": {}, "metrics": metrics, "calibration": calibration, "history": [],
        "received": [name for name in HOSPITALS if name != "long-beach"],
    }  # fmt: skip
    (run_folder(settings.HOME, run.run_id) / OUTCOME).write_text(json.dumps(facts), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
