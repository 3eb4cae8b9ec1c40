"""What the interface says is itself FHIR."""

import pytest

from wardround.interchange.fhir.structure import check


@pytest.mark.parametrize(
    "address",
    [
        "metadata",
        "Patient?name=kov",
        "Patient?name=kov&_count=1",
        "Patient?name=nobody",
        "Patient/{id}",
        "Patient/{id}/_history",
        "Patient/none",
        "Patient?favourite=blue",
    ],
)
def test_every_answer_has_the_structure_and_codes_of_r4(backend, make_patient, address):
    patient_id = make_patient()
    make_patient()
    body = backend.get(f"Patient/{patient_id}").json()
    backend.put(f"Patient/{patient_id}", {**body, "active": True})

    answer = backend.get(address.format(id=patient_id)).json()

    assert [f"{problem.path}: {problem.sentence}" for problem in check(answer)] == []
