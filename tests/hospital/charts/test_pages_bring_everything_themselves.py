"""What the pages are made of: vendored files as they came, and nothing that the security policy would refuse."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

import wardround

PACKAGE = Path(wardround.__file__).parent
VENDOR = PACKAGE / "web" / "static" / "vendor"
FILES = {
    "demo/templates/report.html",
    "hospital/quality/templates/quality/file.html",
}  # opened from a disk, never served
TEMPLATES = sorted(p for p in PACKAGE.rglob("templates/**/*.html") if p.relative_to(PACKAGE).as_posix() not in FILES)
SHEETS = sorted((PACKAGE / "web" / "static" / "wardround").glob("*.css"))


def _vendored() -> list[dict[str, object]]:
    return tomllib.loads((VENDOR / "VENDOR.toml").read_text("utf-8"))["package"]


@pytest.mark.parametrize("package", _vendored(), ids=lambda package: package["name"])
def test_a_vendored_file_is_the_one_that_was_written_down(package):
    for path, digest in package["sha256"].items():
        assert hashlib.sha256((VENDOR / path).read_bytes()).hexdigest() == digest


def test_every_vendored_file_is_written_down_and_every_package_has_its_licence():
    named = {path for package in _vendored() for path in package["sha256"]}
    there = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()} - {"VENDOR.toml"}

    assert there == named
    assert all(any(path.endswith("LICENSE.txt") for path in package["sha256"]) for package in _vendored())


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_inline_style_or_script_and_fetches_nothing_from_elsewhere(template):
    text = template.read_text("utf-8")

    assert not re.search(r"\sstyle=|<style|\son[a-z]{3,}=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"(?:src|href|action)=[\"']?(?:https?:)?//", text)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_a_style_sheet_fetches_nothing_from_elsewhere_and_stays_readable(sheet):
    text = sheet.read_text("utf-8")

    assert not re.search(r"@import|https?:|data:", text)
    assert text.count("\n") <= 400
