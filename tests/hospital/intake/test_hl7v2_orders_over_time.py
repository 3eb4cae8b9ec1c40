"""What several HL7 v2 messages say of one order, document, vaccination or appointment is one record, with its versions."""

import pytest
from django.db.models import F

from wardround.hospital.intake.importing import import_files
from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import Resource, ResourceVersion
from wardround.interchange.fhir.json import loads
from wardround.web.audit.actor import system_actor

ME = system_actor("import")
MAPPING = '[source]\nname = "Small"\nslug = "small"\nformat = "hl7v2"\nzone = "Europe/Budapest"\n'
HEAD = "MSH|^~\\&|MEDSOL|BUDAPEST|WARDROUND|X|20260203083000||{kind}|{control}|P|2.5.1"
PID = "PID|1||7^^^BUDAPEST^MR||Kovács^Éva||196302|F"
OBR = "OBR|1|P1|F1|24317-0^Hemogram^LN||||||||||||17^House^Gregory"
pytestmark = pytest.mark.django_db


@pytest.fixture
def arrive(tmp_path):
    """A function that imports one message; it must not be refused."""
    arrived = []

    def take(kind, *segments):
        arrived.append(kind)
        path = tmp_path / f"{len(arrived)}.hl7"
        path.write_text("\r".join([HEAD.format(kind=kind, control=len(arrived)), PID, *segments]), "utf-8")
        report = import_files([path], by=ME, mapping_text=MAPPING)
        assert not report.quarantined, dict(report.quarantined)
        return report

    return take


def every(type_name):
    """The stored resources of a type, as they are now."""
    now = ResourceVersion.objects.filter(resource__type=type_name, number=F("resource__version"))
    return [loads(open_body(one, keyring=Keyring())) for one in now.select_related("resource__data_key")]


def only(type_name):
    """The one stored resource of a type, as it is now."""
    (found,) = every(type_name)
    return found


def test_a_cancellation_without_details_leaves_what_was_ordered(arrive):
    arrive("ORM^O01", "ORC|NW|P1|F1||||||20260203091500", OBR)

    arrive("ORM^O01", "ORC|CA|P1|F1||||||20260204091500")

    order = only("ServiceRequest")
    assert order["status"] == "revoked"
    assert order["code"]["coding"][0]["code"] == "24317-0"
    assert order["requester"]["display"] == "Gregory House"
    assert order["authoredOn"] == "2026-02-03T09:15:00+01:00"


def test_a_change_that_tells_no_status_leaves_the_order_active(arrive):
    arrive("ORM^O01", "ORC|NW|P1", OBR)

    arrive("ORM^O01", "ORC|XO|P1", "OBR|1|P1||24317-0^Hemogram^LN||||||||||||||", "NTE|1||earlier please")

    order = only("ServiceRequest")
    assert order["status"] == "active"
    assert order["note"] == [{"text": "earlier please"}]


def test_a_new_person_stands_beside_the_one_that_stays(arrive):
    arrive("ORM^O01", "ORC|NW|P1", OBR)

    arrive("ORM^O01", "ORC|XO|P1", "NTE|1||seen||18^Wilson^James")

    order = only("ServiceRequest")
    held = {f"#{one['id']}": one["name"][0]["family"] for one in order["contained"]}
    assert held[order["requester"]["reference"]] == "House"
    assert held[order["note"][0]["authorReference"]["reference"]] == "Wilson"


def test_tests_on_one_sample_share_its_number_and_stay_two_orders(arrive):
    arrive("ORM^O01", "ORC|NW|P1|SAMPLE9", "OBR|1|P1|SAMPLE9|A^A^L")
    arrive("ORM^O01", "ORC|NW|P2|SAMPLE9", "OBR|1|P2|SAMPLE9|B^B^L")

    assert Resource.objects.filter(type="ServiceRequest").count() == 2


def test_a_medication_is_told_by_code_or_by_more_and_never_by_both(arrive):
    arrive("ORM^O01", "ORC|NW|P1", "RXO|A1^Ampicillin^L|2||tab")

    arrive("ORM^O01", "ORC|XO|P1", "RXO|A1^Ampicillin^L|2||tab|CAPS^Capsule^L")

    request = only("MedicationRequest")
    assert "medicationReference" in request
    assert "medicationCodeableConcept" not in request


def test_a_notification_after_the_document_leaves_its_text(arrive):
    txa = "TXA|1|DS|TX||||||17^House||D1|D1|||||AU"
    arrive("MDM^T02", txa, "OBX|1|TX|H^History^L||Chest pain||||||F")
    content = only("DocumentReference")["content"]

    arrive("MDM^T11", txa)

    document = only("DocumentReference")
    assert document["status"] == "entered-in-error"
    assert document["content"] == content


@pytest.mark.parametrize("order", [("T02", "T10"), ("T10", "T02")])
def test_a_replaced_document_is_superseded_in_whatever_order_they_come(arrive, order):
    texts = {"T02": "TXA|1|DS||||||||||D1", "T10": "TXA|1|DS||||||||||D2|D1"}
    for event in order:
        arrive(f"MDM^{event}", texts[event], "OBX|1|TX|H^H^L||Text||||||F")

    found = {one["masterIdentifier"]["value"]: one for one in every("DocumentReference")}
    assert {number: one["status"] for number, one in found.items()} == {"D1": "superseded", "D2": "current"}
    assert "data" in found["D1"]["content"][0]["attachment"]
    (relation,) = found["D2"]["relatesTo"]
    assert relation["code"] == "replaces"


def test_a_vaccination_that_is_deleted_was_an_error(arrive):
    rxa = "RXA|0|1|20260203||115^Tdap^CVX|0.5|mL|||||||||||||CP|{action}"
    arrive("VXU^V04", "ORC|RE|P1|F1", rxa.format(action="A"))

    arrive("VXU^V04", "ORC|RE|P1|F1", rxa.format(action="D"))

    assert only("Immunization")["status"] == "entered-in-error"


def test_the_place_of_a_vaccination_can_be_put_right(arrive):
    rxa = "RXA|0|1|20260203||115^Tdap^CVX|0.5|mL||||^^^{place}|||||||||CP|U"
    arrive("VXU^V04", "ORC|RE|P1|F1", rxa.format(place="CLINIC-1"))

    arrive("VXU^V04", "ORC|RE|P1|F1", rxa.format(place="CLINIC-2"))

    vaccination = only("Immunization")
    assert vaccination["location"]["display"] == "CLINIC-2"
    assert [one["name"] for one in vaccination["contained"]] == ["CLINIC-2"]


def test_an_appointment_is_booked_moved_and_cancelled(arrive):
    times = "TQ1|1||||||{day}090000|{day}093000"
    arrive("SIU^S12", "SCH|P1|A1", times.format(day="20260210"))
    arrive("SIU^S13", "SCH|P1|A1", times.format(day="20260217"))
    assert only("Appointment")["start"] == "2026-02-17T09:00:00+01:00"

    arrive("SIU^S15", "SCH|P1|A1||||ILL^Ill^L")

    appointment = only("Appointment")
    assert appointment["status"] == "cancelled"
    assert appointment["start"] == "2026-02-17T09:00:00+01:00"
    assert appointment["cancelationReason"]["coding"][0]["code"] == "ILL"


def test_what_was_cancelled_and_is_booked_again_has_no_reason_any_more(arrive):
    times = "TQ1|1||||||20260210090000|20260210093000"
    arrive("SIU^S15", "SCH|P1|A1||||ILL^Ill^L", times)

    arrive("SIU^S14", "SCH|P1|A1", times)

    appointment = only("Appointment")
    assert appointment["status"] == "booked"
    assert "cancelationReason" not in appointment


def test_what_was_refused_and_is_given_after_all_has_no_reason_any_more(arrive):
    rxa = "RXA|0|1|20260203||115^Tdap^CVX|0.5|mL||||||||||||{reason}||{status}"
    arrive("VXU^V04", "ORC|RE|P1|F1", rxa.format(reason="00^Parent^L", status="RE"))

    arrive("VXU^V04", "ORC|RE|P1|F1", rxa.format(reason="", status="CP"))

    vaccination = only("Immunization")
    assert vaccination["status"] == "completed"
    assert "statusReason" not in vaccination


def test_a_problem_that_comes_back_is_not_over(arrive):
    arrive("PPR^PC2", "PRB|UP|20260203|R07^Chest pain^I10|PB1|||||20260301|||||Resolved")

    arrive("PPR^PC2", "PRB|UP|20260403|R07^Chest pain^I10|PB1||||||||||Active")

    problem = only("Condition")
    assert problem["clinicalStatus"]["coding"][0]["code"] == "active"
    assert "abatementDateTime" not in problem


def test_results_of_two_tests_under_one_number_are_two_reports(arrive):
    arrive(
        "ORU^R01",
        "OBR|1|P1|SAMPLE9|A^A^L|||202602030800",
        "OBX|1|NM|A^A^L||5|mmol/L|||||F",
        "OBR|2|P1|SAMPLE9|B^B^L|||202602030800",
        "OBX|1|NM|B^B^L||6|mmol/L|||||F",
    )

    assert len(every("DiagnosticReport")) == len(every("Observation")) == len(every("ServiceRequest")) == 2
