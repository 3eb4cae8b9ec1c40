"""Where a visit says that the patient lies, in the forms in which visits come."""

import re

import pytest

from wardround.hospital.wards.places import Place, place_of, ward_key
from wardround.interchange import hl7v2
from wardround.interchange.draft import Source
from wardround.interchange.mapping import mapping_of

_PLACE = "http://terminology.hl7.org/CodeSystem/location-physical-type"


def _location(name, kind="", part_of=""):
    place = {"resourceType": "Location", "id": name, "name": name}
    if kind:
        place["physicalType"] = {"coding": [{"system": _PLACE, "code": kind}]}
    if part_of:
        place["partOf"] = {"reference": f"#{part_of}"}
    return place


def test_the_place_of_an_hl7_message_is_ward_room_and_bed():
    contained = [
        _location("KH", "si"),
        _location("BEL1", part_of="KH"),
        _location("12", "ro", "BEL1"),
        _location("3", "bd", "12"),
    ]
    encounter = {"contained": contained, "location": [{"location": {"reference": "#3"}, "status": "active"}]}

    assert place_of(encounter) == Place(ward="BEL1", room="12", bed="3")


def test_a_place_that_only_has_a_name_is_a_ward():
    assert place_of({"location": [{"location": {"display": "Cardiology"}}]}) == Place(ward="Cardiology")


def test_a_place_that_was_left_or_is_only_planned_does_not_count():
    stays = [
        {"location": {"display": "Emergency"}, "status": "completed"},
        {"location": {"display": "Surgery"}, "status": "planned"},
        {"location": {"display": "Emergency room"}, "period": {"end": "2026-03-02"}},
        {"location": {"display": "Cardiology"}, "status": "active"},
    ]

    assert place_of({"location": stays}).ward == "Cardiology"


def test_of_two_places_the_latest_counts():
    stays = [
        {"location": {"display": "Old"}, "status": "active", "period": {"start": "2026-03-01"}},
        {"location": {"display": "New"}, "status": "active", "period": {"start": "2026-03-02"}},
    ]

    assert place_of({"location": stays}).ward == "New"


def test_a_visit_without_a_place_has_none():
    assert place_of({}) == Place()


def test_places_that_are_part_of_each_other_end():
    contained = [_location("A", part_of="B"), _location("B", part_of="A")]

    assert place_of({"contained": contained, "location": [{"location": {"reference": "#A"}}]}).ward == "A"


@pytest.mark.parametrize(
    ("name", "key"), [("Acute Medical 2", "acute-medical-2"), ("", "none"), ("Sebészet", "sebeszet")]
)
def test_a_ward_has_a_readable_key(name, key):
    assert ward_key(name) == key


def test_a_ward_without_latin_letters_has_a_key():
    assert ward_key("Καρδιολογία") not in {"", "none"}


def test_an_admission_by_message_is_read_as_its_ward_room_and_bed():
    mapping = mapping_of({"source": {"slug": "small", "format": "hl7v2", "zone": "Europe/Budapest"}})
    message = "\r".join(
        [
            "MSH|^~\\&|MEDSOL|BUDAPEST|WARDROUND|X|20260203083000||ADT^A01|M1|P|2.5.1||||||UNICODE UTF-8",
            "EVN|A01|20260203083000",
            "PID|1||7^^^BUDAPEST^MR||Kovács^Éva||196302|F",
            "PV1|1|I|BEL1^12^3||||||||||||||||V1|||||||||||||||||||||||||20260203080000",
        ]
    )

    draft = next(hl7v2.read_again(Source("x.hl7", "message 1", message.encode()), mapping=mapping))

    encounter = next(one for one in draft.resources if one["resourceType"] == "Encounter")
    assert place_of(encounter) == Place(ward="BEL1", room="12", bed="3")


def _offers(client, patient_id: str, path: str) -> set[str]:
    """Which of the three forms the chart leads to."""
    page = client.get(f"/patients/{patient_id}/{path}").content.decode()
    return set(re.findall(r"/enter/(admit|transfer|discharge)/", page))


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "encounters/"])
def test_whoever_is_in_the_hospital_can_be_moved_and_discharged_and_everybody_else_admitted(
    path, as_client, nurse, make_patient, admit
):
    client, outpatient, without_place, gone = as_client(nurse), make_patient(), make_patient(), make_patient()
    admit(outpatient, kind="AMB")
    admit(without_place, kind="EMER", status="arrived", location=[], contained=[])
    admit(gone, status="finished")

    assert _offers(client, outpatient, path) == {"admit"}
    assert _offers(client, without_place, path) == {"transfer", "discharge"}
    assert _offers(client, gone, path) == {"admit"}


@pytest.mark.django_db
def test_the_place_of_a_visit_is_no_ward_in_the_banner(as_client, nurse, make_patient, admit):
    inpatient, outpatient = make_patient(), make_patient()
    admit(inpatient)
    admit(outpatient, kind="AMB")

    banners = [as_client(nurse).get(f"/patients/{one}/medicines/").content.decode() for one in (inpatient, outpatient)]

    assert ["Acute Medical, bed 14" in banner for banner in banners] == [True, False]
