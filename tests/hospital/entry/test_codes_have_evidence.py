"""The codes that a form writes beside the catalogue's were seen in a published definition."""

import json
from pathlib import Path

import pytest

from wardround.hospital.entry.observations import _PANEL
from wardround.hospital.entry.sheets import PANELS, VITAL_SIGNS, laboratory_tests, measurements_of

EXAMPLE = Path(__file__).parents[4] / "shared/suites/fhir-r4-examples/Observation-blood-pressure.json"


@pytest.mark.skipif(not EXAMPLE.exists(), reason="HL7's FHIR R4 examples are not beside the repository.")
def test_the_panel_of_blood_pressures_is_the_one_of_the_fhir_profile():
    coding = json.loads(EXAMPLE.read_text())["code"]["coding"][0]

    assert (coding["system"], coding["code"]) == (_PANEL.system, _PANEL.code)


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.key)
def test_every_test_of_a_panel_is_in_the_catalogue_and_of_a_sample(panel):
    assert [m.key for m in measurements_of(panel.tests)] == list(panel.tests)
    assert set(panel.tests) <= {m.key for m in laboratory_tests()}


def test_every_vital_sign_is_in_the_catalogue():
    assert [m.key for m in measurements_of(VITAL_SIGNS.keys)] == list(VITAL_SIGNS.keys)
