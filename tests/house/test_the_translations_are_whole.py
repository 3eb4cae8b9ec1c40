"""The catalogues of translations: every text of the pages, in every language, with the same placeholders."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
LOCALE = ROOT / "src" / "wardround" / "locale"
LANGUAGES = ("de", "hu")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]")


def messages(language):
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        return [message for message in read_po(file, locale=language) if message.id]


def texts(value):
    return [value] if isinstance(value, str) else list(value)


def test_every_language_has_the_same_texts():
    assert [{str(message.id) for message in messages(language)} for language in LANGUAGES].count(
        {str(message.id) for message in messages("de")}
    ) == len(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language):
    open_texts = [message.id for message in messages(language) if message.fuzzy or not all(texts(message.string))]

    assert open_texts == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_placeholders_of_its_text(language):
    wrong = []
    for message in messages(language):
        wanted = {frozenset(PLACEHOLDER.findall(text)) for text in texts(message.id)}
        found = {frozenset(PLACEHOLDER.findall(text)) for text in texts(message.string)}
        if not found <= wanted | {max(wanted, key=len)}:
            wrong.append(message.id)

    assert wrong == []


@pytest.mark.skipif(not shutil.which("xgettext"), reason="GNU gettext is not installed: apt-get install gettext.")
def test_no_text_of_the_pages_is_missing_in_the_catalogues(tmp_path):
    copy = tmp_path / "repository"
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    shutil.copytree(ROOT / "scripts", copy / "scripts")
    before = {str(message.id) for message in messages("de")}

    subprocess.run(
        [sys.executable, "scripts/write_catalogues.py"],
        cwd=copy,
        check=True,
        env={"PYTHONPATH": "src", "PATH": "/usr/bin:/bin"},
    )

    with (copy / "src/wardround/locale/de/LC_MESSAGES/django.po").open("rb") as file:
        gathered = {str(message.id) for message in read_po(file, locale="de") if message.id}
    assert gathered - before == set()
    assert before - gathered == set()
