"""What the code refuses in English stands on the pages in the reader's language; logs and the command line keep it."""

import sys
from pathlib import Path

import pytest
from django.utils.translation import pgettext

from wardround.hospital.intake.importing import import_files
from wardround.hospital.roles import NotAllowed, require
from wardround.web.audit.actor import Actor, system_actor
from wardround.web.layout.refusals import CONTEXT
from wardround.web.layout.said import said

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "scripts"))
from refusals import refusals  # noqa: E402 - as the catalogues are made

MAPPING = """
[source]
name = "Klinik"
slug = "klinik"
format = "csv"
zone = "UTC"

[columns]
NO = "mrn"
VISIT = "visit_start"
"""
# who, what is sent, what the code says, and what the page says
DEEDS = [
    (
        "nurse",
        ("/password/", {"old": "wrong-wrong", "new": "seven-grey-herons", "again": "seven-grey-herons"}),
        ("The present password is not right.", "Das jetzige Passwort stimmt nicht."),
    ),
    (
        "stranger",
        ("/administration/people/", {"username": "a.novak", "role": "nurse"}),
        ("There is already a user", "Es gibt schon ein Konto mit dem Benutzernamen &#x27;a.novak&#x27;"),
    ),
    (
        "stranger",
        ("/administration/people/a.novak/", {"change": "role", "role": "nurse"}),
        ("Nobody changes their own role.", "Niemand ändert die eigene Rolle."),
    ),
    (
        "stranger",
        ("/administration/teams/", {"name": ""}),
        ("A care team has a name of", "Ein Behandlungsteam hat einen Namen von"),
    ),
    (
        "steward",
        ("/imports/quarantine/99/replay/", {}),
        ("There is no message 99 in quarantine.", "In Quarantäne ist keine Nachricht 99."),
    ),
    (
        "steward",
        ("/wards/", {"ward": "Acute Medical", "every_hours": "5"}),
        ("Observations are due every", "Vitalzeichen sind alle"),
    ),
]


@pytest.fixture(params=["de", "hu"])
def language(request) -> str:
    return request.param


def filled(text: str) -> str:
    """A template as the code would say it: each place holds a word of its own."""
    return text % Places()


class Places(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"⟨{name}⟩"


def test_whatever_the_code_may_refuse_is_said_in_the_readers_language(language, reading):
    reading(language)
    in_english = [
        text for text in refusals(ROOT / "src" / "wardround") if said(filled(text)) != filled(pgettext(CONTEXT, text))
    ]

    assert in_english == []


@pytest.mark.django_db
def test_the_error_itself_stays_english_for_the_log_and_the_command_line(reading):
    with pytest.raises(NotAllowed) as refused:
        require(Actor("user", "n.horvath", "nurse"), "training")
    assert said(refused.value) == str(refused.value)

    reading("de")
    assert str(refused.value) == "The role nurse does not include this. Ask a colleague whose role does."
    assert said(refused.value) == "Ihre Rolle (Pflege) umfasst das nicht. Bitten Sie jemanden, dessen Rolle es umfasst."


def test_the_problems_of_a_record_keep_their_places(reading):
    reading("de")

    assert said("Condition.subject: The patient who is kept is not here. merge: The merge was undone.") == (
        "Condition.subject: Die Person, deren Akte behalten wird, ist nicht hier. merge: Die Zusammenführung wurde getrennt."
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "sent", "sentences"), DEEDS, ids=[deed[1][0] for deed in DEEDS])
def test_a_refused_deed_is_told_in_german(who, sent, sentences, request, as_client, reading):
    reading("de")
    client = as_client(request.getfixturevalue(who))
    page = client.post(*sent, follow=True).content.decode()

    in_english, in_german = sentences
    assert in_german in page
    assert in_english not in page


@pytest.mark.django_db
def test_why_a_row_was_refused_is_told_in_german_on_every_page_that_shows_it(tmp_path, steward, as_client, reading):
    table = tmp_path / "visits.csv"
    table.write_text("NO,VISIT\nK-1,2026-03-02 08:00\nK-2\n", "utf-8")
    batch = import_files([table], by=system_actor("tests"), mapping_text=MAPPING).batch
    reading("de")
    client = as_client(steward)

    for address in ("/imports/quarantine/", f"/imports/{batch}/?show=quarantined", "/imports/quarantine/1/"):
        page = client.get(address).content.decode()
        assert "Die Zeile kann nicht gelesen werden: sie hat 1 Zellen, wo die Kopfzeile 2 hat" in page
        assert "The row cannot be read" not in page
