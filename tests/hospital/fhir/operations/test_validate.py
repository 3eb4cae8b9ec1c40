"""$validate: what a check says about a resource, without storing it."""

import json

import pytest

PATIENT = {"resourceType": "Patient", "gender": "female", "birthDate": "1963", "name": [{"family": "Kovács"}]}
NARRATIVE = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Kovács</div>'}


def issues(answer):
    assert answer.status_code == 200, answer.content
    outcome = json.loads(answer.content)
    assert outcome["resourceType"] == "OperationOutcome"
    return [(i["severity"], i["code"], *i.get("expression", [])) for i in outcome["issue"]]


def parameters(resource, **texts):
    named = [{"name": name, "valueString": text} for name, text in texts.items()]
    return {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": resource}, *named]}


def test_a_sound_resource_is_all_ok_and_is_not_stored(backend):
    answer = backend.post("Patient/$validate", PATIENT | {"id": "here", "text": NARRATIVE})

    assert issues(answer) == [("information", "informational")]
    assert json.loads(answer.content)["issue"][0]["diagnostics"] == "All OK"
    assert backend.get("Patient/here").status_code == 404


def test_each_problem_has_its_kind_and_place(backend):
    contact = {"gender": "male"}
    period = {"start": "2026-02-01", "end": "2026-01-01"}
    broken = PATIENT | {
        "gender": "f",
        "birthDate": "1963-02-31",
        "gendre": "x",
        "contact": [contact],
        "name": [{"family": "K", "period": period}],
        "link": [{"other": {"reference": "Patient/1"}}],
        "managingOrganization": {"reference": "Patient/2"},
        "text": NARRATIVE,
    }

    assert sorted(issues(backend.post("Patient/$validate", broken))) == [
        ("error", "code-invalid", "Patient.gender"),
        ("error", "invariant", "Patient.contact[0]"),
        ("error", "invariant", "Patient.name[0].period"),
        ("error", "required", "Patient.link[0].type"),
        ("error", "structure", "Patient.gendre"),
        ("error", "value", "Patient.birthDate"),
        ("error", "value", "Patient.managingOrganization"),
    ]


def test_what_the_standard_only_advises_is_a_warning(backend):
    advised = PATIENT | {"meta": {"profile": ["http://example.org/profile"]}}

    assert issues(backend.post("Patient/$validate", advised)) == [
        ("warning", "invariant", "Patient"),
        ("warning", "not-supported", "Patient.meta.profile"),
    ]


def test_the_resource_may_come_in_parameters_with_a_mode(backend):
    sound = PATIENT | {"text": NARRATIVE}

    assert issues(backend.post("Patient/$validate", parameters(sound, mode="create"))) == [
        ("information", "informational")
    ]
    assert issues(backend.post("Patient/$validate?mode=update", sound)) == [("error", "required", "Patient.id")]


def test_a_parameters_resource_can_itself_be_validated(backend):
    assert issues(
        backend.post("Parameters/$validate", {"resourceType": "Parameters", "parameter": [{"name": "x"}]})
    ) == [("error", "invariant", "Parameters.parameter[0]")]


def test_an_instance_is_checked_against_its_address(backend):
    other = PATIENT | {"id": "b", "text": NARRATIVE}

    assert issues(backend.post("Patient/a/$validate", other)) == [("error", "value", "Patient.id")]
    assert issues(backend.post("Observation/b/$validate", other))[0] == ("error", "value", "resourceType")


def test_without_a_resource_the_stored_one_is_looked_at(backend):
    backend.put("Patient/a", PATIENT | {"id": "a", "text": NARRATIVE})

    assert issues(backend.get("Patient/a/$validate")) == [("information", "informational")]
    assert issues(backend.get("Patient/a/$validate?mode=delete")) == [("information", "informational")]
    assert backend.get("Patient/nobody/$validate?mode=delete").status_code == 404


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("Patient/$validate?profile=http://example.org/mine", "profile"),
        ("Patient/$validate?mode=destroy", "mode"),
        ("Patient/$validate?mode=delete", "mode"),
        ("Patient/$validate?mode=profile", "profile"),
        ("Patient/a/$validate?mode=create", "mode"),
        ("Patient/$validate?strict=true", "strict"),
    ],
)
def test_what_cannot_be_checked_is_refused_in_a_sentence(backend, address, place):
    answer = backend.post(address, PATIENT)

    assert answer.status_code == 400
    assert json.loads(answer.content)["issue"][0]["expression"] == [place]


def test_the_base_profile_may_be_named(backend):
    profile = "http://hl7.org/fhir/StructureDefinition/Patient"

    answer = backend.post(f"Patient/$validate?profile={profile}&mode=profile", PATIENT | {"text": NARRATIVE})

    assert issues(answer) == [("information", "informational")]


def test_a_token_validates_what_it_may_write(backend_with):
    reader = backend_with("system/Patient.r")

    assert reader.post("Patient/$validate?mode=create", PATIENT).status_code == 403
    assert reader.post("Patient/$validate", PATIENT).status_code == 200


def test_the_operation_is_listed_on_every_type(backend):
    rest = json.loads(backend.get("metadata").content)["rest"][0]

    assert all("validate" in {o["name"] for o in resource["operation"]} for resource in rest["resource"])
