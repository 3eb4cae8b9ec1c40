"""Records are judged in their patient's chart with every write, and again when what they depend on changes."""

import json

import pytest

from wardround.clinical.findings import OF_RECORDS
from wardround.hospital.charts.summary import summary
from wardround.hospital.intake.importing import import_files
from wardround.hospital.intake.replaying import undo_batch
from wardround.hospital.quality.queries import fix_queue, quality
from wardround.hospital.records.access import patient_for
from wardround.hospital.records.actions.decisions import confirm_value
from wardround.hospital.records.actions.record_decisions import confirm_record
from wardround.hospital.records.actions.resources import create_resource, delete_resource, update_resource
from wardround.hospital.records.findings import findings_of, resource_findings
from wardround.hospital.records.models import ResourceFinding, StandardValue
from wardround.hospital.records.patient_list import patient_page
from wardround.hospital.records.queries import banner, history, iter_patients_facts, standard_facts
from wardround.hospital.training.events import events_of
from wardround.interchange.fhir.json import loads
from wardround.web.accounts.actions import make_token
from wardround.web.audit.actor import system_actor

ME = system_actor("tests")
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
pytestmark = pytest.mark.django_db


@pytest.fixture
def woman(make_patient):
    return make_patient(birth="1963-05-14")


def put(type_name, patient_id, **elements):
    """Store a resource of this patient and return its id."""
    subject = "patient" if type_name in ("AllergyIntolerance", "Immunization") else "subject"
    resource = {"resourceType": type_name, subject: {"reference": f"Patient/{patient_id}"}, **elements}
    return create_resource(resource, by=ME).logical_id


def glucose(patient_id, *, time="2026-03-02T08:15:00Z", value=95, **elements):
    return put(
        "Observation",
        patient_id,
        **{
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "2345-7"}]},
            "effectiveDateTime": time,
            "valueQuantity": {"value": value, "unit": "mg/dL"},
            **elements,
        },
    )


def condition(patient_id, *, code="I10", onset="2019-03-02", **elements):
    concept = {"coding": [{"system": ICD, "code": code}]}
    return put("Condition", patient_id, code=concept, onsetDateTime=onset, **elements)


def found(patient_id):
    return [(f.resource.partition("/")[0], f.kind, f.is_held) for f in findings_of(patient_for(ME, patient_id))]


def usable(patient_id):
    return [value.value for value in standard_facts(patient_for(ME, patient_id)).values]


def update(patient_id, **elements):
    body = {**banner(patient_for(ME, patient_id)).resource, **elements}
    return update_resource(body, type_name="Patient", logical_id=patient_id, by=ME)


def test_a_chart_in_order_has_no_findings(woman):
    glucose(woman)
    condition(woman)

    assert found(woman) == []
    assert len(usable(woman)) == 2


def test_what_is_held_is_out_of_learning_and_in_no_cohort(woman):
    glucose(woman, time="2062-03-02T08:15:00Z", value=95)
    glucose(woman, time="2026-03-02T08:15:00Z", value=96)

    assert found(woman) == [("Observation", "future", True)]
    [facts] = iter_patients_facts(ME)
    assert facts.held == 1
    numbers = [event.numeric_value for event in events_of(facts, subject=1) if event.numeric_value is not None]
    assert len(numbers) == len(usable(woman)) == 1
    assert standard_facts(patient_for(ME, woman)) == facts


def test_a_value_that_is_held_itself_and_with_its_record_waits_for_both_decisions(woman, steward):
    glucose(woman, time="1926-03-02T08:15:00Z", value=9900)
    value = StandardValue.objects.get(fact="measurement")
    [record] = findings_of(patient_for(ME, woman))
    assert (value.is_held, value.is_record_held, value.finding in OF_RECORDS) == (True, True, False)

    confirm_record(record.id, by=steward)
    value.refresh_from_db()
    between = (value.is_held, value.is_record_held)
    confirm_value(value.pk, by=steward)

    assert between == (True, False)
    assert usable(woman) == [value.value_number]


def test_a_finding_comes_through_the_fhir_door_and_through_an_import_alike(client, tmp_path, woman):
    token = make_token("laboratory", scopes="system/*.cruds", days=1, by=ME)
    visit = {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": {"reference": f"Patient/{woman}"},
        "period": {"start": "1926-03-02T10:00:00Z", "end": "1926-03-02T11:00:00Z"},
    }
    answer = client.post(
        "/fhir/R4/Encounter",
        json.dumps(visit),
        content_type="application/fhir+json",
        headers={"Authorization": f"Bearer {token}"},
    )
    file = tmp_path / "visit.ndjson"
    file.write_text(json.dumps({**visit, "id": "imported", "period": {"start": "1926-03-03", "end": "1926-03-03"}}))
    report = import_files([file], by=ME).as_json()

    assert answer.status_code == 201
    assert report["held_by_finding"] == {"before_birth": 1}
    both = ResourceFinding.objects.order_by("id")
    assert [(f.kind, f.path, f.suggestion["Encounter.period.start"][:4]) for f in both] == [
        ("before_birth", "Encounter.period.start", "2026"),
        ("before_birth", "Encounter.period.start", "2026"),
    ]
    assert found(woman) == [("Encounter", "before_birth", True)] * 2


def test_a_death_that_arrives_later_judges_the_chart_again_and_taking_it_back_frees_it(woman):
    glucose(woman, time="2020-03-02T08:15:00Z")
    put(
        "MedicationRequest",
        woman,
        status="active",
        intent="order",
        medicationCodeableConcept={"text": "Aspirin"},
        authoredOn="2018-01-01",
    )
    assert found(woman) == []

    update(woman, deceasedDateTime="2019-01-01")
    dead = found(woman)
    assert usable(woman) == []
    update(woman, deceasedDateTime="2021-01-01")

    assert dead == [("Observation", "after_death", True), ("MedicationRequest", "contradictory_status", False)]
    assert found(woman) == [("MedicationRequest", "contradictory_status", False)]
    assert usable(woman) != []


def test_an_update_that_leaves_the_life_as_it_was_judges_nothing_again(woman):
    for number in range(30):
        glucose(woman, time=f"1926-03-02T08:{number:02}:00Z")
    before = list(ResourceFinding.objects.values_list("id", flat=True))

    update(woman, name=[{"family": "Nagy"}])

    assert list(ResourceFinding.objects.values_list("id", flat=True)) == before


def test_a_corrected_birth_date_frees_what_lay_before_the_wrong_one(make_patient):
    patient = make_patient(birth="2024-05-14")
    glucose(patient, time="2020-03-02T08:15:00Z")
    assert found(patient) == [("Observation", "before_birth", True)]

    update(patient, birthDate="1963-05-14")

    assert found(patient) == []
    assert len(usable(patient)) == 1


def test_a_disease_of_the_other_sex_is_held_and_judged_again_with_the_sex(make_patient):
    patient = make_patient(birth="1950", gender="female")
    condition(patient, code="N40.1")
    assert found(patient) == [("Condition", "wrong_sex", True)]
    assert usable(patient) == []

    update(patient, gender="unknown")

    assert found(patient) == []
    assert len(usable(patient)) == 1


def test_a_birth_that_nobody_has_is_held_and_the_sex_may_still_be_used(make_patient):
    patient = make_patient(birth="2062-03-14")

    facts = standard_facts(patient_for(ME, patient))

    assert found(patient) == [("Patient", "future", True)]
    assert (facts.birth_year, facts.gender) == (None, "female")
    row = ResourceFinding.objects.get()
    assert row.suggestion == {"Patient.birthDate": "1962"}  # the day stays out of clear text
    assert "03-14" not in row.sentence


def test_an_entry_that_is_there_twice_is_held_once(woman):
    first = glucose(woman)
    second = glucose(woman)

    [finding] = findings_of(patient_for(ME, woman))

    assert (finding.kind, finding.resource, finding.beside) == (
        "duplicate_entry",
        f"Observation/{second}",
        f"Observation/{first}",
    )
    assert finding.is_held
    assert len(usable(woman)) == 1


def test_what_is_alike_but_not_the_same_is_no_repetition(woman, make_patient):
    glucose(woman)
    glucose(woman, value=96)
    glucose(woman, time="2026-03-02T08:16:00Z")
    glucose(woman, method={"text": "strip"})
    glucose(make_patient())

    assert resource_findings(ME) == []


def test_a_repetition_on_the_same_day_or_at_another_visit_is_only_remarked_on(woman):
    visits = [
        put(
            "Encounter",
            woman,
            status="finished",
            **{"class": {"code": code}},
            period={"start": "2026-03-02", "end": "2026-03-02"},
        )
        for code in ("AMB", "IMP")
    ]
    glucose(woman, time="2026-03-02")
    glucose(woman, time="2026-03-02")
    for visit in visits:
        glucose(woman, value=99, encounter={"reference": f"Encounter/{visit}"})

    assert found(woman) == [("Observation", "duplicate_entry", False)] * 2
    assert len(usable(woman)) == 4


def test_when_the_first_of_two_is_deleted_the_second_is_free(woman):
    first = glucose(woman)
    glucose(woman)

    delete_resource(type_name="Observation", logical_id=first, by=ME)

    assert found(woman) == []
    assert len(usable(woman)) == 1


def test_when_the_first_of_three_goes_the_third_repeats_the_second(woman):
    first, second, _third = glucose(woman), glucose(woman), glucose(woman)

    delete_resource(type_name="Observation", logical_id=first, by=ME)

    [finding] = findings_of(patient_for(ME, woman))
    assert finding.beside == f"Observation/{second}"


def test_the_same_file_twice_is_no_repetition_and_an_undone_batch_leaves_no_finding(tmp_path, woman):
    lines = [
        {
            "resourceType": "Condition",
            "id": name,
            "subject": {"reference": f"Patient/{woman}"},
            "code": {"coding": [{"system": ICD, "code": "I10"}]},
            "onsetDateTime": "2019-03-02T10:00:00Z",
        }
        for name in ("one", "two")
    ]
    file = tmp_path / "conditions.ndjson"
    file.write_text("\n".join(json.dumps(line) for line in lines))

    batch = import_files([file], by=ME).as_json()["batch"]
    import_files([file], by=ME)
    once = found(woman)
    undo_batch(batch, by=ME)

    assert once == [("Condition", "duplicate_entry", True)]
    assert found(woman) == []


def test_a_final_report_of_a_preliminary_result_is_remarked_on_until_the_result_is_final(woman):
    result = glucose(woman, status="preliminary")
    put(
        "DiagnosticReport",
        woman,
        status="final",
        code={"text": "Chemistry"},
        result=[{"reference": f"Observation/{result}"}],
        effectiveDateTime="2026-03-02T08:15:00Z",
    )
    before = found(woman)
    body = loads(history(patient_for(ME, woman), "Observation", result)[0].body)
    update_resource({**body, "status": "final"}, type_name="Observation", logical_id=result, by=ME)

    assert before == [("DiagnosticReport", "contradictory_status", False)]
    assert found(woman) == []


def test_a_date_far_from_its_visit_is_held_until_the_visit_is_dated_there_too(woman):
    visit = {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/{woman}"},
        "period": {"start": "2026-03-05T10:00:00Z", "end": "2026-03-09T10:00:00Z"},
    }
    logical_id = create_resource(visit, by=ME).logical_id
    glucose(woman, time="2026-07-03T08:15:00Z", encounter={"reference": f"Encounter/{logical_id}"})
    [finding] = findings_of(patient_for(ME, woman))
    assert (finding.kind, finding.suggestion) == ("date", {"Observation.effectiveDateTime": "2026-03-07T08:15:00Z"})

    moved = {**visit, "id": logical_id, "period": {"start": "2026-07-01", "end": "2026-07-05"}}
    update_resource(moved, type_name="Encounter", logical_id=logical_id, by=ME)

    assert found(woman) == []


def test_what_is_missing_is_remarked_on(woman):
    put("Condition", woman, onsetDateTime="2019-03-02")

    assert found(woman) == [("Condition", "missing_required", False)]


def test_the_queue_and_the_counts_list_records_beside_values(woman, steward):
    glucose(woman, time="2062-03-02T08:15:00Z")
    glucose(woman, value=9900)
    put("Condition", woman, onsetDateTime="2019-03-02")

    queue, counts = fix_queue(steward), quality(steward)

    assert [(held.finding, held.is_record) for held in queue][1:] == [("future", True)]
    assert not queue[0].is_record
    assert queue[1].patient_name == "Kovács, Ilona"
    assert queue[1].suggested == {"Observation.effectiveDateTime": "2026-03-02T08:15:00Z"}
    assert counts.held == 2
    assert counts.remarked == {"missing_required": 1}
    assert fix_queue(steward, finding="future") == queue[1:]
    assert [line.held for line in patient_page(steward).lines] == [2]


def test_the_chart_and_its_history_show_what_is_odd_about_a_record(woman, doctor, as_client):
    put(
        "Encounter",
        woman,
        status="finished",
        **{"class": {"code": "AMB"}},
        period={"start": "1926-03-02", "end": "1926-03-02"},
    )

    shown = summary(patient_for(doctor, woman))
    page = as_client(doctor).get(f"/patients/{woman}/history/")

    assert [(odd.record.type, shown.held) for odd in shown.to_check] == [("Encounter", 1)]
    assert "before the patient&#x27;s birth" in page.content.decode()
