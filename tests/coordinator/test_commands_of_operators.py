"""The commands do what the pages do: the first person is made, and a run is steered with a reason."""

import json

import pytest
from typer.testing import CliRunner

from wardround.coordinator.commands import app
from wardround.coordinator.runs.board import run_folder
from wardround.coordinator.runs.orders import read_orders
from wardround.web.accounts.models import User

pytestmark = pytest.mark.django_db


def say(*arguments: object):
    return CliRunner().invoke(app, [*map(str, arguments)])


def test_the_first_administrator_is_made_by_command_with_a_password_for_one_log_in(settings):
    done = say("user", "add", "m.costa", "--home", settings.HOME.path, "--role", "administrator", "--json")

    made = User.objects.get(username="m.costa")
    assert made.must_change_password
    assert made.check_password(json.loads(done.stdout)["password"])


def test_a_role_of_a_hospital_is_refused_with_those_that_would_be_right(settings):
    done = say("user", "add", "n", "--home", settings.HOME.path, "--role", "nurse")

    assert done.exit_code == 1
    assert "operator, auditor, administrator" in done.output


def test_a_run_is_steered_by_command_for_the_same_reasons_as_on_its_page(run_of_four, settings):
    home = ("--home", settings.HOME.path)

    refused = say("steer", run_of_four.run_id, "resume", "--reason", "Go on.", *home)
    done = say("steer", run_of_four.run_id, "pause", "--reason", "Zurich restarts", *home)

    assert "The run is not paused." in refused.output
    assert done.exit_code == 0, done.output
    assert read_orders(run_folder(settings.HOME, run_of_four.run_id)).pause.reason == "Zurich restarts."
