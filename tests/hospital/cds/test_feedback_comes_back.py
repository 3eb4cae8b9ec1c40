"""CDS Hooks, feedback: what somebody did with a card is kept once, with the reason."""

import uuid

import pytest

pytestmark = pytest.mark.django_db

SERVICE = "/cds-services/heart"
FEEDBACK = f"{SERVICE}/feedback"
AT = "2026-11-26T10:05:31Z"


@pytest.fixture
def card(heart, register, call, request_of, prefetch) -> dict:
    register()
    [found] = call(SERVICE, request_of(prefetch())).json()["cards"]
    return found


def report(card: dict, outcome: str, **more: object) -> dict:
    return {"feedback": [{"card": card["uuid"], "outcome": outcome, "outcomeTimestamp": AT} | more]}


def test_an_accepted_suggestion_is_kept(call, card):
    from wardround.hospital.cds.models import CardFeedback

    accepted = [{"id": card["suggestions"][0]["uuid"]}]
    response = call(FEEDBACK, report(card, "accepted", acceptedSuggestions=accepted))

    kept = CardFeedback.objects.get()
    assert response.status_code == 200
    assert (kept.outcome, str(kept.card.card), kept.card.asked_for) == ("accepted", card["uuid"], "Practitioner/dr-k")


def test_an_override_is_kept_with_its_reason(call, card):
    from wardround.hospital.cds.models import CardFeedback

    reason = card["overrideReasons"][1]
    call(FEEDBACK, report(card, "overridden", overrideReason={"reason": reason, "userComment": "of last year"}))

    kept = CardFeedback.objects.get()
    assert (kept.reason_system, kept.reason_code, kept.comment) == (reason["system"], reason["code"], "of last year")


def test_feedback_stands_once_among_the_verdicts_of_the_chart(call, card):
    from wardround.hospital.diagnosis.models import Verdict

    for _ in range(2):
        call(FEEDBACK, report(card, "overridden", overrideReason={"reason": card["overrideReasons"][1]}))

    kept = Verdict.objects.get()
    assert (kept.choice, kept.reason, str(kept.card)) == ("disagree", "wrong-data", card["uuid"])
    assert (kept.username, kept.patient_id) == ("Practitioner/dr-k", "")


def test_the_same_report_again_is_kept_once(call, card):
    from wardround.hospital.cds.models import CardFeedback

    answers = [call(FEEDBACK, report(card, "overridden")) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json() for answer in answers] == [{"reports": 1, "new": 1}, {"reports": 1, "new": 0}]
    assert CardFeedback.objects.count() == 1


def test_what_somebody_wrote_is_kept_whole_and_its_beginning_stands_with_the_verdicts(call, card):
    from wardround.hospital.cds.models import CardFeedback
    from wardround.hospital.diagnosis.models import Verdict

    comment = "The pressure was taken in pain. " * 50
    call(FEEDBACK, report(card, "overridden", overrideReason={"userComment": comment}))

    assert CardFeedback.objects.get().comment == comment
    assert Verdict.objects.get().words == f"{comment[:499]}…"


def test_a_reason_of_the_other_record_s_own_is_not_taken_for_one_of_ours(call, card):
    from wardround.hospital.diagnosis.models import Verdict

    theirs = {"system": "https://emr.hospital.example/reasons", "code": "wrong-data", "display": "Wrong form"}
    call(FEEDBACK, report(card, "overridden", overrideReason={"reason": theirs}))

    assert Verdict.objects.get().reason == "https://emr.hospital.example/reasons|wrong-data"


@pytest.mark.parametrize(
    "change",
    [
        {"card": str(uuid.uuid4())},
        {"card": "x"},
        {"outcome": "ignored"},
        {"outcome": "accepted"},
        {"outcome": "accepted", "acceptedSuggestions": [{"id": "another"}]},
        {"outcomeTimestamp": "yesterday"},
        {"outcomeTimestamp": "2026-11-26T10:05:31"},
        {"overrideReason": "because"},
        {"overrideReason": {"reason": {"code": 1}}},
        {"overrideReason": {"reason": {"code": "wrong-data"}}},
        {"overrideReason": {"reason": {"code": "x" * 101, "system": "https://emr.hospital.example/reasons"}}},
        {"overrideReason": {"userComment": 1}},
        {"overrideReason": {"userComment": "x" * 4_001}},
    ],
)
def test_a_report_that_is_none_is_refused_and_nothing_of_it_is_kept(call, card, change):
    from wardround.hospital.cds.models import CardFeedback

    [good] = report(card, "overridden")["feedback"]
    bad = good | change

    assert call(FEEDBACK, {"feedback": [good, bad]}).status_code == 400
    assert not CardFeedback.objects.exists()


@pytest.mark.parametrize("body", [{}, {"feedback": []}, {"feedback": "x"}, {"feedback": [1]}])
def test_feedback_without_reports_is_refused(call, card, body):
    assert call(FEEDBACK, body).status_code == 400


def test_each_accepted_suggestion_is_one_of_the_card(call, card):
    own = {"id": card["suggestions"][0]["uuid"]}

    assert call(FEEDBACK, report(card, "accepted", acceptedSuggestions=[own, "another"])).status_code == 400
    assert call(FEEDBACK, report(card, "accepted", acceptedSuggestions=[own, {}])).status_code == 400
    assert call(FEEDBACK, report(card, "accepted", acceptedSuggestions=[own])).status_code == 200


def test_another_client_s_card_is_not_spoken_of(call, card, register):
    from wardround.hospital.cds.models import CdsClient, IssuedCard

    client = CdsClient.objects.get()
    client.pk, client.iss = None, "https://other.example/"
    client.save()
    IssuedCard.objects.update(client=client)

    assert call(FEEDBACK, report(card, "overridden")).status_code == 400
