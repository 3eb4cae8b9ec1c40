"""The sentences that the code says without a catalogue: what it refuses and why, read from the code itself.

They are raised and stored in English, because logs, the audit trail and the command line keep them so; a page says them
again in its reader's language (`wardround.web.layout.said`). What stands in braces becomes a named place: %(hospital)s.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOMS = (
    "clinical", "coordinator/leading", "coordinator/members", "coordinator/models", "coordinator/pages", "coordinator/runs", "coordinator/studies",
    "federation", "hospital/administration", "hospital/care", "hospital/diagnosis", "hospital/emergency", "hospital/entry",
    "hospital/identity", "hospital/intake", "hospital/merges", "hospital/quality", "hospital/records", "hospital/roles.py",
    "hospital/training", "hospital/wards", "interchange", "learning", "web/accounts", "web/audit",
)  # fmt: skip
# What no page shows: answers to other programs, and sentences for whoever changes the catalogue or calls a function wrongly.
UNSEEN = (
    "clinical/catalogue", "federation/canonical.py", "federation/commands.py", "hospital/records/keyring.py",
    "hospital/records/search", "hospital/training/engine", "interchange/concept_maps.py", "interchange/fhir/json_patch.py",
    "interchange/fhir/path", "interchange/meds.py", "interchange/omop_out", "interchange/sql_on_fhir", "learning/evaluate.py",
    "learning/features.py", "learning/newton.py", "learning/predict.py", "learning/round_layout.py", "learning/site.py",
)  # fmt: skip
# Where something stands in a file that came, as the readers of files name it.
PLACES = (
    "archived files with %(ending)s", "column %(name)s", "line %(number)s", "message %(number)s", "person %(number)s",
    "row %(number)s", "subject %(number)s", "table %(name)s",
)  # fmt: skip
# What a board keeps and no full stop ends.
NOTES = ("Bonawitz et al. 2017, %(hospitals)s hospitals, %(needed)s must stay; the coordinator sees sums only",)
MISTAKES = {"AssertionError", "Exit", "NotImplementedError", "RuntimeError", "TypeError"}  # of whoever writes the code
TRANSLATED = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "pgettext", "template"}
LOGGED = {"debug", "error", "exception", "info", "warning"}
_SENTENCE = re.compile(r"(?=.*[a-z]{2})(?:[A-Z]|%\(\w+\)s)\S*(?: \S+){2,}\.", re.DOTALL)
_NAME = re.compile(r"[a-z]\w*", re.IGNORECASE)
_NO_NAMES = {
    "str",
    "len",
    "join",
    "sorted",
    "map",
    "max",
    "min",
    "for",
    "in",
    "if",
    "else",
    "or",
    "get",
    "getattr",
    "error",
}


def refusals(package: Path) -> set[str]:
    """Every such sentence of the package, as the template that a page looks up."""
    found = {*PLACES, *NOTES}
    for room in ROOMS:
        for path in [package / room] if room.endswith(".py") else sorted((package / room).rglob("*.py")):
            if not path.relative_to(package).as_posix().startswith(UNSEEN):
                found |= set(_sentences(ast.parse(path.read_text("utf-8"))))
    return {text for text in found if text[0] not in " .:"}


def _sentences(tree: ast.AST) -> Iterator[str]:
    """What is raised, and every other whole sentence; no docstrings, nothing for a log, and nothing translated already."""
    match tree:
        case ast.Expr(value=ast.Constant()):
            return
        case ast.Call(func=function) if _name(function) in TRANSLATED | LOGGED:
            return
        case ast.Raise(exc=ast.Call(func=function, args=[said, *_])):
            if _name(function) in MISTAKES:
                return
            yield from (text for text in _templates(said) if _NAME.search(re.sub(r"%\(\w+\)s", "", text)))
        case ast.expr() if texts := _templates(tree):
            yield from (text for text in texts if _SENTENCE.fullmatch(text))
            return
    for part in ast.iter_child_nodes(tree):
        yield from _sentences(part)


def _templates(node: ast.expr) -> list[str]:
    """The texts that an expression may be, one for each way it may go; none where it is no text."""
    match node:
        case ast.Constant(value=str(text)):
            return [text.replace("%", "%%")]
        case ast.IfExp(body=body, orelse=other) if (one := _templates(body)) and (two := _templates(other)):
            return one + two
        case ast.BinOp(left=left, op=ast.Add(), right=right) if (begins := _templates(left)) and (
            ends := _templates(right)
        ):
            return [begin + end for begin in begins for end in ends]
        case ast.JoinedStr(values=parts):
            return _joined(parts)
    return []


def _joined(parts: list[ast.expr]) -> list[str]:
    texts, taken = [""], set[str]()
    for part in parts:
        match part:
            case ast.FormattedValue(value=value):
                ways = _templates(value) or [_place(value, taken)]
            case _:
                ways = _templates(part)
        texts = [text + way for text in texts for way in ways]
    return texts


def _place(value: ast.expr, taken: set[str]) -> str:
    """The last name in what is printed, such as %(title)s for study.title."""
    names = _NAME.findall(re.sub(r"'[^']*'", "", ast.unparse(value)))
    name = next((each for each in reversed(names) if each not in _NO_NAMES), "reason").lower()
    name = name if name not in taken else f"{name}{len(taken)}"
    taken.add(name)
    return f"%({name})s"


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
