"""A published study with one run, and people of the coordinator."""

from collections.abc import Callable
from pathlib import Path

import pytest

import wardround.demo
from wardround.coordinator.runs.board import RunBoard, first_state, run_folder

STUDY = Path(wardround.demo.__file__).parent / "heart-study.yaml"
HOSPITALS = {"budapest": "Budapest", "cleveland": "Cleveland", "long-beach": "Long Beach"}


@pytest.fixture
def person(db) -> Callable:
    """person("auditor"): somebody with this role."""
    from wardround.web.accounts.models import User

    return lambda role: User.objects.create(username=f"{role}.1", role=role)


@pytest.fixture
def as_client(client) -> Callable:
    """The test client, logged in as somebody."""

    def logged_in(user):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return logged_in


@pytest.fixture
def run_id(db, operator) -> str:
    """A run of the heart study that three members were asked for."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from django.utils import timezone

    from wardround.coordinator.members.models import Member, Standing
    from wardround.coordinator.runs.actions import request_run
    from wardround.coordinator.studies.actions import publish

    for name, title in HOSPITALS.items():
        key = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
        Member.objects.create(
            name=name,
            title=title,
            since=timezone.now(),
            token_digest=name,
            identity=key,
            sealing_key=key,
            standing=Standing.MEMBER,
        )
    return request_run(publish(STUDY, by=operator), by=operator).run_id


@pytest.fixture
def board(run_id, settings):
    """The run's board, written as the process that leads the run writes it."""
    import shutil

    from wardround.coordinator.runs.models import Run, Standing

    Run.objects.filter(run_id=run_id).update(standing=Standing.RUNNING)
    folder = run_folder(settings.HOME, run_id)
    board = RunBoard(
        folder,
        state=first_state(
            run_id,
            study=("heart", "Coronary heart disease before angiography", "d" * 64),
            hospitals=tuple(HOSPITALS),
            rounds=12,
            secure_aggregation="Bonawitz et al. 2017.",
        ),
    )
    yield board
    board.close()
    shutil.rmtree(folder)
