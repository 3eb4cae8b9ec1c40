"""A finding is stored in English and said in the language of the page."""

import pytest
from django.utils import translation

import wardround.clinical.dates
import wardround.clinical.plausibility  # noqa: F401 - its sentences
from wardround.web.layout import said as module
from wardround.web.layout.fhir_words import element_words, path_words
from wardround.web.layout.said import said

STORED = "Body temperature 386 °C is not possible. 38.6 °C was probably meant: the decimal point seems to have moved by one place."
HUNGARIAN = {
    "Body temperature": "Testhőmérséklet",
    "%(value)s is not possible. %(meant)s was probably meant: %(why)s.": "%(value)s nem lehetséges. Valószínűleg %(meant)s: %(why)s.",
    "the decimal point seems to have moved by %(places)s": "a tizedesvessző elcsúszott %(places)s",
    "one place": "egy hellyel",
}


@pytest.fixture
def hungarian(monkeypatch):
    monkeypatch.setattr(module, "translated", lambda text: HUNGARIAN.get(text, text))
    with translation.override("hu"):
        yield


def test_in_english_it_is_the_stored_sentence():
    assert said(STORED) == STORED


def test_in_another_language_its_parts_its_title_and_its_numbers_are(hungarian):
    assert said(STORED) == (
        "Testhőmérséklet 386 °C nem lehetséges. Valószínűleg 38,6 °C: a tizedesvessző elcsúszott egy hellyel."
    )


def test_what_no_template_made_stays_as_it_is(hungarian):
    assert said("The scale was broken.") == "The scale was broken."


FUTURE = "effectiveDateTime is 2062-03-02, in the future; what happened is dated 2026-11-27 or earlier."
REVERSED = "period.end (2026-03-01) lies before period.start (2026-03-02); it should be on or after it."


def test_elements_and_dates_are_said_as_people_write_them():
    assert said(FUTURE) == "Time is 02-Mar-2062, in the future; what happened is dated 27-Nov-2026 or earlier."
    assert said(REVERSED) == "End (01-Mar-2026) lies before start (02-Mar-2026); it should be on or after it."


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "de",
            "Zeitpunkt: 02-Mär-2062, in der Zukunft; was geschehen ist, hat das Datum 27-Nov-2026 oder ein früheres.",
        ),
        ("hu", "Időpont: 02-Már-2062, a jövőben; ami megtörtént, annak dátuma legkésőbb 27-Nov-2026."),
    ],
)
def test_and_so_they_are_in_another_language(language, sentence, reading):
    reading(language)

    assert said(FUTURE) == sentence


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("Encounter.location[1].period.start", "ward 2: start"),
        ("Observation.component[0].valueQuantity", "part 1: value"),
        ("onsetPeriod.end", "end"),
        ("Observation.value[x]", "value"),
        ("Basic.extension[0].url", "Basic.extension[0].url"),
        ("file.csv", "file.csv"),
    ],
)
def test_an_element_has_words_where_there_are_any(path, words):
    assert element_words(path) == words


def test_a_path_is_said_with_its_kind_of_record():
    assert path_words("Patient.birthDate") == "The patient: birth date"
    assert path_words("Condition: before birth") == "Problems: before birth"
    assert path_words("Total cholesterol") == "Total cholesterol"
