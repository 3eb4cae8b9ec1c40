"""A coordinator, what it sends to this hospital, and the records that its study asks for."""

import pytest
import yaml
from a_federation import HEART, PATIENTS, admission, published
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from wardround.federation.identity import fingerprint, public_bytes
from wardround.federation.joining import Invitation, Peer, public_hex, write_letter
from wardround.federation.study import Study
from wardround.hospital.records.actions.resources import create_resource
from wardround.hospital.training.joining import ask_to_join, finish_joining
from wardround.web.audit.actor import system_actor

BY = system_actor("tests")


@pytest.fixture(autouse=True)
def clean_home(settings):
    """Each test's database starts empty, so what an earlier test left in the home must not be there either."""
    yield
    for path in (
        *settings.HOME.engine.rglob("*"),
        *settings.HOME.cohorts.iterdir(),
        settings.HOME.path / "policy.toml",
    ):
        if path.is_file():
            path.unlink()


@pytest.fixture
def administrator(as_client, stranger):
    return as_client(stranger)


@pytest.fixture
def coordinator() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture
def invitation(coordinator) -> bytes:
    return write_letter(
        Invitation(
            coordinator="Coordinator", hospital="test-hospital", title="Test Hospital", engine_host="localhost",
            engine_port=18000, web="", token="0" * 64,
        ),
        key=coordinator,
    )  # fmt: skip


@pytest.fixture
def joined(coordinator, invitation) -> None:
    ask_to_join(invitation, coordinator_fingerprint=fingerprint(coordinator.public_key()), by=BY)
    finish_joining(admission(coordinator), by=BY)


@pytest.fixture
def peers(settings) -> tuple[Peer, ...]:
    others = [
        Peer(
            name=name, title=name.title(), identity=public_hex(Ed25519PrivateKey.generate()),
            sealing_key=public_bytes(X25519PrivateKey.generate().public_key()).hex(),
        )
        for name in ("cleveland", "long-beach")
    ]  # fmt: skip
    home = settings.HOME
    me = Peer(
        name="test-hospital", title="Test Hospital", identity=public_hex(home.identity_key()),
        sealing_key=public_bytes(home.sealing_key().public_key()).hex(),
    )  # fmt: skip
    return (*others, me)


@pytest.fixture
def study() -> Study:
    document = yaml.safe_load(HEART.read_text("utf-8"))
    document["privacy"] = {"minimum_patients": PATIENTS}
    return Study.from_document(document)


@pytest.fixture
def publication(study, peers, coordinator) -> bytes:
    return published(study, peers=peers, coordinator=coordinator)


@pytest.fixture
def records(make_patient, settings) -> None:
    (settings.HOME.path / "policy.toml").write_text(f"minimum_patients = {PATIENTS}\n", "utf-8")
    for number in range(PATIENTS):
        patient = make_patient(family=f"Family{number}", birth=str(1950 + number))
        subject = {"reference": f"Patient/{patient}"}
        angiography = {"system": "urn:wardround:code", "code": "coronary_angiography"}
        create_resource(
            {
                "resourceType": "Procedure", "status": "completed", "code": {"coding": [angiography]},
                "subject": subject, "performedDateTime": "2026-03-04T10:00:00Z",
            },
            by=BY,
        )  # fmt: skip
        narrowing = {"system": "urn:wardround:code", "code": "coronary_narrowing"}
        create_resource(
            {
                "resourceType": "Observation", "status": "final", "code": {"coding": [narrowing]},
                "subject": subject, "effectiveDateTime": "2026-03-04T10:00:00Z", "valueBoolean": number % 2 == 0,
            },
            by=BY,
        )  # fmt: skip
