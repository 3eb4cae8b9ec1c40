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
