"""Fill a new hospital home as one that is in a federation: python seed_federation.py HOME.

One study is approved and its model in use; a new version of it waits, with two more hospitals; messages of a run have
left. Prints the hashes of both versions and the other hospitals' fingerprints, as JSON.
"""

import base64
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from seeding import opened, person

PEOPLE = {
    "a.novak": ("administrator", "Adam Novak"),
    "p.varga": ("privacy_officer", "Petra Varga"),
    "r.lind": ("researcher", "Rasmus Lind"),
    "s.moreau": ("steward", "Sylvie Moreau"),
    "d.keller": ("doctor", "Dr D. Keller"),
}
PATIENTS = 60
NEEDED = 40
RUN = "heart-2026-11-24"


def main(home: str) -> None:
    by = opened(home, people=PEOPLE)
    from django.conf import settings

    from wardround.bench.heart_model import STUDY, put_in_use
    from wardround.federation.identity import fingerprint, public_bytes
    from wardround.federation.joining import Peer, Publication, public_hex, write_letter
    from wardround.federation.study import Study, load_study, sign
    from wardround.hospital.training.actions import receive_publication
    from wardround.hospital.training.models import ApprovedStudy

    patients(by)
    (settings.HOME.path / "policy.toml").write_text(f"minimum_patients = {NEEDED}\n", "utf-8")
    coordinator = put_in_use(settings.HOME)
    ApprovedStudy.objects.update(patients=PATIENTS - 4)
    models(settings.HOME)

    document = yaml.safe_load(STUDY.read_text("utf-8"))
    document |= {"version": 2, "privacy": {"minimum_patients": NEEDED}}
    document["training"]["rounds"] = 16
    document["not_for"].append("Patients with a heart transplant.")
    study = Study.from_document(document)
    others = {name: Ed25519PrivateKey.generate() for name in ("cleveland", "zurich")}
    roster = [
        Peer(
            name=name, title=name.title(), identity=public_hex(key),
            sealing_key=public_bytes(X25519PrivateKey.generate().public_key()).hex(),
        )
        for name, key in others.items()
    ]  # fmt: skip
    roster.append(
        Peer(
            name="budapest", title="Budapest", identity=public_hex(settings.HOME.identity_key()),
            sealing_key=public_bytes(settings.HOME.sealing_key().public_key()).hex(),
        )
    )  # fmt: skip
    signed = base64.b64encode(sign(study, coordinator).to_bytes()).decode()
    receive_publication(write_letter(Publication(study=signed, roster=tuple(roster)), key=coordinator), by=by)
    messages(settings.HOME, study_hash=load_study(STUDY).hash)
    ids = {"study": study.hash, "approved": load_study(STUDY).hash}
    sys.stdout.write(json.dumps({**ids, **{name: fingerprint(key.public_key()) for name, key in others.items()}}))


def models(home: Any) -> None:
    """The model in use has figures beside it; an earlier one of this hospital alone is kept."""
    from wardround.bench.heart_model import heart_artifact
    from wardround.hospital.training import vault
    from wardround.hospital.training.models import LocalModel
    from wardround.hospital.training.queries import adopted_name, published

    in_use = LocalModel.objects.select_related("study").get()
    alone = {"auroc": 0.851, "auroc_low": 0.779, "auroc_high": 0.923, "patients": 101}
    together = {"auroc": 0.872, "auroc_low": 0.806, "auroc_high": 0.938, "patients": 101}
    in_use.figures |= {"local": alone, "federated": together}
    in_use.save()
    artifact = heart_artifact(published(in_use.study).study)
    kept = LocalModel.objects.create(
        study=in_use.study,
        kind="local",
        model_sha256="1" * 64,
        decision={"adopted": "local", "sentence": "Learned from this hospital's own patients alone."},
        figures={"adopted": alone, "local": alone},
        made=in_use.made - timedelta(days=3),
        is_current=False,
    )
    vault.keep(home, adopted_name(kept.pk), artifact.to_bytes())


def patients(by: object) -> None:
    """Invented patients with an angiography: what was measured moves with what was found. Four have no result."""
    from wardround.hospital.records.actions.resources import create_resource

    random = np.random.default_rng(7)
    for number in range(PATIENTS):
        ill = bool(random.random() < 0.5)
        gender = "male" if random.random() < 0.6 else "female"
        birth = str(1940 + int(random.integers(0, 40)))
        registered = person(f"Family{number}", "Given", number=f"T-{number + 6000}", gender=gender, birth=birth)
        stored = create_resource(registered, by=by).logical_id
        pressure = round(float(random.normal(138 if ill else 126, 14)))
        for resource in _visit(stored, ill=ill, pressure=16 if number < 3 else pressure, has_result=number % 15 != 14):
            create_resource(resource, by=by)


def _visit(patient: str, *, ill: bool, pressure: float, has_result: bool) -> list[dict[str, Any]]:
    from wardround.bench.heart_visit import visit

    wanted = {"8480-6", "exercise_angina", "coronary_angiography", "I25.10", "coronary_narrowing"}
    found = []
    for resource in visit(patient, pressure=pressure):
        code = resource["code"]["coding"][0]["code"]
        if code not in wanted or (code == "I25.10" and not (ill and has_result)):
            continue
        if code == "coronary_narrowing":
            if not has_result:
                continue
            resource["valueBoolean"] = ill
        if code == "exercise_angina":
            resource["valueBoolean"] = ill != (hash(patient) % 4 == 0)
        found.append(resource)
    return found


def messages(home: Any, *, study_hash: str, rounds: int = 6) -> None:
    """The receipts of one run: four messages a round, and the model at its end."""
    from wardround.federation.messages import encode
    from wardround.federation.receipts import Receipts
    from wardround.hospital.training.ledger import ledger_path

    receipts, identity = Receipts(ledger_path(home), identity=home.identity_key()), home.identity_key()
    time = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    names = ["budapest", "cleveland", "long-beach", "zurich"]
    session = {"session": "ab" * 32}
    for number in range(rounds):
        purpose, words = ("statistics", 62) if number == 0 else ("fit", 4310)
        which = {"study": study_hash, "run": RUN, "purpose": purpose, "round": number, "attempt": 0}
        of_round = [
            ("advertised", {"context": b"context" * 40, "share_key": os.urandom(32), "mask_key": os.urandom(32)}),
            ("shared", {**session, "commitment": "cd" * 32, "shares": {n: os.urandom(96) for n in names[1:]}}),
            ("masked", {**session, "participants": names, "words": os.urandom(words * 8)}),
            ("agreed", {**session, "participants": names, "survivors": names}),
            ("unmasked", {**session, "seeds": {n: os.urandom(32) for n in names}, "mask_keys": {}}),
        ]
        for kind, fields in of_round:
            time += timedelta(seconds=3)
            receipts.record(encode(kind, {**which, **fields}, identity=identity), time=time)
    last = {"study": study_hash, "run": RUN, "round": rounds, "model": "ef" * 32}
    receipts.record(encode("model received", last, identity=identity), time=time + timedelta(seconds=20))


if __name__ == "__main__":
    main(sys.argv[1])
