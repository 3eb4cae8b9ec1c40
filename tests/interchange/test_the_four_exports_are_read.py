"""What the four hospitals hand over is read whole; only what was broken on purpose is rejected."""

from collections import Counter

import pytest

from wardround.clinical.codes import CodeMap
from wardround.clinical.standardise import Standard, standardise
from wardround.demo.exports import mapping_path, write_exports
from wardround.interchange import hl7v2, ndjson, omop, tables
from wardround.interchange.draft import Draft
from wardround.interchange.fhir.structure import check
from wardround.interchange.fhir.values import observed_values
from wardround.interchange.mapping import read_mapping

# (reader, hospital, patients, reasons of what does not get through)
HOSPITALS = [
    (tables, "cleveland", 303, ["broken off", "not on the calendar"]),
    (hl7v2, "budapest", 294, ["break off", "not on the calendar"]),
    (ndjson, "zurich-basel", 123, ["not JSON", "not on the calendar"]),
    (omop, "long-beach", 200, ["broken off", "not on the calendar"]),
]


def refusals_of(readings):
    """The rejects' reasons, and the sentences of structure.check on what was drafted."""
    for reading in readings:
        if isinstance(reading, Draft):
            yield from (problem.sentence for resource in reading.resources for problem in check(resource))
        else:
            yield reading.reason


def patients_of(readings):
    return {
        resource["identifier"][0]["value"]
        for reading in readings
        if isinstance(reading, Draft)
        for resource in reading.resources
        if resource["resourceType"] == "Patient"
    }


@pytest.mark.parametrize(("reader", "hospital", "patients", "reasons"), HOSPITALS, ids=[h[1] for h in HOSPITALS])
def test_every_patient_is_there_and_nothing_is_refused_without_a_planted_reason(
    tmp_path, reader, hospital, patients, reasons
):
    write_exports(tmp_path, hospital)
    mapping = read_mapping(mapping_path(hospital))

    exported = list(reader.read(tmp_path / "exports" / hospital, mapping=mapping))
    on_paper = list(reader.read(tmp_path / "paper" / hospital, mapping=mapping))

    refused = sorted(refusals_of(exported))
    assert len(refused) == len(reasons)
    assert all(any(reason in text for text in refused) for reason in reasons)
    assert list(refusals_of(on_paper)) == []
    assert len(patients_of(on_paper)) == patients


@pytest.mark.parametrize(("reader", "hospital"), [h[:2] for h in HOSPITALS], ids=[h[1] for h in HOSPITALS])
def test_every_value_on_paper_is_standardised_by_the_hospitals_mapping(tmp_path, reader, hospital):
    write_exports(tmp_path, hospital)
    mapping = read_mapping(mapping_path(hospital))
    code_map = CodeMap.from_mapping(mapping.clinical)

    left = Counter()
    found = Counter()
    for reading in reader.read(tmp_path / "paper" / hospital, mapping=mapping):
        for resource in reading.resources:
            for observed in observed_values(resource):
                result = standardise(observed.codings, value=observed.value, unit=observed.unit, code_map=code_map)
                if isinstance(result, Standard):
                    found[result.measurement.key] += 1
                else:
                    left[result.kind] += 1

    assert set(left) <= {"zero_is_missing"}
    assert found["coronary_narrowing"] == found["chest_pain_type"] == {h[1]: h[2] for h in HOSPITALS}[hospital]
