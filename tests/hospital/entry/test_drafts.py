"""What is typed is kept, encrypted, for its author alone, until it is saved, discarded or a week old."""

from datetime import timedelta

import pytest
from django.utils import timezone
from statements import Correction, Statement, said

from wardround.hospital.entry import drafts, once
from wardround.hospital.entry.errors import AlreadySaved, SavedBefore
from wardround.hospital.entry.models import Draft
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(make_patient):
    return drafts.key_of("vital-signs", make_patient())


def _page(answer) -> str:
    """With what stands in its boxes."""
    return answer.content.decode()


def _post(client, key, **typed):
    return client.post(f"/drafts/{key}/", typed)


def test_what_is_typed_is_kept_and_comes_back(as_client, nurse, key):
    answer = _post(as_client(nurse), key, heart_rate="72", note="walked in")

    assert answer.content.decode().startswith("Draft kept, ")
    assert drafts.restored(nurse, key).typed == {"heart_rate": ["72"], "note": ["walked in"]}


def test_the_latest_is_kept_alone(as_client, nurse, key):
    _post(as_client(nurse), key, heart_rate="72")
    _post(as_client(nurse), key, heart_rate="78")

    assert drafts.restored(nurse, key).typed == {"heart_rate": ["78"]}
    assert Draft.objects.count() == 1


def test_a_draft_is_not_readable_in_the_database(as_client, nurse, key):
    _post(as_client(nurse), key, note="a very private sentence")

    assert b"private" not in bytes(Draft.objects.get().sealed)


def test_a_draft_opens_for_its_author_alone(as_client, nurse, doctor, key):
    _post(as_client(nurse), key, heart_rate="72")

    assert drafts.restored(doctor, key) is None


def test_a_draft_moved_to_another_person_does_not_open(as_client, nurse, doctor, key):
    _post(as_client(nurse), key, heart_rate="72")
    Draft.objects.update(user=doctor)

    assert drafts.restored(doctor, key) is None


def test_the_time_and_the_units_that_stand_in_a_form_are_no_draft(as_client, nurse, key):
    answer = _post(
        as_client(nurse), key, **{"measured_date": "2026-11-24", "unit-body_weight": "kg", "body_weight": ""}
    )

    assert answer.status_code == 204
    assert not Draft.objects.exists()


def test_what_is_emptied_again_is_no_draft_any_more(as_client, nurse, key):
    _post(as_client(nurse), key, heart_rate="72")
    _post(as_client(nurse), key, heart_rate="")

    assert not Draft.objects.exists()


def test_a_draft_about_a_new_patient_belongs_to_no_chart(as_client, nurse):
    _post(as_client(nurse), drafts.key_of("new-patient"), family="Kovács")

    assert drafts.restored(nurse, "new-patient:").typed == {"family": ["Kovács"]}
    assert Draft.objects.get().patient_id == ""


def test_who_may_not_write_begins_no_draft(as_client, stranger, steward, key):
    assert _post(as_client(stranger), key, heart_rate="72").status_code == 404
    assert _post(as_client(steward), key, heart_rate="72").status_code == 404
    assert _post(as_client(steward), "new-patient:", family="K").status_code == 403
    assert not Draft.objects.exists()


def test_a_draft_of_nobody_looks_like_one_of_somebody_elses_patient(as_client, nurse):
    assert _post(as_client(nurse), "vital-signs:nobody", heart_rate="72").status_code == 404


def test_a_key_that_no_form_has_is_not_there(as_client, nurse):
    assert _post(as_client(nurse), "x" * 121, heart_rate="72").status_code == 404


def test_nobody_keeps_a_draft_without_logging_in(client, key):
    assert _post(client, key, heart_rate="72").status_code == 302
    assert not Draft.objects.exists()


def test_a_draft_is_begun_and_discarded_in_the_audit_trail_and_typing_adds_no_line(as_client, nurse, key):
    _post(as_client(nurse), key, heart_rate="7")
    _post(as_client(nurse), key, heart_rate="72")
    answer = _post(as_client(nurse), key, discard="1", next="/patients/")

    assert answer.url == "/patients/"
    assert not Draft.objects.exists()
    told = AuditEvent.objects.filter(action__startswith="draft.")
    assert list(told.values_list("action", "patient_id", "what")) == [
        ("draft.begin", key.partition(":")[2], "vital-signs"),
        ("draft.discard", key.partition(":")[2], "vital-signs"),
    ]


def test_discarding_leads_to_no_other_site(as_client, nurse, key):
    assert _post(as_client(nurse), key, discard="1", next="https://elsewhere.example/").url == "/"
    assert _post(as_client(nurse), key, discard="1", next="//elsewhere.example/").url == "/"


def test_more_than_a_draft_keeps_is_refused_with_a_sentence(as_client, nurse, key):
    answer = _post(as_client(nurse), key, note="x" * 300_000)

    assert answer.status_code == 413
    assert "save what you have" in answer.content.decode()


def test_a_draft_of_last_week_is_swept_and_yesterdays_stays(as_client, nurse, make_patient, key):
    other = drafts.key_of("vital-signs", make_patient())
    for one in (key, other):
        _post(as_client(nurse), one, heart_rate="72")
    Draft.objects.filter(key=key).update(saved=timezone.now() - timedelta(days=8))

    assert drafts.restored(nurse, key) is None
    assert drafts.sweep() == 1
    assert Draft.objects.get().key == other
    assert AuditEvent.objects.filter(action="draft.expire").count() == 1


@pytest.mark.django_db(transaction=True)
class TestOnce:
    def _claim(self, user, token, content=b"72", **more):
        from django.db import transaction

        with transaction.atomic():
            once.claim(user, token=token, content=content, **more)

    def test_the_same_form_is_saved_once(self, nurse):
        self._claim(nurse, "t1")

        with pytest.raises(AlreadySaved, match="it is stored once"):
            self._claim(nurse, "t1")

    def test_a_saved_form_with_other_values_is_asked_about(self, nurse):
        self._claim(nurse, "t1")

        with pytest.raises(SavedBefore, match="with Correct"):
            self._claim(nurse, "t1", content=b"73")

    def test_the_same_from_another_form_a_moment_later_is_asked_about_and_then_taken(self, nurse):
        self._claim(nurse, "t1")

        with pytest.raises(SavedBefore, match="You saved the same"):
            self._claim(nurse, "t2")
        self._claim(nurse, "t2", is_meant=True)

    def test_what_two_people_save_alike_is_saved_twice(self, nurse, doctor):
        self._claim(nurse, "t1")
        self._claim(doctor, "t2")

    def test_a_draft_that_arrives_behind_its_save_is_not_kept(self, nurse, make_patient):
        self._claim(nurse, "t1")

        assert (
            drafts.keep(nurse, drafts.key_of("note", make_patient()), typed={"form_token": ["t1"], "a": ["b"]}) is None
        )
        assert not Draft.objects.exists()


class TestRefused:
    """What was sent and not saved comes back, even where nobody typed for long enough to keep it before."""

    def test_vital_signs(self, at_the_form):
        at_the_form.saved(body_temperature="386", heart_rate="72")

        page = _page(at_the_form.opened())
        assert "Draft of" in page
        assert 'name="body_temperature" value="386"' in page
        assert 'name="heart_rate" value="72"' in page

    def test_what_stood_in_the_form_when_a_test_was_added(self, at_the_form):
        form = at_the_form.laboratory()
        form.client.post(form.address, {"test": ["creatinine"], "creatinine": "1.1", "panel": "blood-count"})

        assert 'name="creatinine" value="1.1"' in _page(form.opened())

    def test_a_note(self, as_client, nurse, make_patient):
        note = Statement(as_client(nurse), make_patient(), "note")
        note.saved(text="Fell at 3 in the morning.", date="01-01-2199")

        assert "Fell at 3 in the morning." in _page(note.opened())

    def test_a_correction(self, as_client, nurse, make_patient, make_observation):
        patient_id = make_patient()
        rid = make_observation(patient_id, loinc="29463-7", value=68.4, unit="kg", time="2026-03-02T08:00:00+00:00")
        weight = Correction(as_client(nurse), patient_id, "Observation", rid)
        weight.saved(value0="64.8", why="")

        assert 'value="64.8"' in _page(weight.opened())

    def test_a_new_patient(self, as_client, nurse):
        client = as_client(nurse)
        client.post("/patients/new/", {"form_token": "t1", "save": "1", "family": "Kovács"})

        assert 'name="family" value="Kovács"' in _page(client.get("/patients/new/"))

    def test_what_is_asked_about_because_it_was_saved_a_moment_ago_is_no_draft(self, at_the_form):
        at_the_form.saved(heart_rate="72", token="t1")
        assert "You saved the same at" in said(at_the_form.saved(heart_rate="72", token="t2"))

        assert not Draft.objects.exists()
