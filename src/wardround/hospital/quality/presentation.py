"""A quality report as its page and its file show it: titles, shares and the geometry of its small drawings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_noop

from wardround.hospital.intake.quarantine import reason_key
from wardround.hospital.quality.checks import Category

_TITLES: dict[Category, tuple[str, str]] = {
    "conformance": (
        gettext_noop("Conformance"),
        gettext_noop("do values, codes and references have the form that the records need?"),
    ),
    "completeness": (
        gettext_noop("Completeness"),
        gettext_noop("do patients have records, and do records state what is asked of them?"),
    ),
    "plausibility": (gettext_noop("Plausibility"), gettext_noop("can the values and dates be true?")),
}
_BAR, _COLUMN, _HEIGHT = 120, 14, 28  # user units of the drawings
_SHOWN = 12


@dataclass(frozen=True)
class Section:
    """One category of checks, and how many of them nothing fails."""

    title: str
    lead: str
    failing: tuple[Mapping[str, Any], ...]
    passing: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Column:
    """One month of a source's drawing."""

    month: str
    x: int
    y: float
    height: float
    said: str


@dataclass(frozen=True)
class Trend:
    """One source with its drawing: the share of its values that are held or not standardised, month by month."""

    name: str
    warning: str
    values: int
    held: int
    not_standardised: int
    quarantined: int
    columns: tuple[Column, ...]
    width: int


def shown(facts: dict[str, Any]) -> dict[str, Any]:
    """What the page and the file show of a report."""
    share = standardised_share(facts)
    return {
        "facts": {
            **facts,
            "made_at": timezone.localtime(datetime.fromisoformat(facts["made"])),
            "fixes": [{**fix, "mended_at": _mended_at(fix)} for fix in facts["fixes"]],
        },
        "sections": sections(facts),
        "trends": trends(facts),
        "standardised": percent(share) if share is not None else "",
        "held": sum(fix["values"] for fix in facts["fixes"] if fix["key"].startswith("held:")),
        "unread": sum(check["failed"] for check in facts["checks"] if check["check"] == "isReadable"),
    }


def sections(facts: Mapping[str, Any]) -> list[Section]:
    """The checks by category, what fails most first."""
    found = []
    for category, (title, lead) in _TITLES.items():
        checks = [_drawn(check) for check in facts["checks"] if check["category"] == category and check["checked"]]
        checks.sort(key=lambda check: (-check["share"], -check["failed"], check["subject"]))
        failing = tuple(check for check in checks if check["failed"])
        found.append(Section(title, lead, failing, tuple(check for check in checks if not check["failed"])))
    return found


def trends(facts: Mapping[str, Any]) -> list[Trend]:
    """Every source with its drawing of the last twelve months."""
    return [_trend(source) for source in facts["sources"]]


def standardised_share(facts: Mapping[str, Any]) -> float | None:
    """The share of measured values that stand in standard form; None where there is no value."""
    for check in facts["checks"]:
        if check["check"] == "standardConceptRecordCompleteness" and check["checked"]:
            return 1.0 - float(check["share"])
    return None


def percent(share: float) -> str:
    """A share as people read it: never 0 % where something fails, never 100 % where something passes."""
    if 0 < share < 0.001:
        return f"<{_one_place(0.1)}%"
    if 0.999 < share < 1:
        return f">{_one_place(99.9)}%"
    return f"{_one_place(share * 100)}%"


def _one_place(number: float) -> str:
    return number_format(number, decimal_pos=1, use_l10n=True)


def _mended_at(fix: Mapping[str, Any]) -> str:
    """The page on which what waits behind this fix is decided or replayed; empty where neither mends it."""
    kind, _colon, rest = fix["key"].partition(":")
    if kind == "isReadable":
        return f"{reverse('quarantine')}?{urlencode({'reason': reason_key(fix['title'])})}"
    finding, _colon, of = rest.partition(":")
    return f"{reverse('quality-queue')}?{urlencode({'finding': finding, 'of': of})}" if kind == "held" else ""


def _drawn(check: Mapping[str, Any]) -> dict[str, Any]:
    change = check.get("change")
    said = "" if change is None or abs(change) < 0.0005 else f"{'+' if change > 0 else ''}{_one_place(change * 100)}%"
    return {
        **check,
        "percent": percent(check["share"]),
        "bar": max(round(check["share"] * _BAR, 1), 2.0 if check["failed"] else 0.0),
        "changed": said,
        "is_worse": bool(said) and change is not None and change > 0,
    }


def _trend(source: Mapping[str, Any]) -> Trend:
    months = source["months"][-_SHOWN:]
    shares = [
        (month["held"] + month["not_standardised"]) / month["values"] if month["values"] else 0.0 for month in months
    ]
    top = max([*shares, 0.05])
    columns = []
    for place, (month, share) in enumerate(zip(months, shares, strict=True)):
        height = max(round(share / top * _HEIGHT, 1), 1.0)
        places = {"month": month["month"], "values": month["values"], "share": percent(share)}
        told = gettext("%(month)s: %(values)s values, %(share)s held or not standardised") % places
        columns.append(Column(month["month"], place * (_COLUMN + 4), round(_HEIGHT - height, 1), height, told))
    return Trend(
        name=source["name"],
        warning=source["warning"],
        values=sum(month["values"] for month in source["months"]),
        held=sum(month["held"] for month in source["months"]),
        not_standardised=sum(month["not_standardised"] for month in source["months"]),
        quarantined=sum(month["quarantined"] for month in source["months"]),
        columns=tuple(columns),
        width=max(len(columns) * (_COLUMN + 4), 1),
    )
