"""The hospital's test home, and the fixed cast. Run these tests without --ds: this file names the settings itself."""

import atexit
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import django
import pytest

from wardround.bench.postgresql import NoPostgreSQL, private_postgresql
from wardround.web.home import Home

# Django's settings also read the database, before pytest has read its own options.
ON_POSTGRESQL = "--database=postgresql" in sys.argv or ("--database", "postgresql") in itertools.pairwise(sys.argv)
_SERVER = ExitStack()
_NO_SERVER = ""
if ON_POSTGRESQL and "PYTEST_XDIST_WORKER" not in os.environ:
    try:
        os.environ["WARDROUND_DATABASE_URL"] = _SERVER.enter_context(private_postgresql(durable=False))
    except NoPostgreSQL as error:
        _NO_SERVER = str(error)
    atexit.register(_SERVER.close)

# The settings read the home, so it must stand before Django starts.
_FOLDER = Path(tempfile.mkdtemp(prefix="wardround-tests-"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
os.environ["WARDROUND_HOME"] = str(Home.create(_FOLDER / "home", kind="hospital", name="Test Hospital").path)
os.environ["DJANGO_SETTINGS_MODULE"] = "wardround.hospital.settings"
django.setup()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="Where the hospital's tables are; postgresql starts a server of its own.",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items if _NO_SERVER else ():
        item.add_marker(pytest.mark.skip(reason=_NO_SERVER))


def pytest_configure(config: pytest.Config) -> None:
    """Under xdist the workers must not inherit this process's home: each makes its own when it reads this file."""
    if config.getoption("numprocesses", None) and "PYTEST_XDIST_WORKER" not in os.environ:
        del os.environ["WARDROUND_HOME"], os.environ["DJANGO_SETTINGS_MODULE"]


PASSWORD = "seven-green-herons"


def _member(username: str, *, role: str):
    from wardround.web.accounts.models import User

    return User.objects.create(username=username, role=role, password=_password_hash())


@cache
def _password_hash() -> str:
    """Argon2id is slow on purpose, so the cast's password is hashed once."""
    from django.contrib.auth.hashers import make_password

    return make_password(PASSWORD)


@pytest.fixture(autouse=True)
def fresh_heads(settings) -> None:
    """Each test's database starts empty, so the heads that an earlier test signed must not be there either."""
    settings.HOME.receipts.joinpath("audit-heads.jsonl").unlink(missing_ok=True)


@pytest.fixture
def nurse(db):
    return _member("n.horvath", role="nurse")


@pytest.fixture
def doctor(db):
    return _member("d.keller", role="doctor")


@pytest.fixture
def steward(db):
    return _member("s.moreau", role="steward")


@pytest.fixture
def stranger(db):
    """Somebody with an account who may not see charts."""
    return _member("a.novak", role="administrator")


@pytest.fixture
def as_client(client) -> Callable:
    """The test client, logged in as somebody."""

    def logged_in(user):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return logged_in


@pytest.fixture
def make_patient(db) -> Callable[..., str]:
    """Store a patient with these observations and return the id."""
    from wardround.hospital.records.actions.resources import create_resource
    from wardround.web.audit.actor import system_actor

    numbers = itertools.count(1001)

    def make(*, family: str = "Kovács", given: str = "Ilona", birth: str = "1963", **elements: object) -> str:
        number = f"T-{next(numbers)}"
        stored = create_resource(
            {
                "resourceType": "Patient",
                "identifier": [{"system": "urn:wardround:mrn:test-hospital", "value": number}],
                "name": [{"family": family, "given": [given]}],
                "gender": "female",
                "birthDate": birth,
                **elements,
            },
            by=system_actor("tests"),
        )
        return stored.logical_id

    return make


@pytest.fixture
def make_observation(db) -> Callable[..., str]:
    """Store one measured value of a patient and return the observation's id."""
    from wardround.hospital.records.actions.resources import create_resource
    from wardround.web.audit.actor import system_actor

    def make(patient_id: str, *, loinc: str, value: float, unit: str, time: str = "2026-03-02T08:00:00Z") -> str:
        stored = create_resource(
            {
                "resourceType": "Observation",
                "status": "final",
                "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
                "subject": {"reference": f"Patient/{patient_id}"},
                "effectiveDateTime": time,
                "valueQuantity": {
                    "value": value,
                    "unit": unit,
                    "system": "http://unitsofmeasure.org",
                    "code": unit,
                },
            },
            by=system_actor("tests"),
        )
        return stored.logical_id

    return make


@pytest.fixture(scope="session")
def compiled(tmp_path_factory) -> Path:
    """The catalogues as they are written, compiled here: what an installation compiled may be older."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    folder = tmp_path_factory.mktemp("locale")
    catalogues = Path(__file__).parents[2] / "src/wardround/locale"
    for source in sorted(catalogues.glob("*/LC_MESSAGES/*.po")):
        target = folder / source.relative_to(catalogues).with_suffix(".mo")
        target.parent.mkdir(parents=True)
        with source.open("rb") as file, target.open("wb") as mo:
            write_mo(mo, read_po(file, locale=source.parts[-3]))
    return folder


@pytest.fixture
def reading(compiled, settings):
    """reading("de"): the pages are in this language from now on."""
    from django.utils import translation

    from wardround.web.layout.refusals import refusals_with_places

    settings.LOCALE_PATHS = [str(compiled)]
    refusals_with_places.cache_clear()

    def in_language(code: str) -> None:
        settings.LANGUAGE_CODE = code
        translation.activate(code)

    yield in_language
    translation.deactivate()
    refusals_with_places.cache_clear()
