"""The search parameters in the package are what the script makes of the published ones."""

import runpy
from pathlib import Path

import pytest

from wardround.interchange.fhir.definitions import resource_types
from wardround.interchange.fhir.search_parameters import compartment_parameters, parameters_of
from wardround.interchange.fhir.search_paths import leaves

ROOT = Path(__file__).resolve().parents[3]
PUBLISHED = ROOT.parent / "shared" / "suites" / "fhir-r4-definitions"
SHIPPED = ROOT / "src" / "wardround" / "interchange" / "fhir" / "search_parameters.json"


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published R4 definitions are not beside this checkout")
def test_the_script_makes_the_shipped_parameters_byte_for_byte(tmp_path):
    script = runpy.run_path(str(ROOT / "scripts" / "distil_search_parameters.py"))

    script["main"](PUBLISHED, tmp_path / "search_parameters.json")

    assert (tmp_path / "search_parameters.json").read_bytes() == SHIPPED.read_bytes()


def test_the_parameters_of_all_types_are_in_one_small_file():
    assert SHIPPED.stat().st_size < 250_000
    assert all("_id" in parameters_of(name) for name in resource_types())


def test_every_path_leads_to_elements_of_its_type():
    for name in sorted(resource_types()):
        for parameter in parameters_of(name).values():
            if parameter.type != "composite":
                assert all(leaves(name, path) for path in parameter.paths), (name, parameter.code)


def test_a_parameter_says_its_address_targets_and_parts():
    observation = parameters_of("Observation")

    assert observation["code"].url == "http://hl7.org/fhir/SearchParameter/clinical-code"
    assert observation["encounter"].targets == {"Encounter", "EpisodeOfCare"}
    assert observation["code-value-quantity"].components == ("code", "value-quantity")
    assert parameters_of("Patient")["phone"].is_identifying
    assert not observation["code"].is_identifying


def test_the_relationship_of_documents_is_a_code_and_then_a_target():
    document = parameters_of("DocumentReference")

    first, second = (document[code] for code in document["relationship"].components)

    assert (first.type, second.type) == ("token", "reference")


def test_the_patient_compartment_names_its_parameters():
    assert compartment_parameters("Observation") == ("subject", "performer")
    assert compartment_parameters("Location") == ()
