"""The run as server-sent events: every region once, then what changes, then the end."""

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone

from wardround.coordinator.pages import live
from wardround.coordinator.runs.models import Run, Standing

pytestmark = pytest.mark.django_db


def test_a_frame_gives_every_line_its_own_field():
    assert live.frame("now", data="a\nb") == b"event: now\ndata: a\ndata: b\n\n"


def test_a_frame_without_data_is_still_an_event():
    assert live.frame("ended", data="") == b"event: ended\ndata: \n\n"


def test_a_line_of_a_hospital_cannot_forge_an_event(board, run_id):
    board.say("sent\n\nevent: ended\ndata: x", who="cleveland")

    html, _ = live.regions(run_id)

    frames = live.frame("log", data=html["log"]).decode().rstrip("\n").split("\n")
    assert all(line.startswith(("event: log", "data: ")) for line in frames)


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")  # the test client is synchronous
def test_a_finished_run_sends_every_region_and_then_ends(as_client, person, run_id, board):
    board.finish("The fit converged in 6 rounds.", succeeded=True)
    Run.objects.filter(run_id=run_id).update(standing=Standing.FINISHED, outcome="The fit converged in 6 rounds.")

    answer = as_client(person("operator")).get(f"/runs/{run_id}/stream/")
    text = b"".join(answer).decode()

    assert answer["Content-Type"] == "text/event-stream"
    assert [f"event: {name}" in text for name in live.REGIONS] == [True] * len(live.REGIONS)
    assert text.rstrip().endswith("event: ended\ndata:")
    assert "The fit converged in 6 rounds." in text


def test_only_what_changed_is_sent_again(monkeypatch):
    looks = iter([{"now": "a", "log": "x"}, {"now": "b", "log": "x"}, {"now": "b", "log": "x"}])
    seen = []

    def regions(run_id, *, steers):
        seen.append(run_id)
        html = next(looks)
        return html, len(seen) == 3

    monkeypatch.setattr(live, "regions", regions)
    monkeypatch.setattr(live, "LOOK_EVERY_SECONDS", 0.001)

    async def collect() -> list[bytes]:
        return [frame async for frame in live.changes("r1")]

    frames = [frame for frame in asyncio.run(collect()) if frame.startswith(b"event")]

    assert frames == [
        live.frame("now", data="a"),
        live.frame("log", data="x"),
        live.frame("now", data="b"),
        live.frame("ended", data=""),
    ]


def test_a_stream_ends_with_the_idle_time_so_that_watching_keeps_nobody_logged_in(monkeypatch):
    monkeypatch.setattr(live, "regions", lambda run_id, *, steers: ({}, False))
    monkeypatch.setattr(live, "LOOK_EVERY_SECONDS", 0.001)
    monkeypatch.setattr(live, "LONGEST_SECONDS", 0.003)

    async def collect() -> list[bytes]:
        return [frame async for frame in live.changes("r1")]

    assert asyncio.run(collect())[-1] == live.frame("paused", data="")


def test_a_stream_ends_when_its_reader_is_logged_off_or_no_longer_may(as_client, person, run_id):
    from wardround.web.accounts.actions import change_role, deactivate
    from wardround.web.accounts.sessions import person_of_session
    from wardround.web.audit.actor import system_actor

    operator = person("operator")
    for change in (
        lambda user: deactivate(user, by=system_actor("tests")),
        lambda user: change_role(user, role="auditor", by=system_actor("tests")),
    ):
        type(operator).objects.filter(pk=operator.pk).update(role="operator", is_active=True)
        operator.refresh_from_db()
        client = as_client(operator)
        key = client.session.session_key
        assert person_of_session(key) == operator

        change(operator)

        assert person_of_session(key) is None


def test_a_stream_ends_twelve_hours_after_the_log_in(as_client, person, run_id):
    from wardround.web.accounts.sessions import LONGEST, STARTED, person_of_session

    operator = person("operator")
    session = as_client(operator).session

    def of_a_log_in(ago):
        session[STARTED] = (timezone.now() - ago).timestamp()
        session.save()
        return person_of_session(session.session_key)

    assert of_a_log_in(LONGEST - timedelta(minutes=1)) == operator
    assert of_a_log_in(LONGEST) is None


def test_whoever_may_not_watch_any_more_is_told_nothing_more(monkeypatch):
    monkeypatch.setattr(live, "regions", lambda run_id, *, steers: ({"now": "what goes on"}, False))
    monkeypatch.setattr(live, "LOOK_EVERY_SECONDS", 0.001)
    answers = iter([True, False])

    async def collect() -> list[bytes]:
        return [frame async for frame in live.changes("r1", may_watch=lambda: next(answers))]

    frames = asyncio.run(collect())

    assert frames.count(live.frame("now", data="what goes on")) == 1
    assert frames[-1] == live.frame("paused", data="")
