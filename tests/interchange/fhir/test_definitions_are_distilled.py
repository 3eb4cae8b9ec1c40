"""The definitions in the package are what the script makes of the published ones."""

import runpy
from pathlib import Path

import pytest

from wardround.interchange.fhir.definitions import resource_types, type_rule

ROOT = Path(__file__).resolve().parents[3]
PUBLISHED = ROOT.parent / "shared" / "suites" / "fhir-r4-definitions"
SHIPPED = ROOT / "src" / "wardround" / "interchange" / "fhir" / "definitions.json"


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published R4 definitions are not beside this checkout")
def test_the_script_makes_the_shipped_file_byte_for_byte(tmp_path):
    script = runpy.run_path(str(ROOT / "scripts" / "distil_fhir_definitions.py"))

    script["main"](PUBLISHED, tmp_path / "definitions.json")

    assert (tmp_path / "definitions.json").read_bytes() == SHIPPED.read_bytes()


def test_the_file_is_small_and_every_type_has_its_rule():
    assert SHIPPED.stat().st_size < 1_500_000
    assert len(resource_types()) == 146
    assert all(type_rule(name).elements for name in resource_types())
