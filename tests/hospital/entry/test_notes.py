"""A note in plain words, by whoever is logged in."""

import base64

import pytest
from statements import Statement, bodies, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def note(as_client, nurse, make_patient):
    return Statement(as_client(nurse), make_patient(), "note")


def test_a_note_is_stored_as_it_was_written_under_its_author(note):
    assert note.saved(title="Nursing note", text="Slept well.\nŐ ate.").status_code == 302

    (body,) = bodies(note.patient_id, "DocumentReference")
    attachment = body["content"][0]["attachment"]
    assert base64.b64decode(attachment["data"]).decode() == "Slept well.\nŐ ate."
    assert attachment["contentType"].startswith("text/plain")
    assert body["author"] == [{"display": "n.horvath"}]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [({"text": "words"}, "Give the note a title"), ({"title": "Ward round"}, "Write the note")],
)
def test_a_note_has_a_title_and_words(note, typed, sentence):
    assert sentence in said(note.saved(**typed))
    assert bodies(note.patient_id, "DocumentReference") == []


def test_markup_in_a_note_is_only_words(note):
    answer = note.saved(title="<script>alert(1)</script>")

    assert "<script>alert" not in answer.content.decode()
