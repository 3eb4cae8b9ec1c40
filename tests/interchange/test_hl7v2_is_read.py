"""ADT and ORU messages become FHIR; what cannot be read is rejected and the rest goes on."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wardround.interchange.draft import Draft, Reject, Source
from wardround.interchange.fhir.json import dumps, number_text
from wardround.interchange.fhir.structure import check
from wardround.interchange.hl7v2 import read, read_again


def msh(kind, control="M1"):
    return f"MSH|^~\\&|MEDSOL|BUDAPEST|WARDROUND|X|20260203083000||{kind}|{control}|P|2.5.1||||||UNICODE UTF-8"


PID = (
    "PID|1||7^^^BUDAPEST^MR~99^^^TAJ^NI||Kovács^Éva^Anna^^Dr.^^L~Nagy^Éva^^^^^M||196302|F|||"
    "Fő u. 1^^Budapest^^1011^HU^H||+36 1 555~eva@example.org"
)
PV1 = "PV1|1|O|KARD^1^2"
ADT = "\r".join([msh("ADT^A04^ADT_A01"), "EVN|A04|20260203083000", PID, PV1])
ORU = "\r".join(
    [
        msh("ORU^R01^ORU_R01", "M2"),
        PID,
        PV1,
        "OBR|1||L1|LAB^Laboratory^99BUD|||202602030900",
        "OBX|1|NM|KOL^Koleszterin^99BUD^2093-3^Cholesterol^LN||6.10|mmol/l^^UCUM|||||F",
        "OBX|2|ST|STD^ST^99BUD||1,5|mm|||||F|||202602041000",
        "OBX|3|CE|TAN^Angina^99BUD||I^Igen^99BUD||||||F",
        "OBX|4|SN|GLU^Glucose^99BUD||<^5|mmol/l|||||P",
        "OBX|5|TX|NOTE^Note^L||lies down||||||C",
        "OBX|6|DT|LMP^Date^L||20260101||||||F",
    ]
)
A08 = "\r".join(
    [
        msh("ADT^A08", "M3"),
        PID,
        PV1,
        "DG1|1||I2510^Arteriosclerosis^BNO10||20260205150000|F",
        "PR1|1||KORO^Koronarográfia^99BUD||202602051330",
    ]
)


@pytest.fixture
def mapping(make_mapping):
    return make_mapping(
        "hl7v2",
        source={"decimal": "comma", "assigning_authority": "BUDAPEST"},
        systems={"99BUD": "urn:wardround:local:small"},
        procedures={"KORO": "coronary_angiography", "LAB": "coronary_angiography"},
    )


@pytest.fixture
def read_text(mapping):
    def read_it(text, *, mapping=mapping):
        return list(read_again(Source("x.hl7", "message 1", text.encode()), mapping=mapping))

    return read_it


@pytest.fixture
def resources_of(read_text, sort_out):
    def resources(text):
        found, reasons = sort_out(read_text(text))
        assert reasons == []
        assert not [problem for resource in found for problem in check(resource)]
        return found

    return resources


def test_an_adt_becomes_the_patient_and_the_visit(resources_of):
    patient, encounter = resources_of(ADT)

    assert patient["identifier"][0]["system"] == "urn:wardround:mrn:small"
    assert [i["value"] for i in patient["identifier"]] == ["7", "99"]
    assert patient["name"][0] == {"use": "official", "family": "Kovács", "given": ["Éva", "Anna"], "prefix": ["Dr."]}
    assert patient["name"][1]["use"] == "maiden"
    assert (patient["gender"], patient["birthDate"]) == ("female", "1963-02")
    assert patient["telecom"][1] == {"system": "email", "value": "eva@example.org", "use": "home"}
    assert patient["address"][0]["postalCode"] == "1011"
    assert encounter["class"]["code"] == "AMB"
    assert encounter["period"] == {"start": "2026-02-03T08:30:00+01:00"}


def test_a_message_that_does_not_say_when_the_visit_began_makes_no_visit(resources_of):
    assert [resource["resourceType"] for resource in resources_of(A08)] == ["Patient", "Condition", "Procedure"]


def test_a_visit_number_ties_the_messages_of_one_visit(resources_of):
    numbered = PV1 + "|" * 16 + "V55"
    admitted, updated = resources_of(ADT.replace(PV1, numbered)), resources_of(A08.replace(PV1, numbered))

    assert admitted[1]["identifier"] == updated[1]["identifier"]
    assert updated[2]["encounter"]["reference"].endswith("|visit:V55")


def test_diagnoses_and_procedures_keep_their_codes_and_times(resources_of):
    _, condition, procedure = resources_of(A08)

    assert condition["code"]["coding"][0]["code"] == "I2510"
    assert condition["recordedDate"] == "2026-02-05T15:00:00+01:00"
    assert condition["verificationStatus"]["coding"][0]["code"] == "confirmed"
    assert procedure["code"]["coding"][0]["system"] == "urn:wardround:local:small"
    assert procedure["performedDateTime"] == "2026-02-05T13:30:00+01:00"


def test_results_keep_codes_units_digits_status_and_time(resources_of):
    cholesterol, st, angina, glucose, note, date = resources_of(ORU)[1:-1]

    assert [c["system"] for c in cholesterol["code"]["coding"]] == ["urn:wardround:local:small", "http://loinc.org"]
    assert number_text(cholesterol["valueQuantity"]["value"]) == "6.10"
    assert cholesterol["valueQuantity"]["unit"] == "mmol/l"
    assert cholesterol["effectiveDateTime"] == "2026-02-03T09:00:00+01:00"
    assert number_text(st["valueQuantity"]["value"]) == "1.5"  # a decimal comma typed as text
    assert st["effectiveDateTime"] == "2026-02-04T10:00:00+01:00"
    assert angina["valueCodeableConcept"]["coding"][0]["code"] == "I"
    assert glucose["valueQuantity"]["comparator"] == "<"
    assert [r["status"] for r in (cholesterol, glucose, note)] == ["final", "preliminary", "corrected"]
    assert note["valueString"] == "lies down"
    assert date["valueDateTime"] == "2026-01-01"


def test_an_observation_is_known_by_its_order_and_code(resources_of):
    repeated = ORU + "\rOBX|7|NM|KOL^K^99BUD||7|mmol/l|||||F"

    identifiers = [resource["identifier"][0]["value"] for resource in resources_of(repeated)[1:-1]]

    assert identifiers[0] == "L1:KOL"
    assert identifiers[-1] == "L1:KOL:2"


def test_an_order_is_a_procedure_only_where_the_mapping_says_so(make_mapping, sort_out):
    mapping = make_mapping("hl7v2", source={"procedures_from": "OBR"}, procedures={"LAB": "coronary_angiography"})

    found, _ = sort_out(read_again(Source("x.hl7", "message 1", ORU.encode()), mapping=mapping))

    (procedure,) = [resource for resource in found if resource["resourceType"] == "Procedure"]
    assert procedure["performedDateTime"] == "2026-02-03T09:00:00+01:00"


def test_an_offset_in_the_message_wins_over_the_zone(resources_of):
    text = ORU.replace("|||202602030900", "|||20260203090000.5-0500")

    assert resources_of(text)[1]["effectiveDateTime"] == "2026-02-03T09:00:00.5-05:00"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (ORU.replace("202602030900", "202602310900"), "OBR-7 is not on the calendar"),
        (ORU.replace("202602041000", "202613041000"), "OBX 2's time (OBX-14) is not on the calendar"),
        (ORU.replace("202602041000", "tomorrow"), "OBX 2's time (OBX-14) is no time"),
        (ORU[: ORU.index("OBX|1") + 18], "seems to break off"),
        (ORU.replace("|||||F|||202602041000", "|||||?|||202602041000"), "OBX-11"),
        (ORU.replace("OBR|1", "ZBR|1"), "before the first OBR"),
        (ORU.replace("KOL^Koleszterin^99BUD^2093-3^Cholesterol^LN", ""), "code (OBX-3) is empty"),
        (ADT.replace("PID|", "ZID|"), "no PID segment"),
        (ADT + "\r" + PID, "2 PID segments"),
        (ADT.replace("^^^BUDAPEST^MR", "^^^OTHER^MR"), "assigning authority BUDAPEST"),
        (ADT.replace("|F|||", "|?|||"), "PID-8"),
        (ADT.replace("196302", "196313"), "PID-7 is not on the calendar"),
        (ADT.replace("ADT^A04^ADT_A01", "QBP^Q22"), "MSH-9"),
        (ADT.replace("|P|2.5.1", "|P|3.0"), "2.1 to 2.8"),
        (ADT.replace("|P|2.5.1", "|D|2.5.1"), "marked as debugging"),
        (ADT.replace("|P|2.5.1", "|X|2.5.1"), "not P, T or D"),
        (A08.replace("20260205150000", "20260231150000"), "DG1-5 is not on the calendar"),
    ],
)
def test_a_message_that_cannot_be_read_is_rejected_and_the_rest_goes_on(tmp_path, mapping, text, reason):
    (tmp_path / "x.hl7").write_bytes((text + "\r\n" + ADT + "\r\n").encode())

    reject, draft = read(tmp_path, mapping=mapping)

    assert isinstance(reject, Reject)
    assert reason in reject.reason
    assert reject.source.position == "message 1"
    assert reject.source.raw.strip() == text.encode()
    assert isinstance(draft, Draft)


def test_no_reason_repeats_the_patients_data(read_text):
    (reject,) = read_text(ADT.replace("196302", "Szentkirályi").replace("|F|||", "|Szentkirályi|||"))

    assert "Szentkirályi" not in reject.reason


def test_the_same_message_read_twice_is_the_same_to_the_byte(resources_of):
    assert [dumps(r) for r in resources_of(ORU)] == [dumps(r) for r in resources_of(ORU)]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_mangled_message_gives_drafts_or_rejects_and_nothing_else(data, mapping):
    text = bytearray(data.draw(st.sampled_from([ADT, ORU, A08])).encode())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(len(text) - 1, 0)))
        noise = data.draw(
            st.binary(max_size=3) | st.sampled_from([b"|", b"^", b"\\", b"~", b"\r", b"&", b"OBX|", b"9" * 20])
        )
        text[at : at + data.draw(st.integers(0, 4))] = noise

    for reading in read_again(Source("x.hl7", "message 1", bytes(text)), mapping=mapping):
        assert isinstance(reading, Draft | Reject)
        assert not isinstance(reading, Draft) or all(dumps(resource) for resource in reading.resources)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_drafts_or_rejects_and_nothing_else(mapping, data):
    for reading in read_again(Source("x.hl7", "message 1", data), mapping=mapping):
        assert isinstance(reading, Draft | Reject)
