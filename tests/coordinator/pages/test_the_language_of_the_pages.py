"""The coordinator's pages are in the language that its home was made with, where there is a catalogue of it."""

from dataclasses import replace

import pytest

from wardround.web.settings import page_language


@pytest.mark.parametrize(("locale", "language"), [("de", "de"), ("hu", "hu"), ("en", "en"), ("fi", "en")])
def test_the_pages_are_in_the_language_of_the_home(locale, language, settings):
    assert page_language(replace(settings.HOME, locale=locale)) == language
