"""The draft of a mapping: on the page its notes are in the reader's language, on the command line in English."""

import html
import re
import tomllib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from typer.testing import CliRunner

from wardround.cli import app
from wardround.clinical.sentences import Template
from wardround.hospital.intake.models import Upload
from wardround.interchange.suggest import notes
from wardround.interchange.suggest.names import book
from wardround.web.layout.said import said

pytestmark = pytest.mark.django_db
LAB = (
    b"PatNr;Geschlecht;Geburtsdatum;Datum;Chol (mg/dl);RR syst;Alter;Xyz\n"
    b"1;W;12.03.1961;02.03.2026;212;128;64;a\n"
    b"2;M;30.11.1955;02.03.2026;198;131;70;b\n"
)
BOX = re.compile(r'name="((?:meaning|unit|time)-\d+)" value="([^"]*)"')
SPOKEN = {
    "de": (
        "2 von 2 Werten liegen im üblichen Bereich (Systolischer Blutdruck, in mmHg)",
        "ein Alter ist kein Datum: Richtig wäre ein Geburtsdatum oder Geburtsjahr",
        "ihr Name sagt nichts Bekanntes; sie enthält",
        "der Tag zuerst, wie man Tage mit Punkten schreibt",
        'value="Systolischer Blutdruck"',
        "# Ein Entwurf aus den Namen und allen 2 Zeilen einer Tabelle.",
    ),
    "hu": (
        "2 értékből 2 esik a szokásos tartományba (Szisztolés vérnyomás, egység: mmHg)",
        "az életkor nem dátum: születési dátum vagy születési év volna helyes",
        "a neve semmi ismertet nem mond;",
        "elöl a nap, ahogyan a pontokkal írt dátumokban szokás",
        'value="Szisztolés vérnyomás"',
        "# Vázlat egy táblázat neveiből és mind a(z) 2 sorából.",
    ),
}


def templates() -> list[Template]:
    """Every note that a draft may have."""
    kept = vars(notes).values()
    several = (notes.OPENING, notes.IN_RANGE, notes.AS_OTHERS, notes.HOLDS)
    return [one for one in kept if isinstance(one, Template)] + [one for some in several for one in some.values()]


@pytest.fixture
def drafted(as_client, steward):
    """The wizard's page, and the draft on it."""

    def made() -> tuple[str, str]:
        client = as_client(steward)
        answer = client.post("/imports/new/", {"files": [SimpleUploadedFile("labor.csv", LAB)]})
        return html.unescape(client.get(answer.url).content.decode()), Upload.objects.get().mapping

    return made


@pytest.mark.parametrize("language", ["de", "hu"])
def test_the_notes_on_the_page_are_in_the_readers_language(language, reading, drafted):
    reading(language)

    page, draft = drafted()

    for sentence in SPOKEN[language]:
        assert sentence in (draft if sentence.startswith("#") else page), sentence
    assert tomllib.loads(draft)["columns"]["RR syst"]["measurement"] == "systolic_pressure"


def test_a_meaning_is_taken_in_the_readers_language_and_in_english(reading, drafted, client):
    reading("de")
    drafted()
    upload = Upload.objects.get()

    for typed in ("Kreatinin", "Creatinine"):
        page = client.get(f"/imports/uploads/{upload.pk}/")
        sent = {name: html.unescape(value) for name, value in BOX.findall(page.content.decode())}
        client.post(f"/imports/uploads/{upload.pk}/", {**sent, "do": "columns", "meaning-7": typed, "unit-7": "umol/L"})

        upload.refresh_from_db()
        assert tomllib.loads(upload.mapping)["columns"]["Xyz"]["measurement"] == "creatinine", typed
        client.post(f"/imports/uploads/{upload.pk}/", {**sent, "do": "columns", "meaning-7": "", "unit-7": ""})


@pytest.mark.parametrize("language", ["de", "hu"])
def test_no_note_is_left_in_english(language, reading):
    reading(language)
    texts = [one.text % Places() for one in templates()] + list(book()["placeless"])

    assert len(texts) > 70
    assert [text for text in texts if said(text) == text] == []


def test_in_english_the_page_says_what_the_command_line_says(drafted, settings, tmp_path):
    _page, draft = drafted()

    assert printed(settings, tmp_path).strip() == draft.strip()


@pytest.mark.parametrize("language", ["de", "hu"])
def test_the_command_line_stays_english(language, reading, drafted, settings, tmp_path):
    english = printed(settings, tmp_path)
    reading(language)

    assert printed(settings, tmp_path) == english
    assert drafted()[1] != english


def printed(settings, folder) -> str:
    table = folder / "labor.csv"
    table.write_bytes(LAB)
    asked = ["hospital", "import", "--home", str(settings.HOME.path), "--suggest-mapping", str(table)]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    return done.stdout


class Places(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "7"
