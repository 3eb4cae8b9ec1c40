"""The coordinator's test home. Run these tests without --ds: this file names the settings itself."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import django
import pytest

from wardround.coordinator.engine.address import Address, set_address
from wardround.coordinator.engine.kit import make_kits
from wardround.web.home import Home

# The settings read the home, so it must stand before Django starts.
_FOLDER = Path(tempfile.mkdtemp(prefix="wardround-tests-"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
_HOME = Home.create(_FOLDER / "home", kind="coordinator", name="Test Coordinator")
set_address(_HOME, Address(host="localhost", port=18000, web=""))
make_kits(_HOME, host="localhost", port=18000)
os.environ["WARDROUND_HOME"] = str(_HOME.path)
os.environ["DJANGO_SETTINGS_MODULE"] = "wardround.coordinator.settings"
django.setup()


def pytest_configure(config: pytest.Config) -> None:
    """Under xdist the workers must not inherit this process's home: each makes its own when it reads this file."""
    if config.getoption("numprocesses", None) and "PYTEST_XDIST_WORKER" not in os.environ:
        del os.environ["WARDROUND_HOME"], os.environ["DJANGO_SETTINGS_MODULE"]


@pytest.fixture(autouse=True)
def fresh_heads(settings) -> None:
    """Each test's database starts empty, so the heads that an earlier test signed must not be there either."""
    settings.HOME.receipts.joinpath("audit-heads.jsonl").unlink(missing_ok=True)


@pytest.fixture
def operator():
    from wardround.web.audit.actor import system_actor

    return system_actor("tests")


@pytest.fixture
def hospital(tmp_path) -> Home:
    """A hospital's home, as its own side sees it."""
    return Home.create(tmp_path / "budapest", kind="hospital", name="Budapest")


@pytest.fixture
def run_of_four(db, operator, settings):
    """A run of the heart study that four members were asked for; it waits for its hospitals."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from django.utils import timezone

    import wardround.demo
    from wardround.coordinator.members.models import Member, Standing
    from wardround.coordinator.runs.actions import request_run
    from wardround.coordinator.runs.board import run_folder
    from wardround.coordinator.studies.actions import publish

    for name in ("budapest", "cleveland", "long-beach", "zurich-basel"):
        key = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
        Member.objects.create(
            name=name, title=name.replace("-", " ").title(), since=timezone.now(), token_digest=name, identity=key,
            sealing_key=key, standing=Standing.MEMBER,
        )  # fmt: skip
    run = request_run(publish(Path(wardround.demo.__file__).parent / "heart-study.yaml", by=operator), by=operator)
    yield run
    shutil.rmtree(run_folder(settings.HOME, run.run_id), ignore_errors=True)
    (settings.HOME.run / "connected.json").unlink(missing_ok=True)
