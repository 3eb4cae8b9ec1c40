"""Reads catalogue.toml and refuses one that contradicts itself."""

import math
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from wardround.clinical.errors import CatalogueError
from wardround.clinical.measurements import (
    WARDROUND,
    Coding,
    Concept,
    Entries,
    Evidence,
    Kind,
    Limits,
    Measurement,
    Scale,
)

_LIMITS = ("possible", "plausible", "plausible_adult", "usual", "reference")
_PLAIN = ("unit", "molar_mass", "resolution", "whole", "zero_is_missing", "scale", "steady", "mistaken_units")
_FIELDS = {"key", "title", "kind", "coding", "parent", "other_codings", "answers", "same_units", *_LIMITS, *_PLAIN}


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
    limits: dict[str, Any] = {
        name: _limits(entry[name], key=key, name=name, sources=sources) for name in _LIMITS if name in entry
    }
    plain: dict[str, Any] = {name: entry[name] for name in _PLAIN if name in entry}
    plain["mistaken_units"] = tuple(entry.get("mistaken_units", ()))
    plain["same_units"] = tuple(entry.get("same_units", {}).items())
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


def _limits(entry: Mapping[str, Any], *, key: str, name: str, sources: list[tuple[str, str, str]]) -> Limits:
    try:
        low, high, source = float(entry["low"]), float(entry["high"]), str(entry["source"])
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueError(f"{key}: {name} needs the numbers low and high, and a source in words.") from error
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise CatalogueError(f"{key}: {name} runs from {low:g} to {high:g}; low must be below high.")
    sources.append((key, name, source))
    return low, high


def _refuse_contradictions(m: Measurement) -> None:
    if m.kind == "quantity" and not (m.unit and m.possible):
        raise CatalogueError(f"{m.key}: a quantity needs a UCUM unit and possible limits.")
    if m.kind != "quantity" and (m.unit or m.possible):
        raise CatalogueError(f"{m.key}: a {m.kind} has neither unit nor limits.")
    if (m.kind == "category") != bool(m.answers):
        raise CatalogueError(f"{m.key}: a category, and only a category, lists its answers.")
    inner: Limits | None = m.possible
    for name, limits in (("plausible", m.plausible), ("usual", m.usual)):
        if limits and inner and not (inner[0] <= limits[0] and limits[1] <= inner[1]):
            raise CatalogueError(f"{m.key}: the {name} limits must lie inside the limits before them.")
        inner = limits or inner
    if m.scale == "log" and m.usual and m.usual[0] <= 0:
        raise CatalogueError(f"{m.key}: usual values at or below 0 need the linear scale.")
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
