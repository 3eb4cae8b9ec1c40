"""The data quality report: every number is right, opens its records, and the worthiest fix stands first."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from django.utils import translation

import wardround.demo
from wardround.federation.study import Study
from wardround.hospital.intake.importing import import_files
from wardround.hospital.quality import fixes as fix_queue
from wardround.hospital.quality import regained
from wardround.hospital.quality.errors import NoSuchCheck
from wardround.hospital.quality.html_file import html_of
from wardround.hospital.quality.models import QualitySnapshot
from wardround.hospital.quality.presentation import percent
from wardround.hospital.quality.prometheus import report_text
from wardround.hospital.quality.report import quality_report, records_of
from wardround.hospital.quality.snapshots import latest, measure
from wardround.hospital.quality.sources import Month, Source
from wardround.hospital.records.access import NotAllowed
from wardround.hospital.records.actions.resources import create_resource
from wardround.web.accounts.actions import make_token
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
BY = system_actor("tests")
HEART = Path(wardround.demo.__file__).parent / "heart-study.yaml"


@pytest.fixture
def slips(make_patient, make_observation):
    """Two patients: one with a decimal slip, one with a value whose unit means nothing."""
    first, second = make_patient(), make_patient(birth="1950")
    make_observation(first, loinc="8480-6", value=1400, unit="mm[Hg]")
    make_observation(first, loinc="8867-4", value=70, unit="/min")
    make_observation(second, loinc="2093-3", value=200, unit="bananas")
    return first, second


@pytest.fixture
def heart_study(monkeypatch) -> Study:
    """The heart study as if this hospital's steward had approved it; approving is tested with training."""
    study = Study.from_document(yaml.safe_load(HEART.read_text("utf-8")))
    monkeypatch.setattr(regained, "approved_studies", lambda: [study])
    return study


def named(report, check, subject):
    [found] = [c for c in report.checks if c.type.name == check and c.subject.startswith(subject)]
    return found


def test_a_slip_counts_against_the_values_of_its_measurement(slips, steward):
    report = quality_report(steward)

    slip = named(report, "noSlip", "Systolic blood pressure")
    assert (slip.checked, slip.failed, slip.type.category) == (1, 1, "plausibility")
    assert (report.patients, report.values) == (2, 7)


def test_a_value_without_a_standard_meaning_counts_in_conformance_and_completeness(slips, steward):
    report = quality_report(steward)

    assert named(report, "standardConceptRecordCompleteness", "Measured values").failed == 1
    [reason] = [c for c in report.checks if c.subject.startswith("Total cholesterol") and c.failed]
    assert reason.type.category in {"conformance", "plausibility"}


def test_a_missing_element_and_a_chart_without_records_are_counted(slips, steward):
    create_resource({"resourceType": "Patient", "name": [{"family": "Ohne"}]}, by=BY)

    report = quality_report(steward)

    assert named(report, "measureValueCompleteness", "Patient.birthDate").failed == 1
    assert named(report, "measureValueCompleteness", "Patient.gender").failed == 1
    assert named(report, "measurePersonCompleteness", "Observation").failed == 1
    assert named(report, "measurePersonCompleteness", "Condition").failed == 3


def test_a_reference_to_what_is_not_here_is_counted(make_patient, steward):
    patient = make_patient()
    create_resource(
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"text": "x"},
            "subject": {"reference": f"Patient/{patient}"},
            "encounter": {"reference": "Encounter/gone"},
        },
        by=BY,
    )

    broken = named(quality_report(steward), "isForeignKey", "Observation")

    assert broken.failed == 1
    [record] = list(broken.records())
    assert (record.patient_id, record.why) == (patient, "The Encounter that it refers to is not here.")


def test_a_message_in_quarantine_is_counted_with_its_place(tmp_path, steward):
    (tmp_path / "torn.ndjson").write_text('{"resourceType": "Patient", "id"')
    import_files([tmp_path], by=BY)

    unread = named(quality_report(steward), "isReadable", "Messages")

    assert (unread.checked, unread.failed) == (1, 1)
    assert next(iter(unread.records())).path == "line 1"


def test_every_number_opens_its_records(slips, steward):
    report = quality_report(steward)

    for check in report.checks:
        if check.failed:
            _check, found = records_of(check.key, by=steward)
            assert len(found) == check.failed, check.key
            assert all(record.why for record in found)
    for fix in report.fixes:
        assert len(records_of(fix.key, by=steward)[1]) == fix.values


def test_a_number_that_nothing_fails_any_more_is_said_to_be_gone(steward):
    with pytest.raises(NoSuchCheck):
        records_of("plausibleValueHigh:implausible:total_cholesterol", by=steward)


def heart_patient(make_patient, *, held_time=False, slip=False):
    """One patient of the heart study; her angiography may be dated in the future, or her cholesterol be a slip."""
    patient = make_patient(birth="1955")
    subject = {"reference": f"Patient/{patient}"}
    coding = {"system": "urn:wardround:code"}
    day = "2099-03-04T10:00:00Z" if held_time else "2026-03-04T10:00:00Z"
    angiography = {"resourceType": "Procedure", "status": "completed", "performedDateTime": day}
    result = {"resourceType": "Observation", "status": "final", "effectiveDateTime": day, "valueBoolean": True}
    cholesterol = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2093-3"}]},
        "effectiveDateTime": "2026-03-02T10:00:00Z",
        "valueQuantity": {"value": 2300 if slip else 230, "unit": "mg/dL"},
    }
    angiography["code"] = {"coding": [{**coding, "code": "coronary_angiography"}]}
    result["code"] = {"coding": [{**coding, "code": "coronary_narrowing"}]}
    for resource in (angiography, result, cholesterol):
        create_resource({**resource, "subject": subject}, by=BY)


def test_the_fix_that_gives_most_patients_back_stands_first(make_patient, make_observation, heart_study, steward):
    heart_patient(make_patient)
    for _number in range(3):
        heart_patient(make_patient, slip=True)
    for _number in range(4):  # more values, but of no study
        make_observation(make_patient(), loinc="2345-7", value=9900, unit="mg/dL")

    studies, found = fix_queue.fixes()

    assert studies == ("heart",)
    assert (found[0].title, found[0].regained, found[0].entering) == ("Total cholesterol: decimal slip", 3, 0)
    assert found[1].regained == 0
    assert found[1].values == 4


def test_a_patient_whose_event_is_held_enters_the_study_when_it_is_decided(make_patient, heart_study):
    heart_patient(make_patient)
    heart_patient(make_patient, held_time=True)

    _studies, found = fix_queue.fixes()

    entering = {fix.title.partition(":")[0]: fix.entering for fix in found}
    assert entering["Procedure"] == 1
    assert sum(fix.entering or 0 for fix in found) >= 2


def test_a_second_value_of_the_same_measurement_leaves_nothing_to_regain(make_patient, make_observation, heart_study):
    heart_patient(make_patient)
    patient = make_patient()
    make_observation(patient, loinc="2093-3", value=2300, unit="mg/dL")

    _studies, [fix] = fix_queue.fixes()

    assert (fix.regained, fix.patients) == (0, 1)


def test_a_source_that_suddenly_gets_worse_is_named():
    steady = tuple(Month(f"2026-0{n}", 1000, 10, 0, 0) for n in range(1, 6))

    worse = Source("Laboratory", (*steady, Month("2026-06", 1000, 80, 0, 0)))
    alike = Source("Laboratory", (*steady, Month("2026-06", 1000, 14, 0, 0)))

    assert worse.warning == "8.0% of the values of 2026-06 are held; before it was 1.0%."
    assert alike.warning == ""


def test_nothing_is_said_of_a_source_with_one_month_or_few_values():
    assert Source("New", (Month("2026-06", 1000, 900, 0, 0),)).warning == ""
    assert Source("Small", (Month("2026-05", 5, 0, 0, 0), Month("2026-06", 5, 5, 0, 0))).warning == ""


def test_the_sources_are_told_apart(slips, tmp_path, steward):
    (tmp_path / "p.ndjson").write_text(json.dumps({"resourceType": "Patient", "id": "p1", "gender": "male"}))
    import_files([tmp_path], by=BY)

    names = {source.name: sum(m.values for m in source.months) for source in quality_report(steward).sources}

    assert names["fhir files"] == 1
    assert sum(names.values()) == 8


def test_what_is_kept_and_what_prometheus_reads_name_nobody(slips, steward):
    report = measure(steward)

    kept = json.dumps(QualitySnapshot.objects.get().facts)
    assert "Kovács" not in kept
    assert not any(patient in kept + report_text(report) for patient in slips)
    assert 'wardround_quality_records_failed{category="plausibility",check="noSlip"' in report_text(report)


def test_the_page_tells_what_changed_since_the_last_time(slips, steward, make_observation):
    measure(steward)
    make_observation(slips[0], loinc="8480-6", value=120, unit="mm[Hg]", time="2026-04-02T08:00:00Z")
    measure(steward)

    [slip] = [c for c in latest(steward)["checks"] if c["check"] == "noSlip"]

    assert (slip["share"], slip["change"]) == (0.5, -0.5)


def test_the_file_needs_nothing_else_and_lists_the_records(slips, steward):
    text = html_of(quality_report(steward))

    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "@font-face" not in text
    assert "<script" not in text
    assert "Observation/" in text
    assert "Kovács" not in text


def test_that_somebody_measured_and_looked_is_audited(slips, steward):
    measure(steward)
    records_of("standardConceptRecordCompleteness:values", by=steward)

    done = set(AuditEvent.objects.filter(actor_name=steward.username).values_list("action", flat=True))
    assert {"quality.report", "quality.measure", "quality.records"} <= done


@pytest.mark.parametrize("role", ["nurse", "stranger"])
def test_the_report_is_for_those_who_look_after_data(slips, request, role, as_client):
    user = request.getfixturevalue(role)

    for read in (quality_report, latest, measure):
        with pytest.raises(NotAllowed):
            read(user)
    for path in ("/quality/", "/quality/records/?check=x"):
        assert as_client(user).get(path).status_code == 403
    assert as_client(user).post("/quality/measure/").status_code == 403


def test_a_steward_measures_and_opens_a_number(slips, steward, as_client):
    client = as_client(steward)
    assert "not measured yet" in client.get("/quality/").content.decode()

    page = client.post("/quality/measure/", follow=True).content.decode()
    records = client.get("/quality/records/", {"check": "noSlip:decimal_slip:systolic_pressure"}).content.decode()

    assert "Systolic blood pressure: decimal slip" in page
    assert f"/patients/{slips[0]}/" in records
    assert client.get("/quality/records/", {"check": "nothing"}).status_code == 404


def test_signed_out_nobody_sees_a_report(client):
    assert client.get("/quality/").status_code == 302


def test_prometheus_needs_a_token(client, slips):
    token = make_token("prometheus", scopes="system/Observation.r", days=1, by=BY)

    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "wardround_values_held 1.0\n" in answer.content.decode()


def test_the_report_says_when_it_was_made(slips, steward):
    report = quality_report(steward)

    assert datetime.fromisoformat(report.as_json()["made"]) == report.made <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("language", "shares"), [("en", ["<0.1%", "12.3%", ">99.9%"]), ("de", ["<0,1%", "12,3%", ">99,9%"])]
)
def test_a_share_is_written_as_the_readers_language_writes_it(language, shares):
    with translation.override(language):
        assert [percent(share) for share in (0.0001, 0.123, 0.9999)] == shares
