"""The quality report as one HTML file that needs nothing else: for an archive, a mail, an auditor."""

from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from wardround.hospital.quality.presentation import shown
from wardround.hospital.quality.report import QualityReport

_SHEETS = ("tokens.css", "layout.css", "components.css", "quality.css")


def html_of(report: QualityReport) -> str:
    """The report with the first hundred records of each check, named by their addresses and nobody's name."""
    static = Path(__file__).parents[2] / "web" / "static" / "wardround"
    css = "\n".join(_without_fonts((static / name).read_text("utf-8")) for name in _SHEETS)
    facts: dict[str, Any] = report.as_json()
    return render_to_string("quality/file.html", {**shown(facts), "css": mark_safe(css)})  # noqa: S308 - our own sheets


def _without_fonts(css: str) -> str:
    """A file opened from a disk has no server to ask for fonts; the reader's own are used."""
    head, _face, rest = css.partition("@font-face")
    while _face:
        rest = rest.partition("}")[2]
        before, _face, rest = rest.partition("@font-face")
        head += before
    return head + rest
