"""The coordinator's pages: who may look, and that they show no more than a coordinator may know."""

import pytest

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
