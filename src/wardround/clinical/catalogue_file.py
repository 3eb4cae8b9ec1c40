"""Reads catalogue.toml and refuses one that contradicts itself."""

import tomllib
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from wardround.clinical.catalogue_limits import read_limits, refuse_contradicting_limits
from wardround.clinical.errors import CatalogueError
from wardround.clinical.measurements import (
    WARDROUND,
    Coding,
    Concept,
    Entries,
    Evidence,
    Kind,
    LimitName,
    Measurement,
    Scale,
    Sex,
)

_LIMITS = {*get_args(LimitName), "change"}
_PLAIN = ("unit", "molar_mass", "resolution", "whole", "zero_is_missing", "scale", "surges")
_LISTS = ("mistaken_units", "sexes")
_FIELDS = {
    *("key", "title", "kind", "coding", "parent", "other_codings", "answers", "same_units", "own_units"),
    *_LIMITS,
    *_PLAIN,
    *_LISTS,
}


def read_entries(text: str) -> Entries:
    """What the catalogue in this TOML text says; raises CatalogueError with the entry's key and what would be right."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"The catalogue is not TOML: {error}.") from error
    unknown = set(document) - {"measurement", "condition", "procedure", "sex"}
    if unknown:
        raise CatalogueError(f"The catalogue has an unknown section {min(unknown)!r}.")
    seen: dict[Coding, Evidence] = {}
    sources: list[tuple[str, str, str]] = []
    measurements = tuple(_measurement(entry, seen=seen, sources=sources) for entry in document.get("measurement", []))
    conditions, procedures, sexes = (
        _concepts(document.get(section, []), seen=seen) for section in ("condition", "procedure", "sex")
    )
    _refuse_repeats(document)
    return Entries(measurements, conditions, procedures, sexes, tuple(seen.values()), tuple(sources))


def _measurement(
    entry: Mapping[str, Any], *, seen: dict[Coding, Evidence], sources: list[tuple[str, str, str]]
) -> Measurement:
    key = _key(entry)
    unknown = set(entry) - _FIELDS
    if unknown:
        raise CatalogueError(f"{key}: unknown field {min(unknown)!r}; known are {', '.join(sorted(_FIELDS))}.")
    _one_of(entry.get("kind"), get_args(Kind), key=key, name="kind")
    _one_of(entry.get("scale", "log"), get_args(Scale), key=key, name="scale")
    for sex in entry.get("sexes", ()):
        _one_of(sex, get_args(Sex), key=key, name="sexes")
    limits = read_limits(entry, key=key, sources=sources)
    plain: dict[str, Any] = {name: entry[name] for name in _PLAIN if name in entry}
    plain |= {name: tuple(entry.get(name, ())) for name in _LISTS}
    plain["same_units"] = tuple(entry.get("same_units", {}).items())
    plain["own_units"] = tuple(_own_unit(table, key=key, sources=sources) for table in entry.get("own_units", []))
    measurement = Measurement(
        key=key,
        title=_title(entry),
        kind=entry["kind"],
        coding=_coding(entry.get("coding", {"system": WARDROUND, "code": key}), key=key, seen=seen),
        parent=_coding(entry["parent"], key=key, seen=seen) if "parent" in entry else None,
        answers=tuple(Coding(WARDROUND, answer["value"], answer["title"]) for answer in entry.get("answers", [])),
        other_codings=tuple(_coding(coding, key=key, seen=seen) for coding in entry.get("other_codings", [])),
        **limits,
        **plain,
    )
    _refuse_contradictions(measurement)
    return measurement


def _concepts(entries: Iterable[Mapping[str, Any]], *, seen: dict[Coding, Evidence]) -> tuple[Concept, ...]:
    return tuple(
        Concept(
            key=_key(entry),
            title=_title(entry),
            coding=_coding(
                entry.get("coding", {"system": WARDROUND, "code": entry["key"]}), key=entry["key"], seen=seen
            ),
            other_codings=tuple(_coding(c, key=entry["key"], seen=seen) for c in entry.get("other_codings", [])),
        )
        for entry in entries
    )


def _key(entry: Mapping[str, Any]) -> str:
    key = entry.get("key")
    if not isinstance(key, str) or not key.isidentifier():
        raise CatalogueError(f"An entry has the key {key!r}; a key is a name such as 'heart_rate'.")
    return key


def _title(entry: Mapping[str, Any]) -> str:
    title = entry.get("title")
    if not isinstance(title, str) or not title:
        raise CatalogueError(f"{entry['key']}: the title is missing; it is what a clinician calls the measurement.")
    return title


def _one_of(value: Any, allowed: tuple[str, ...], *, key: str, name: str) -> None:
    if value not in allowed:
        raise CatalogueError(f"{key}: {name} is {value!r}; it must be one of {', '.join(allowed)}.")


def _coding(entry: Mapping[str, Any], *, key: str, seen: dict[Coding, Evidence]) -> Coding:
    """Codes of other systems must say where they were seen: no code is invented."""
    try:
        coding = Coding(entry["system"], entry["code"], entry.get("display", ""))
    except KeyError as error:
        raise CatalogueError(f"{key}: a coding needs system and code; {error.args[0]} is missing.") from error
    if coding.system == WARDROUND:
        return coding
    if not entry.get("seen_in"):
        raise CatalogueError(
            f"{key}: the code {coding.code} of {coding.system} does not say where it was seen (seen_in)."
        )
    seen.setdefault(coding, Evidence(coding, entry["seen_in"]))
    return coding


def _own_unit(table: Mapping[str, Any], *, key: str, sources: list[tuple[str, str, str]]) -> tuple[str, float, float]:
    try:
        unit, factor, offset, source = table["unit"], float(table["factor"]), float(table["offset"]), table["source"]
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueError(f"{key}: own_units needs unit, factor, offset, and a source in words.") from error
    sources.append((key, "own_units", str(source)))
    return str(unit), factor, offset


def _refuse_contradictions(m: Measurement) -> None:
    if m.kind == "quantity" and not (m.unit and m.possible):
        raise CatalogueError(f"{m.key}: a quantity needs a UCUM unit and possible limits.")
    if m.kind != "quantity" and (m.unit or m.possible):
        raise CatalogueError(f"{m.key}: a {m.kind} has neither unit nor limits.")
    if (m.kind == "category") != bool(m.answers):
        raise CatalogueError(f"{m.key}: a category, and only a category, lists its answers.")
    if m.kind != "quantity" and (m.changes or m.usual or m.plausible):
        raise CatalogueError(f"{m.key}: only a quantity has limits and changes.")
    refuse_contradicting_limits(m)
    for name, number in (("molar_mass", m.molar_mass), ("resolution", m.resolution)):
        if number is not None and number <= 0:
            raise CatalogueError(f"{m.key}: {name} must be above 0.")


def _refuse_repeats(document: Mapping[str, Any]) -> None:
    keys: set[str] = set()
    codings: dict[Coding, str] = {}
    for section in ("measurement", "condition", "procedure", "sex"):
        for entry in document.get(section, []):
            key = entry["key"]
            if key in keys:
                raise CatalogueError(f"{key}: the key is used twice.")
            keys.add(key)
            own = entry.get("coding", {"system": WARDROUND, "code": key})
            for coding in (Coding(c["system"], c["code"]) for c in (own, *entry.get("other_codings", []))):
                if coding in codings:
                    raise CatalogueError(f"{key}: the code {coding.code} already belongs to {codings[coding]}.")
                codings[coding] = key
