"""A finding is stored in English and said in the language of the page."""

import pytest
from django.utils import translation

import wardround.clinical.plausibility  # noqa: F401 - its sentences
from wardround.web.layout import said as module
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
