"""A message that states only a part takes nothing away: what it does not say stays, and what it says is gone goes."""

import pytest

from wardround.hospital.records.actions.drafts import store_drafts
from wardround.hospital.records.bodies import open_body
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import ResourceVersion
from wardround.hospital.records.origin import Origin
from wardround.interchange import hl7v2
from wardround.interchange.draft import Draft, Source
from wardround.interchange.fhir.json import loads
from wardround.interchange.mapping import mapping_of
from wardround.web.audit.actor import system_actor

pytestmark = pytest.mark.django_db
MAPPING = mapping_of({"source": {"slug": "small", "format": "hl7v2", "zone": "Europe/Budapest"}})
PID = "PID|1||7^^^BUDAPEST^MR||Kovács^Éva||196302|F|||Fő u. 1^^Budapest^^1011^HU^H||+36 1 555|||M|||111222333"
THIN = "PID|1||7^^^BUDAPEST^MR||Kovacs^E||196302|F"


def message(event, *segments, at="20260203083000", person=PID):
    head = f"MSH|^~\\&|MEDSOL|BUDAPEST|WARDROUND|X|{at}||{event}|M{at}{event[4:7]}|P|2.5.1||||||UNICODE UTF-8"
    return "\r".join([head, f"EVN|{event[4:]}|{at}", person, *segments])


def visit(place, *, kind="I", before="", number="V1", admitted="20260203080000", discharged=""):
    fields = {2: kind, 3: place, 6: before, 19: number, 44: admitted, 45: discharged}
    return "PV1|" + "|".join(fields.get(number, "") for number in range(1, 46)).rstrip("|")


def store(*messages):
    """One batch of messages; returns how many resources it changed."""
    drafts = [next(hl7v2.read_again(Source("x.hl7", "message 1", m.encode()), mapping=MAPPING)) for m in messages]
    assert all(isinstance(draft, Draft) for draft in drafts), drafts
    outcomes = store_drafts(drafts, origin=Origin(actor=system_actor("tests"), activity="import", batch="b1"))
    assert [outcome.refusal and outcome.refusal.problems for outcome in outcomes if outcome.refusal] == []
    return sum(stored.change != "unchanged" for outcome in outcomes for stored in outcome.stored)


def the(kind):
    versions = ResourceVersion.objects.filter(resource__type=kind).select_related("resource__data_key")
    return loads(open_body(versions.latest("number"), keyring=Keyring()))


def places():
    return [
        (
            stay["location"]["display"],
            stay["status"],
            *(stay.get("period", {}).get(side, "")[8:16] for side in ("start", "end")),
        )
        for stay in the("Encounter")["location"]
    ]


RESULT = ("OBR|1||L1|LAB^Laboratory^L|||20260203", "OBX|1|NM|KOL^Cholesterol^L||6.1|mmol/l|||||F")


def test_a_results_message_names_its_patient_and_does_not_describe_them_anew():
    store(message("ADT^A01", visit("WARD1")))
    store(message("ORU^R01", *RESULT, person=THIN))

    patient = the("Patient")
    assert patient["name"][0]["family"] == "Kovács"
    assert patient["address"][0]["city"] == "Budapest"
    assert {number["value"] for number in patient["identifier"]} == {"7", "111222333"}


def test_a_results_message_brings_the_patient_where_none_is_stored_and_adds_what_is_missing():
    store(message("ORU^R01", *RESULT, person=THIN))
    store(message("ORU^R01", *RESULT))

    assert the("Patient")["name"][0]["family"] == "Kovacs"
    assert the("Patient")["telecom"][0]["value"] == "+36 1 555"


def test_what_a_message_leaves_out_stays_and_an_explicit_null_removes():
    store(message("ADT^A01", visit("WARD1")))
    store(message("ADT^A08", person='PID|1||7^^^BUDAPEST^MR||Kovács-Nagy^Éva||196302|F|||""'))

    patient = the("Patient")
    assert patient["name"][0]["family"] == "Kovács-Nagy"
    assert "address" not in patient
    assert patient["telecom"][0]["value"] == "+36 1 555"
    assert patient["maritalStatus"]["coding"][0]["code"] == "M"


def test_a_patient_who_died_is_not_also_alive():
    store(message("ADT^A01", person=PID + "|" * 11 + "N"))
    store(message("ADT^A08", person=PID + "|" * 10 + "20260301120000|Y"))

    assert the("Patient")["deceasedDateTime"].startswith("2026-03-01")
    assert "deceasedBoolean" not in the("Patient")


ADMIT = message("ADT^A01", visit("WARD1"), at="20260203080000")
MOVE = message("ADT^A02", visit("WARD2", before="WARD1"), at="20260204090000")
MOVE_AGAIN = message("ADT^A02", visit("WARD3", before="WARD2"), at="20260205100000")


def test_transfers_make_the_history_of_places():
    store(ADMIT)
    store(MOVE, MOVE_AGAIN)

    assert places() == [
        ("WARD1", "completed", "03T08:00", "04T09:00"),
        ("WARD2", "completed", "04T09:00", "05T10:00"),
        ("WARD3", "active", "05T10:00", ""),
    ]


def test_a_patient_who_comes_back_to_a_place_stays_there_anew():
    store(ADMIT, MOVE, message("ADT^A02", visit("WARD1", before="WARD2"), at="20260205100000"))

    assert [place[:3] for place in places()] == [
        ("WARD1", "completed", "03T08:00"),
        ("WARD2", "completed", "04T09:00"),
        ("WARD1", "active", "05T10:00"),
    ]


def test_a_place_that_is_not_named_as_the_one_before_ends_when_the_patient_is_elsewhere():
    store(ADMIT, message("ADT^A02", visit("WARD2"), at="20260204090000"))

    assert places()[0] == ("WARD1", "completed", "03T08:00", "04T09:00")


def test_a_cancelled_transfer_never_happened():
    store(ADMIT, MOVE, message("ADT^A12", visit("WARD1"), at="20260204110000"))

    assert places() == [("WARD1", "active", "03T08:00", "")]


def test_a_discharge_ends_the_visit_and_its_cancellation_opens_it_again():
    store(ADMIT, MOVE)
    store(message("ADT^A03", visit("WARD2", discharged="20260210120000"), at="20260210120000"))
    gone, place = the("Encounter"), places()[-1]
    store(message("ADT^A13", visit("WARD2"), at="20260210130000"))
    back = the("Encounter")

    assert (gone["status"], gone["period"]["end"][8:16]) == ("finished", "10T12:00")
    assert place == ("WARD2", "completed", "04T09:00", "10T12:00")
    assert (back["status"], back["period"]) == ("in-progress", {"start": "2026-02-03T08:00:00+01:00"})
    assert places()[-1] == ("WARD2", "active", "04T09:00", "")
    assert [past["status"] for past in back["statusHistory"]] == ["in-progress", "finished"]


def test_an_update_does_not_reopen_a_visit_that_is_over():
    store(ADMIT, message("ADT^A03", visit("WARD1"), at="20260210120000"))
    store(message("ADT^A08", visit("WARD1"), at="20260211120000"))

    assert the("Encounter")["status"] == "finished"
    assert the("Encounter")["period"]["end"].startswith("2026-02-10")


def test_a_cancelled_admission_leaves_a_cancelled_visit():
    store(ADMIT, message("ADT^A11", visit("WARD1"), at="20260203083000"))

    assert the("Encounter")["status"] == "cancelled"


def test_a_change_of_class_keeps_what_the_visit_was_before():
    store(message("ADT^A04", visit("ER", kind="E"), at="20260203080000"))
    store(message("ADT^A06", visit("WARD1", before="ER"), at="20260203140000"))

    encounter = the("Encounter")
    assert encounter["class"]["code"] == "IMP"
    assert [(past["class"]["code"], past["period"]["end"][8:16]) for past in encounter["classHistory"]] == [
        ("EMER", "03T14:00")
    ]


def test_the_same_messages_again_change_nothing():
    day = [ADMIT, MOVE, message("ORU^R01", *RESULT, person=THIN)]
    assert store(*day)

    assert store(day[-1]) == 0
    assert store(MOVE) == 0
    assert store(MOVE, MOVE) == 0
