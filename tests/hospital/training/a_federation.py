"""The letters that a coordinator writes to this hospital, and how many patients its study wants."""

import base64
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import wardround.demo
from wardround.federation.joining import Admission, Peer, Publication, write_letter
from wardround.federation.study import Study, sign
from wardround.hospital.training.joining import fingerprint_of

HEART = Path(wardround.demo.__file__).parent / "heart-study.yaml"
PATIENTS = 12


def admission(key: Ed25519PrivateKey, *, hospital: str = "test-hospital") -> bytes:
    return write_letter(
        Admission(hospital=hospital, engine_host="localhost", engine_port=18000, certificate="C", root="R"), key=key
    )


def published(study: Study, *, peers: tuple[Peer, ...], coordinator: Ed25519PrivateKey) -> bytes:
    signed = base64.b64encode(sign(study, coordinator).to_bytes()).decode()
    return write_letter(Publication(study=signed, roster=peers), key=coordinator)


def confirmed(peers: tuple[Peer, ...]) -> dict[str, str]:
    return {peer.name: fingerprint_of(peer.identity) for peer in peers if peer.name != "test-hospital"}
