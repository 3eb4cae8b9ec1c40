"""The coordinator's pages: who may look, and that they show no more than a coordinator may know."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from wardround.coordinator.members.models import Member
from wardround.coordinator.runs.state import RoundMetric
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

PAGES = ["/", "/runs/{run}/", "/runs/{run}/stream/"]


@pytest.mark.parametrize("role", ["operator", "auditor", "administrator"])
@pytest.mark.parametrize("page", PAGES)
def test_the_people_of_the_coordinator_see_its_pages(role, page, as_client, person, run_id, board):
    assert as_client(person(role)).get(page.format(run=run_id)).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_a_role_of_a_hospital_is_refused_and_the_audit_trail_has_it(page, as_client, person, run_id, board):
    answer = as_client(person("nurse")).get(page.format(run=run_id))

    assert answer.status_code == 403
    assert AuditEvent.objects.filter(actor_name="nurse.1", outcome="refused").exists()


@pytest.mark.parametrize("page", PAGES)
def test_whoever_is_signed_out_is_sent_to_the_log_in(page, client, run_id, board):
    answer = client.get(page.format(run=run_id))

    assert answer.status_code == 302
    assert answer.url.startswith("/login/")


@pytest.mark.parametrize("page", ["/runs/none/", "/runs/none/stream/"])
def test_an_unknown_run_is_not_there(page, as_client, person):
    assert as_client(person("operator")).get(page).status_code == 404


def test_the_first_page_lists_members_studies_and_runs(as_client, person, run_id, board):
    text = as_client(person("operator")).get("/").content.decode()

    assert "Long Beach" in text
    assert "Coronary heart disease before angiography" in text
    assert f"/runs/{run_id}/" in text


def test_a_round_stands_with_its_combined_figures(as_client, person, run_id, board):
    board.enter("evaluation", round_number=3)
    board.measure(RoundMetric(3, auroc=0.8712, auroc_low=0.842, auroc_high=0.9, brier=0.14, log_loss=0.43))

    text = as_client(person("operator")).get(f"/runs/{run_id}/").content.decode()

    assert "Combined AUROC, round 3" in text
    assert "0.871" in text
    assert "0.842–0.900" in text


def test_the_sum_of_patients_is_shown_and_hidden_under_five(as_client, person, run_id, board):
    client = as_client(person("operator"))

    board.note(patients_total=607)
    assert "607" in client.get(f"/runs/{run_id}/").content.decode()
    board.note(patients_total=4)
    text = client.get(f"/runs/{run_id}/").content.decode()

    assert "hidden: fewer than 5" in text
    assert "as one sum" not in text


def test_a_late_hospital_is_named_with_the_reason(as_client, person, run_id, board):
    board.enter("training", round_number=2, waiting_for="long-beach")
    board.mark({"long-beach": "silent"}, reason="No answer for 12 seconds.")

    text = as_client(person("operator")).get(f"/runs/{run_id}/").content.decode()

    assert "Waiting for Long Beach." in text
    assert "No answer for 12 seconds." in text


def test_the_page_says_plainly_that_differential_privacy_is_off(as_client, person, run_id, board):
    text = as_client(person("operator")).get(f"/runs/{run_id}/").content.decode()

    assert "Differential privacy is off." in text
    assert "Cannot see" in text


def test_the_page_says_first_what_the_run_waits_for(as_client, person, run_id, board):
    board.enter("training", round_number=2)
    client = as_client(person("auditor"))
    assert "Nothing is waited for." in client.get(f"/runs/{run_id}/").content.decode()

    board.wait(["long-beach"])

    text = client.get(f"/runs/{run_id}/").content.decode()
    assert text.index("Waiting for Long Beach.") < text.index("AUROC by round")


def test_the_picture_of_the_rounds_is_there_without_a_script(as_client, person, run_id, board):
    for number in (1, 2, 3):
        board.measure(
            RoundMetric(number, auroc=0.8 + number / 50, auroc_low=0.78, auroc_high=0.9, brier=0.1, log_loss=0.4)
        )

    text = as_client(person("operator")).get(f"/runs/{run_id}/").content.decode()

    assert text.count('<svg class="rounds') == 2
    assert ">0.860</text>" in text


def test_messages_and_bytes_are_counted_by_hospital(as_client, person, run_id, board):
    board.enter("training", round_number=1)
    board.ask("mask", attempt=1, sizes={"budapest": 2048, "cleveland": 1024})
    board.hear({"budapest": 51200})

    text = as_client(person("operator")).get(f"/runs/{run_id}/").content.decode()

    assert "50.0 KB in, 3.0 KB out" in text
    assert "masked numbers" in text


class TestSteering:
    def test_only_an_operator_sees_the_orders(self, as_client, person, run_id, board):
        board.enter("training", round_number=2)

        assert "Steer this run" in as_client(person("operator")).get(f"/runs/{run_id}/").content.decode()
        assert "Steer this run" not in as_client(person("auditor")).get(f"/runs/{run_id}/").content.decode()

    def test_a_pause_is_ordered_on_the_page_and_the_page_says_so(self, as_client, person, run_id, board):
        board.enter("training", round_number=2)
        client = as_client(person("operator"))

        answer = client.post(f"/runs/{run_id}/order/", {"command": "pause", "reason": "Zurich restarts."}, follow=True)

        text = answer.content.decode()
        assert "operator.1 has ordered a pause." in text
        assert 'value="resume"' in text
        event = AuditEvent.objects.get(action="run.pause", outcome="done")
        assert event.detail["reason"] == "Zurich restarts."

    def test_a_stop_is_asked_once_more(self, as_client, person, run_id, board):
        board.enter("training", round_number=2)
        client = as_client(person("operator"))

        asked = client.post(f"/runs/{run_id}/order/", {"command": "stop", "reason": "Wrong cohort."})
        assert "A stop cannot be taken back" in asked.content.decode()
        assert not AuditEvent.objects.filter(action="run.stop").exists()
        answer = client.post(
            f"/runs/{run_id}/order/", {"command": "stop", "reason": "Wrong cohort.", "confirmed": "yes"}, follow=True
        )

        assert "has ordered a stop" in answer.content.decode()

    def test_an_order_that_the_protocol_forbids_is_refused_with_the_reason(self, as_client, person, run_id, board):
        board.enter("training", round_number=2)
        board.ask("mask", attempt=1, sizes={"budapest": 1, "cleveland": 1, "long-beach": 1})
        board.wait(["long-beach"])

        answer = as_client(person("operator")).post(
            f"/runs/{run_id}/order/", {"command": "close", "reason": "Late."}, follow=True
        )

        assert "by difference" in answer.content.decode()
        assert AuditEvent.objects.filter(action="run.close", outcome="refused").exists()


@pytest.mark.parametrize(("minutes", "states"), [(0, ["Connected", "Not connected"]), (11, ["Not connected"] * 2)])
def test_a_hospital_of_which_nothing_is_heard_is_not_connected(minutes, states, as_client, person, run_id, settings):
    heard = (timezone.now() - timedelta(minutes=minutes)).isoformat()
    Member.objects.exclude(name__in=("budapest", "cleveland")).delete()
    connected = settings.HOME.run / "connected.json"
    connected.write_text(json.dumps({"now": ["budapest"], "seen": {"budapest": heard}}), "utf-8")

    page = as_client(person("operator")).get("/members/").content.decode()
    connected.unlink()

    assert re.findall(r'class="state \w+">(\w[^<]+)<', page) == states
