"""What ADT segments become: the patient's details, relatives, visit, allergies, insurance and account, as HL7's tables say."""

import pytest

from wardround.interchange import hl7v2
from wardround.interchange.draft import Draft, Source
from wardround.interchange.fhir.structure import check

MSH = "MSH|^~\\&|A|B|C|D|20260203083000||ADT^{event}|1|P|2.5.1||||||UNICODE UTF-8"
PID = "PID|1||7^^^H^MR||Kovács^Éva||196302031205|F"


@pytest.fixture
def brought(make_mapping):
    """A function from an event and segments to the resources by type; every one is FHIR."""

    def bring(event, *segments, person=PID):
        text = "\r".join([MSH.format(event=event), f"EVN|{event}|20260203083000", person, *segments])
        draft = next(hl7v2.read_again(Source("x.hl7", "message 1", text.encode()), mapping=make_mapping("hl7v2")))
        assert isinstance(draft, Draft), draft.reason
        assert [problem for resource in draft.resources for problem in check(resource)] == []
        found = {}
        for resource in draft.resources:
            found.setdefault(resource["resourceType"], []).append(resource)
        return found

    return bring


def codes(concept):
    return [coding["code"] for coding in concept["coding"]]


def test_the_details_of_a_patient_have_their_elements_and_published_extensions(brought):
    rest = ["", "2106-3^White^HL70005", "", "", "", "", "hu^Hungarian^HL70296", "M", "CAT^Catholic^HL70006"]
    (patient,) = brought("A08", person=PID.replace("|F", "|F|") + "|".join(rest))["Patient"]

    extensions = {one["url"].rpartition("/")[2]: one for one in patient["extension"]}
    assert patient["birthDate"] == "1963-02-03"
    assert patient["_birthDate"]["extension"][0]["valueDateTime"] == "1963-02-03T12:05:00+01:00"
    assert codes(patient["maritalStatus"]) == ["M", "M"]
    assert codes(patient["communication"][0]["language"]) == ["hu"]
    assert codes(extensions["patient-religion"]["valueCodeableConcept"]) == ["CAT"]
    assert codes(extensions["urn:wardround:race"]["valueCodeableConcept"]) == ["2106-3"]


def test_names_keep_the_parts_of_a_married_name_and_their_times(brought):
    name = "Nagy&von&Kovács^Éva^Anna Mária^^Dr.^MD^L^^^^G^20010101^20200101^FRCP^Évi"
    (patient,) = brought("A08", person=PID.replace("Kovács^Éva", name))["Patient"]

    official, nickname = patient["name"]
    assert official["given"] == ["Éva", "Anna", "Mária"]
    assert official["suffix"] == ["MD", "FRCP"]
    assert official["period"] == {"start": "2001-01-01", "end": "2020-01-01"}
    assert [part["valueString"] for part in official["_family"]["extension"]] == ["von", "Kovács"]
    assert nickname == {"use": "nickname", "given": ["Évi"]}


def test_a_telephone_number_in_parts_is_whole_and_in_its_parts(brought):
    (patient,) = brought("A08", person=PID + "|||||^PRN^CP^^36^30^5551234^12")["Patient"]

    (contact,) = patient["telecom"]
    assert contact["value"] == "+36 30 5551234 X12"
    assert contact["use"] == "home"
    assert [part["valueString"] for part in contact["extension"]] == ["36", "30", "5551234", "12"]


def test_a_relative_is_known_by_name_and_relationship(brought):
    nk1 = "NK1|1|Kovács^Béla|SPO^Spouse^HL70063||+36 1 444||EC^Emergency^HL70131"
    (first,) = brought("A01", nk1)["RelatedPerson"]
    (moved,) = brought("A08", nk1.replace("NK1|1", "NK1|2").replace("444", "555"))["RelatedPerson"]

    assert first["identifier"] == moved["identifier"]
    assert [codes(one) for one in first["relationship"]] == [["SPO"], ["EC"]]
    assert first["patient"]["reference"].endswith("|7")


def test_a_visit_has_its_places_people_and_hospitalization(brought):
    fields = {
        2: "I", 3: "WARD^12^B^H", 4: "E", 7: "55^Szabó^Anna^^^Dr.", 10: "CAR", 14: "7", 17: "56^Tóth^Pál",
        18: "", 19: "V1", 36: "01", 44: "20260203080000", 45: "20260210",
    }  # fmt: skip
    pv1 = "PV1|1|" + "|".join(fields.get(number, "") for number in range(2, 46))
    (encounter,) = brought("A03", pv1, "PV2|||R07^Chest pain^I10||||||20260209")["Encounter"]

    assert (encounter["status"], encounter["class"]["code"]) == ("finished", "IMP")
    assert encounter["period"] == {"start": "2026-02-03T08:00:00+01:00", "end": "2026-02-10"}
    assert [codes(one["type"][0]) for one in encounter["participant"]] == [["ATND"], ["ADM"]]
    assert "Szabó" in encounter["participant"][0]["individual"]["display"]
    assert codes(encounter["hospitalization"]["dischargeDisposition"]) == ["01"]
    assert codes(encounter["serviceType"]) == ["CAR"]
    assert encounter["location"][0]["location"]["display"].startswith("B")
    assert codes(encounter["reasonCode"][0]) == ["R07"]
    assert encounter["extension"][0]["valueDateTime"] == "2026-02-09"


def test_a_role_belongs_to_what_it_stands_below(brought):
    of_patient = "ROL|1|AD|PP^Primary^HL70443|9^Kis^Edit"
    of_visit = "ROL|2|AD|RP^Referrer^HL70443|8^Nagy^Pál|20260203|20260204"
    found = brought("A01", of_patient, "PV1|1|I", of_visit)

    (participant,) = found["Encounter"][0]["participant"]
    assert found["Patient"][0]["generalPractitioner"][0]["display"] == "Edit Kis"
    assert participant["individual"]["display"] == "Pál Nagy"
    assert codes(participant["type"][0]) == ["RP"]
    assert participant["period"] == {"start": "2026-02-03", "end": "2026-02-04"}


@pytest.mark.parametrize(
    ("event", "kind", "status"),
    [
        ("A01", "I", "in-progress"), ("A04", "O", "in-progress"), ("A05", "P", "planned"), ("A11", "I", "cancelled"),
        ("A13", "I", "in-progress"), ("A14", "I", "planned"), ("A23", "I", "entered-in-error"), ("A21", "I", "onleave"),
        ("A38", "P", "cancelled"),
    ],
)  # fmt: skip
def test_an_event_says_what_the_visit_is_from_now_on(brought, event, kind, status):
    (encounter,) = brought(event, f"PV1|1|{kind}" + "|" * 17 + "V1")["Encounter"]

    assert encounter["status"] == status


def test_an_allergy_has_its_reaction_with_the_severity_or_else_its_criticality(brought):
    severe, alone = brought("A01", "AL1|1|DA|P^Penicillin^L|SV|Rash", "AL1|2|FA|N^Nuts^L|SV")["AllergyIntolerance"]

    assert severe["category"] == ["medication"]
    assert severe["reaction"] == [{"manifestation": [{"text": "Rash"}], "severity": "severe"}]
    assert alone["criticality"] == "high"
    assert "reaction" not in alone


def test_insurance_names_the_insurer_the_policy_and_who_is_insured(brought):
    fields = {2: "PL^Gold", 3: "11^^^H", 4: "Payer Ltd", 12: "20260101", 16: "Kovács^Béla", 17: "SPO", 36: "P-9"}
    in1 = "IN1|1|" + "|".join(fields.get(number, "") for number in range(2, 37))
    (coverage,) = brought("A01", in1)["Coverage"]

    held = {one["resourceType"]: one for one in coverage["contained"]}
    assert held["Organization"]["name"] == "Payer Ltd"
    assert held["RelatedPerson"]["name"][0]["given"] == ["Béla"]
    assert coverage["period"] == {"start": "2026-01-01"}
    assert "P-9" in {number["value"] for number in coverage["identifier"]}


def test_an_account_that_became_part_of_another_says_so(brought):
    own, former = brought("A41", "MRG|||ACC1", person=PID + "|" * 10 + "ACC2")["Account"]

    assert former["partOf"]["reference"].endswith("account:ACC2")
    assert (own["status"], former["status"]) == ("active", "unknown")
