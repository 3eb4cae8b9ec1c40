"""What the engine says of a job, and what of it is believed."""

import pytest

from wardround.coordinator.engine.session import EngineSession

REFUSED = ["server: OK", "budapest: NVFLARE_ERROR: This hospital did not approve this study.", "cleveland: OK"]


@pytest.fixture
def told(monkeypatch, settings):
    def tell(**meta):
        monkeypatch.setattr(EngineSession, "_ask", lambda _session, _question: meta)
        return EngineSession(settings.HOME).status("a job")

    return tell


def test_who_refused_a_job_is_named_with_the_hospitals_own_sentence(told):
    status = told(status="FINISHED:FAILED_TO_RUN", job_deploy_detail=REFUSED)

    assert status.over
    assert status.refusals == {"budapest": "This hospital did not approve this study."}


def test_a_job_that_failed_to_start_is_not_over_before_the_engine_says_who_refused_it(told):
    assert not told(status="FINISHED:FAILED_TO_RUN").over


def test_a_job_that_ended_otherwise_is_over(told):
    assert told(status="FINISHED:ABNORMAL").over
    assert not told(status="RUNNING").over
