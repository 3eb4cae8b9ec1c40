"""Whoever reads the audit trail reads words: every action that the code writes has some."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from django.utils.translation import override

import wardround
from wardround.hospital.records.origin import Activity
from wardround.hospital.training.models import ModelDeed
from wardround.web.audit.words import in_words, role_in_words

COMMANDS = ("pause", "resume", "close", "stop")  # of the coordinator, whose models this site does not load
WRITERS = {"record_one", "record", "Entry"}
NAME = re.compile(r"[a-z]+(\.[a-z_]+)+")


def test_every_action_that_the_code_writes_has_words() -> None:
    written = {
        *actions_written(),
        *(f"record.{activity}" for activity in get_args(Activity)),
        *(f"run.{command}" for command in COMMANDS),
        *(f"model.{deed.value}" for deed in ModelDeed),
    }

    assert len(written) > 100
    assert {action for action in written if in_words(action) == action} == set()


def test_the_words_are_those_of_the_page() -> None:
    with override("de"):
        assert in_words("patient.open") == "Akte geöffnet"


def test_a_role_is_called_what_people_call_it() -> None:
    assert role_in_words("privacy_officer") == "privacy officer"
    with override("de"):
        assert role_in_words("privacy_officer") == "Datenschutz"


def test_an_action_without_words_keeps_its_name() -> None:
    assert in_words("something.new") == "something.new"


def actions_written() -> Iterator[str]:
    """The short names in the calls that write events."""
    for path in Path(wardround.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in WRITERS:
                for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                    if isinstance(argument, ast.Constant | ast.IfExp):
                        yield from (text for text in texts_in(argument) if NAME.fullmatch(text))


def texts_in(node: ast.expr) -> Iterator[str]:
    return (one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str))
