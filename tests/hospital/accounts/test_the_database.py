"""Which database a side uses, and that the tests really run on the one that was asked for."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from wardround.hospital.records.one_writer import hold_other_writers
from wardround.web.database import database_of


def test_without_an_address_the_tables_are_in_the_home(settings):
    assert database_of(settings.HOME, url="")["NAME"] == settings.HOME.database


def test_an_address_names_server_user_and_database(settings):
    found = database_of(settings.HOME, url="postgresql://ward:s%40fe@db.example:5433/budapest?sslmode=require")

    assert [found[key] for key in ("HOST", "PORT", "USER", "PASSWORD", "NAME")] == [
        "db.example", "5433", "ward", "s@fe", "budapest",
    ]  # fmt: skip
    assert found["OPTIONS"]["sslmode"] == "require"
    assert "statement_timeout=60s" in found["OPTIONS"]["options"]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://u:hunter2@h/d", "does not begin with postgresql://"),
        ("postgresql://u:hunter2@h", "does not name one database"),
        ("postgresql://u:hunter2@h:port/d", "is not an address"),
        ("postgresql://u:hunter2@h/d?ssl=yes", "does not know ssl"),
    ],
)
def test_a_bad_address_stops_the_start_with_its_name_and_an_example_and_without_the_password(settings, url, sentence):
    with pytest.raises(ImproperlyConfigured) as refusal:
        database_of(settings.HOME, url=url)

    assert f"WARDROUND_DATABASE_URL {sentence}" in str(refusal.value)
    assert "For example: WARDROUND_DATABASE_URL=postgresql://" in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_these_tests_run_on_the_database_that_was_asked_for(db, request):
    assert connection.vendor == request.config.getoption("database")


def test_other_writers_are_held_only_inside_a_transaction(transactional_db):
    with pytest.raises(RuntimeError, match="in one transaction"):
        hold_other_writers()
    with transaction.atomic():
        hold_other_writers()
