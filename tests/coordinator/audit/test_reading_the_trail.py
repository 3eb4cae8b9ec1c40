"""The audit trail is asked by person, action, outcome and day, and leaves as a file only with a note in the trail itself."""

import csv
import io
import json
from datetime import date, timedelta

import pytest
from django.utils import timezone

from wardround.web.audit.actor import Actor
from wardround.web.audit.export import export
from wardround.web.audit.models import AuditEvent
from wardround.web.audit.queries import (
    AuditQuestion,
    AuditQuestionError,
    chain_end,
    events,
    known_actions,
    known_people,
)
from wardround.web.audit.sealing import seal_pending
from wardround.web.audit.trail import record_one

pytestmark = pytest.mark.django_db

ODETTE = Actor(kind="user", name="o.peeters", role="operator")
AUDITOR = Actor(kind="user", name="a.molnar", role="auditor")


@pytest.fixture
def trail() -> None:
    record_one(ODETTE, "run.request", what="Run/heart-1")
    record_one(ODETTE, "run.pause", what="Run/heart-1")
    record_one(ODETTE, "runner", what="not an action of runs")
    record_one(AUDITOR, "access", outcome="refused", what="=cmd()")


def asked(**fields: str) -> list[str]:
    return [event.action for event in events(AuditQuestion.asked(fields))]


def test_everything_is_shown_newest_first(trail):
    assert asked() == ["access", "runner", "run.pause", "run.request"]


def test_a_kind_of_action_holds_all_of_its_actions_and_no_other(trail):
    assert asked(action="run") == ["run.pause", "run.request"]
    assert asked(action="run.pause") == ["run.pause"]


def test_the_trail_is_asked_by_person_and_outcome(trail):
    assert asked(person="a.molnar") == ["access"]
    assert asked(outcome="refused") == ["access"]
    assert asked(outcome="nonsense") == asked()


def test_a_day_is_whole_and_the_last_day_is_included(trail):
    today = timezone.localdate()

    assert len(asked(since=str(today), until=str(today))) == 4
    assert asked(since=str(today + timedelta(days=1))) == []
    assert asked(until=str(today - timedelta(days=1))) == []


def test_a_day_that_is_none_is_answered_with_an_example():
    with pytest.raises(AuditQuestionError, match="2026-11-30"):
        AuditQuestion.asked({"since": "yesterday"})


def test_what_can_be_chosen_is_what_stands_in_the_trail(trail):
    assert known_actions() == ("access", "run.pause", "run.request", "runner")
    assert known_people() == ("a.molnar", "o.peeters")


def test_an_export_is_in_the_trail_with_what_was_asked_and_is_not_part_of_itself(trail):
    question = AuditQuestion(action="run", since=date(2020, 1, 1))

    lines = [json.loads(line) for line in export(question, form="jsonl", by=AUDITOR)]

    assert [line["action"] for line in lines] == ["run.pause", "run.request"]
    noted = AuditEvent.objects.get(action="audit.export")
    assert noted.actor_name == "a.molnar"
    assert noted.detail == {"since": "2020-01-01", "action": "run", "events": 2}


def test_a_spreadsheet_gets_no_formula(trail):
    text = "".join(export(AuditQuestion(outcome="refused"), form="csv", by=AUDITOR))

    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0]["what"] == "'=cmd()"
    assert rows[0]["actor_name"] == "a.molnar"


def test_the_end_of_the_chain_says_how_many_events_wait_for_the_sealer(trail):
    assert chain_end().unsealed == 4
    seal_pending()
    end = chain_end()
    assert (end.position, end.unsealed) == (4, 0)
    assert end.signed is not None


def test_who_reads_the_trail_is_in_the_trail(trail, client, db):
    from wardround.web.accounts.models import User

    auditor = User.objects.create(username="a.molnar", role="auditor")
    client.force_login(auditor, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/audit/?action=run").status_code == 200

    read = AuditEvent.objects.get(action="audit.read")
    assert (read.actor_name, read.detail["action"]) == ("a.molnar", "run")
