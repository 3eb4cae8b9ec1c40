"""A table's columns as a person maps them: what each is, its unit, what dates it; and the form that was sent, as a mapping's text."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wardround.clinical.catalogue import load_catalogue
from wardround.hospital.intake.errors import IntakeError
from wardround.interchange.suggest.editing import column_notes, with_column

ROLES: Mapping[str, str | Promise] = {
    "mrn": _("hospital number"),
    "family": _("family name"),
    "given": _("given name"),
    "sex": _("sex"),
    "birth_date": _("date of birth"),
    "birth_year": _("year of birth"),
    "phone": _("telephone"),
    "email": _("e-mail"),
    "street": _("street"),
    "city": _("city"),
    "state": _("state"),
    "postcode": _("postcode"),
    "country": _("country"),
    "record": _("number of the visit or result"),
    "visit": _("number of the visit"),
    "visit_start": _("start of the visit"),
    "visit_end": _("end of the visit"),
    "time": _("time of other columns"),
    "condition": _("diagnosis code"),
    "procedure": _("time of a procedure"),
    "observation": _("own result, kept as it is"),
    "code": _("code of what was measured"),
    "value": _("value of what was measured"),
    "unit": _("unit of what was measured"),
    "display": _("name of what was measured"),
    "ignore": _("leave out"),
}


class UnknownMeaning(IntakeError):
    """A column cannot be what was written for it; the message says what it can be."""


@dataclass(frozen=True)
class ColumnLine:
    """One column in the form. `meaning` is a role's words or a measurement's title; empty where it is not read."""

    number: int
    name: str
    examples: tuple[str, ...]
    meaning: str
    unit: str
    time: str
    note: str  # the evidence of a draft


def column_lines(columns: Iterable[tuple[str, Sequence[str]]], *, text: str) -> list[ColumnLine]:
    """The form's lines for the present mapping; a mapping that is no TOML gives lines without meanings."""
    said, notes = _columns_in(text), column_notes(text)
    return [
        ColumnLine(
            number=number,
            name=name,
            examples=tuple(examples),
            meaning=_meaning(said.get(name, {})),
            unit=str(said.get(name, {}).get("unit", "")),
            time=str(said.get(name, {}).get("time", "")),
            note=notes.get(name, ""),
        )
        for number, (name, examples) in enumerate(columns)
    ]


def meanings() -> list[str]:
    """Everything that a column can be, in the words that the form takes."""
    return [str(words) for words in ROLES.values()] + sorted({gettext(m.title) for m in load_catalogue()})


def with_columns(text: str, *, lines: Iterable[ColumnLine], sent: Mapping[str, str]) -> str:
    """The mapping with what was changed in the form; raises `UnknownMeaning`. What was not changed stays as it stands."""
    said = _columns_in(text)
    for line in lines:
        meaning, unit, time = (sent.get(f"{part}-{line.number}", "").strip() for part in ("meaning", "unit", "time"))
        if (meaning, unit, time) == (line.meaning, line.unit, line.time):
            continue
        before = {k: v for k, v in said.get(line.name, {}).items() if k in ("code", "system", "date_format")}
        text = with_column(text, line.name, _entry(meaning, unit=unit, time=time, column=line.name, before=before))
    return text


def _entry(meaning: str, *, unit: str, time: str, column: str, before: Mapping[str, str]) -> dict[str, str] | None:
    if not meaning:
        return None
    what = _what(meaning, column=column)
    facts = {**what, **before, "unit": unit, "time": time}
    return {field: value for field, value in facts.items() if value}


def _what(meaning: str, *, column: str) -> dict[str, str]:
    wanted = meaning.casefold()
    for role, words in ROLES.items():
        if wanted in (role, str(words).casefold()):
            return {"role": role}
    for measurement in load_catalogue():
        if wanted in (measurement.key, measurement.title.casefold(), gettext(measurement.title).casefold()):
            return {"measurement": measurement.key}
    raise UnknownMeaning(
        f"The column {column} cannot be “{meaning}”: choose one of the list, or “{ROLES['observation']}” "
        "for a result that the catalogue does not know."
    )


def _meaning(entry: Mapping[str, Any]) -> str:
    if "measurement" in entry:
        found = (gettext(m.title) for m in load_catalogue() if m.key == entry["measurement"])
        return next(found, str(entry["measurement"]))
    role = str(entry.get("role", ""))
    return str(ROLES.get(role, role))


def _columns_in(text: str) -> dict[str, dict[str, Any]]:
    try:
        columns = tomllib.loads(text).get("columns", {})
    except tomllib.TOMLDecodeError:
        return {}
    if not isinstance(columns, dict):
        return {}
    return {name: {"role": entry} if isinstance(entry, str) else dict(entry) for name, entry in columns.items()}
