"""Nothing is lost to the eye: every record of a patient is on one page by kind, on one line, and opens as it is stored."""

import gzip
import json
from pathlib import Path

import pytest

from wardround.hospital.charts.one_line import one_line
from wardround.hospital.charts.opened import Record
from wardround.hospital.records.models import Resource
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

SHARED = next((found for up in Path(__file__).parents if (found := up / "shared").is_dir()), Path("/nowhere"))
EXAMPLES = SHARED / "suites/fhir-r4-examples"
BUNDLES = SHARED / "data/synthea_fhir_r4/bundles"
VERSIE = "Versie_Botsford_56121408-15fe-47a5-8279-6f05dee51464.json.gz"


@pytest.fixture
def make_plan(make_resource):
    def make(patient: str, **elements: object) -> str:
        stated = {
            "status": "active",
            "intent": "plan",
            "category": [{"text": "Diabetes care"}],
            "period": {"start": "2019-03-01"},
        }
        return make_resource("CarePlan", subject={"reference": f"Patient/{patient}"}, **{**stated, **elements})

    return make  # fmt: skip


@pytest.mark.django_db
def test_a_record_that_no_page_shows_is_on_one_line_with_its_date(text_of, nurse, make_patient, make_plan):
    patient = make_patient()
    plan = make_plan(patient, activity=[{"detail": {"status": "in-progress", "code": {"text": "Foot care"}}}])

    text = text_of(nurse, f"/patients/{patient}/everything/")

    assert f'href="/patients/{patient}/everything/CarePlan/{plan}/">Diabetes care</a>' in text
    assert "01-Mar-2019" in text
    assert "Foot care" in text
    assert "Active</span>" in text


@pytest.mark.django_db
def test_each_kind_is_counted_and_can_be_listed(text_of, nurse, make_patient, make_plan, make_pressure):
    patient = make_patient()
    make_plan(patient)
    for day in (1, 2):
        make_pressure(patient, 120, time=f"2026-03-0{day}T08:00:00Z")

    text = text_of(nurse, f"/patients/{patient}/everything/?kind=Observation")

    assert 'Observations <span class="count">2</span>' in text
    assert 'Care plans <span class="count">1</span>' in text
    assert text.count("Systolic blood pressure</a>") == 2
    assert "On its page in the chart" in text


@pytest.mark.django_db
def test_a_record_opens_as_it_is_stored_and_that_is_audited(as_client, nurse, make_patient, make_plan):
    patient = make_patient()
    plan = make_plan(patient, description="<script>alert(1)</script>")

    text = as_client(nurse).get(f"/patients/{patient}/everything/CarePlan/{plan}/").content.decode()

    assert "&quot;resourceType&quot;: &quot;CarePlan&quot;" in text
    assert "<script>alert(1)" not in text
    event = AuditEvent.objects.get(action="record.read")
    assert (event.actor_name, event.patient_id, event.what) == (nurse.username, patient, f"CarePlan/{plan}")


@pytest.mark.django_db
def test_a_number_stands_in_the_json_as_it_was_written(text_of, nurse, make_patient, make_observation):
    from decimal import Decimal

    patient = make_patient()
    observation = make_observation(
        patient, loinc="2093-3", value=Decimal("5.40"), unit="mmol/L", time="2026-03-02T08:00:00Z"
    )

    assert "&quot;value&quot;: 5.40" in text_of(nurse, f"/patients/{patient}/everything/Observation/{observation}/")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["CarePlan/none", "Nothing/none", "CarePlan/{other}", "Patient/{stranger}"])
def test_a_record_of_another_chart_is_not_there(address, as_client, nurse, make_patient, make_plan):
    patient, stranger = make_patient(), make_patient()
    path = address.format(other=make_plan(stranger), stranger=stranger)

    assert as_client(nurse).get(f"/patients/{patient}/everything/{path}/").status_code == 404
    assert not AuditEvent.objects.filter(action="record.read").exists()


@pytest.mark.django_db
def test_what_was_entered_in_error_is_struck_through(text_of, nurse, make_patient, make_plan):
    patient = make_patient()
    make_plan(patient, status="entered-in-error")

    text = text_of(nurse, f"/patients/{patient}/everything/")

    assert "<s>Diabetes care</s>" in text
    assert "Entered in error</span>" in text


@pytest.mark.django_db
def test_an_appointment_and_an_implant_lie_in_nobodys_chart_and_are_there(text_of, nurse, make_patient, make_resource):
    patient, other = make_patient(), make_patient()
    whom = {"reference": f"Patient/{patient}"}
    make_resource("Appointment", status="booked", serviceType=[{"text": "Lung function"}], start="2026-12-10T09:00:00Z", end="2026-12-10T09:30:00Z", participant=[{"actor": whom, "status": "accepted"}])  # fmt: skip
    make_resource("Device", status="active", type={"text": "Cardiac pacemaker"}, patient=whom)

    mine, theirs = (text_of(nurse, f"/patients/{one}/everything/") for one in (patient, other))

    assert "Lung function" in mine
    assert "Cardiac pacemaker" in mine
    assert "Lung function" not in theirs
    assert "Cardiac pacemaker" not in theirs


@pytest.mark.django_db
def test_a_chart_with_nothing_else_says_so(text_of, nurse, make_patient):
    text = text_of(nurse, f"/patients/{make_patient()}/everything/")

    assert "stands on the other pages of the chart" in text


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["everything/", "print/"])
def test_bills_do_not_stand_between_plans_and_are_counted(page, text_of, nurse, make_patient, make_plan, make_resource):
    patient = make_patient()
    make_plan(patient)
    whom, insurance = (
        {"reference": f"Patient/{patient}"},
        {"sequence": 1, "focal": True, "coverage": {"display": "Fund"}},
    )
    make_resource("Claim", status="active", use="claim", type={"text": "Pharmacy bill"}, patient=whom, created="2020-03-05", provider={"display": "Hospital"}, priority={"text": "normal"}, insurance=[insurance])  # fmt: skip

    text = text_of(nurse, f"/patients/{patient}/{page}")

    assert "Diabetes care" in text
    assert "Pharmacy bill" not in text
    assert "1 record of payment is" in text
    assert "Pharmacy bill</a>" in text_of(nurse, f"/patients/{patient}/everything/?kind=Claim")


@pytest.mark.django_db
def test_the_paper_has_what_no_other_page_shows(text_of, nurse, make_patient, make_plan):
    patient = make_patient()
    make_plan(patient)

    text = text_of(nurse, f"/patients/{patient}/print/")

    assert "Everything else in this record" in text
    assert "Care plans: <b>Diabetes care</b>" in text


@pytest.mark.django_db
def test_a_file_in_a_record_is_not_printed_whole_in_its_json(text_of, nurse, make_patient, make_resource):
    patient = make_patient()
    content = [{"attachment": {"contentType": "application/pdf", "data": "QUJD" * 3000}}]
    document = make_resource("DocumentReference", status="current", subject={"reference": f"Patient/{patient}"}, content=content)  # fmt: skip

    text = text_of(nurse, f"/patients/{patient}/everything/DocumentReference/{document}/")

    assert "(12000 characters)" in text
    assert "QUJD" * 1000 not in text


@pytest.mark.django_db
@pytest.mark.skipif(not BUNDLES.is_dir(), reason="The folder shared/data/synthea_fhir_r4 is not beside the checkout.")
def test_every_record_of_an_imported_chart_is_on_some_page_of_it(tmp_path, as_client, steward):
    from wardround.hospital.intake.importing import import_files

    (tmp_path / "bundle.json").write_bytes(gzip.decompress((BUNDLES / VERSIE).read_bytes()))
    import_files([tmp_path / "bundle.json"], by=system_actor("import"))
    patient = Resource.objects.get(type="Patient").logical_id
    client, unseen = as_client(steward), []

    def text(query: str) -> str:
        return client.get(f"/patients/{patient}/everything/{query}").content.decode()

    for name in set(Resource.objects.filter(patient_id=patient).values_list("type", flat=True)):
        ids = Resource.objects.filter(patient_id=patient, type=name).values_list("logical_id", flat=True)
        shown = "".join(text(f"?kind={name}&start={start}") for start in range(0, len(ids), 50))
        unseen += [f"{name}/{one}" for one in ids if f"/everything/{name}/{one}/" not in shown]

    assert unseen == []
    assert "Not coded" not in text("")


@pytest.mark.skipif(
    not EXAMPLES.is_dir(), reason="The folder shared/suites/fhir-r4-examples is not beside the checkout."
)
def test_every_official_example_of_a_patients_record_has_a_line():
    from datetime import UTC, datetime

    from wardround.web.layout.fhir_words import TITLES

    nameless, kinds = [], set()
    for path in sorted(EXAMPLES.glob("*.json")):
        text = path.read_bytes()
        body = json.loads(text)
        if body["resourceType"] not in TITLES:
            continue
        line = one_line(Record(row=1, type=body["resourceType"], id=path.stem, version=1, recorded=datetime.now(UTC), text=text), stored={})  # fmt: skip
        kinds.add(body["resourceType"])
        if line.title == str(TITLES[body["resourceType"]]):
            nameless.append(path.stem)

    assert len(kinds) > 45
    # These say in no element what they are; their kind and date stand on the line.
    assert len(nameless) < 25, nameless
