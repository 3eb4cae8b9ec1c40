"""Bring the translations up to date: python scripts/write_catalogues.py [--compile]

Gathers every text of the pages, and the titles of the catalogue of measurements, into
src/wardround/locale/*/LC_MESSAGES/django.po; what is translated stays. Needs GNU gettext (xgettext, msgmerge).
With --compile it only compiles them, as an installation does; needs nothing.
"""

import argparse
import os
from itertools import permutations
from pathlib import Path
from typing import get_args

import django
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from refusals import refusals

PACKAGE = Path(__file__).parent.parent / "src" / "wardround"
LANGUAGES = {"de": "German", "hu": "Hungarian"}
HEAD = """# The texts of Wardround's pages in {language}.
msgid ""
msgstr ""
"Project-Id-Version: Wardround\\n"
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
# Words that stand in the places of sentences, and units that people write as words.
WORDS = (
    "years", "Age", "Sex", "Resting systolic blood pressure", "female", "male", "other", "unknown", "one place", "two places", "three places",
    "nurse", "doctor", "steward", "researcher", "privacy_officer", "administrator", "operator", "auditor", "coordinator", "service", "system",
    "invitation", "admission", "join request", "publication",
)  # fmt: skip
STRINGS = PACKAGE / "catalogue_strings.py"  # there only while texts are gathered


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compile", action="store_true", help="only compile what is there")
    if not parser.parse_args().compile:
        gather()
    compile_all()


def gather() -> None:
    """Every text of templates and code, what the pages print of the catalogue, and what the code refuses in English."""
    settings.configure(USE_I18N=True, LOCALE_PATHS=[str(PACKAGE / "locale")], INSTALLED_APPS=[])
    (PACKAGE / "locale").mkdir(exist_ok=True)
    lines = [f"gettext({text!r})" for text in catalogue_texts()]
    lines += [f"pgettext('refusal', {text!r})" for text in sorted(refusals(PACKAGE))]
    STRINGS.write_text("\n".join(lines), "utf-8")
    django.setup()
    before = Path.cwd()
    os.chdir(PACKAGE)
    try:
        call_command(
            "makemessages", locale=list(LANGUAGES), no_location=True, no_obsolete=True, no_wrap=True, verbosity=0,
            ignore_patterns=["demo/*", "bench/*"],
        )  # fmt: skip
    finally:
        os.chdir(before)
        STRINGS.unlink()
    for code, language in LANGUAGES.items():
        path = PACKAGE / "locale" / code / "LC_MESSAGES" / "django.po"
        texts = path.read_text("utf-8").partition("\n\n")[2]
        path.write_text(HEAD.format(code=code, language=language) + texts, "utf-8")


def catalogue_texts() -> list[str]:
    """What pages print of the plain floors: titles, answers, words, the sentences of findings, and what a message holds."""
    import wardround.learning.calibrate
    import wardround.learning.predict  # noqa: F401 - its sentences, too
    from wardround.clinical import dates, events, plausibility, siblings, standardise, states  # noqa: F401 - they make sentences
    from wardround.clinical.catalogue import load_catalogue
    from wardround.clinical.findings import FindingKind
    from wardround.clinical.identity import Grade
    from wardround.clinical.sentences import templates
    from wardround.federation.message_kinds import KINDS, PURPOSES
    from wardround.federation.source_attributes import ATTRIBUTES, METHODS, OF_THE_PERSON
    from wardround.interchange.suggest.names import book

    catalogue = load_catalogue()
    texts = {measurement.title for measurement in catalogue}
    texts |= {answer.display for measurement in catalogue for answer in measurement.answers}
    texts |= {concept.title for concept in (*catalogue.conditions, *catalogue.procedures, *catalogue.sexes)}
    texts |= set(templates()) | set(get_args(Grade)) | set(PURPOSES.values())
    texts |= {text for attribute in ATTRIBUTES for text in (attribute.group, attribute.title)} | set(METHODS.values())
    texts |= {" and ".join(pair) for pair in permutations(OF_THE_PERSON.values(), 2)} | set(OF_THE_PERSON.values())
    texts |= {kind.replace("_", " ") for kind in get_args(FindingKind)}
    texts |= {field.meaning for kind in KINDS.values() if kind.direction == "to coordinator" for field in kind.fields}
    texts |= set(book()["placeless"])
    return sorted(text for text in {*texts, *WORDS} if text)


def compile_all() -> None:
    for source in sorted((PACKAGE / "locale").glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3])
        with source.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, catalogue)


if __name__ == "__main__":
    main()
