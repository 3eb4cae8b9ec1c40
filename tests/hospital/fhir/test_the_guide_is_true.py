"""The tables of docs/fhir.md are what the registries say, and its limits are those of the settings."""

import re
import runpy
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "describe_fhir.py"))
GUIDE = (ROOT / "docs" / "fhir.md").read_text("utf-8")


def test_the_tables_are_those_that_the_script_makes():
    assert SCRIPT["described"](GUIDE) == GUIDE, "Run `python scripts/describe_fhir.py`."


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        ("WARDROUND_FHIR_MOST_MIB", settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2),
        ("WARDROUND_FHIR_MOST_ENTRIES", settings.FHIR_MOST_ENTRIES),
        ("WARDROUND_FHIR_MOST_PER_PAGE", settings.FHIR_MOST_PER_PAGE),
        ("WARDROUND_FHIR_MOST_CRITERIA", settings.FHIR_MOST_CRITERIA),
        ("WARDROUND_FHIR_MOST_ALTERNATIVES", settings.FHIR_MOST_ALTERNATIVES),
        ("WARDROUND_FHIR_MOST_SECONDS", settings.FHIR_MOST_SECONDS),
    ],
)
def test_the_limits_are_those_of_the_settings(limit, value):
    [line] = [line for line in GUIDE.splitlines() if f"`{limit}`" in line]

    assert int(re.search(r"\| ([\d,]+)", line)[1].replace(",", "")) == value
