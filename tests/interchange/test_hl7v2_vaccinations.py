"""Vaccinations of HL7 v2 (VXU V04) become Immunizations."""

import pytest

ORC = "ORC|RE|P1^CLINIC|F1^CLINIC|||||||||17^House"


def rxa(**fields):
    """An RXA of a Tdap vaccine with further fields by number."""
    basis = {1: "0", 2: "1", 3: "20260203", 5: "115^Tdap^CVX", 6: "0.5", 7: "mL^mL^UCUM"}
    numbered = basis | {int(name[1:]): value for name, value in fields.items()}
    return "|".join(["RXA", *(numbered.get(number, "") for number in range(1, max(numbered) + 1))])


def held(resource, reference):
    return next(one for one in resource["contained"] if f"#{one['id']}" == reference["reference"])


def test_a_vaccination_tells_vaccine_dose_lot_route_site_and_people(only_one):
    given = rxa(_10="5^Nurse^Nina", _15="L77", _16="20270101", _17="ACME^Acme^MVX", _20="CP", _21="A")

    vaccination = only_one(
        "Immunization", "VXU^V04", ORC, given, "RXR|IM^Intramuscular^HL70162|LD^Left Deltoid^HL70163"
    )

    assert vaccination["status"] == "completed"
    assert vaccination["vaccineCode"]["coding"][0]["system"] == "http://hl7.org/fhir/sid/cvx"
    assert vaccination["occurrenceDateTime"] == "2026-02-03"
    assert vaccination["doseQuantity"] == {
        "value": 0.5,
        "unit": "mL",
        "system": "http://unitsofmeasure.org",
        "code": "mL",
    }
    assert (vaccination["lotNumber"], vaccination["expirationDate"]) == ("L77", "2027-01-01")
    assert held(vaccination, vaccination["manufacturer"])["name"] == "Acme"
    assert vaccination["route"]["coding"][0]["code"] == "IM"
    assert vaccination["site"]["coding"][0]["code"] == "LD"
    functions = [one["function"]["coding"][0]["code"] for one in vaccination["performer"]]
    assert functions == ["AP", "OP"]
    assert vaccination["performer"][0]["actor"]["display"] == "Nina Nurse"


@pytest.mark.parametrize(
    ("completion", "status"),
    [("", "completed"), ("CP", "completed"), ("PA", "completed"), ("RE", "not-done"), ("NA", "not-done")],
)
def test_the_status_is_rxa_20(only_one, completion, status):
    assert only_one("Immunization", "VXU^V04", ORC, rxa(_20=completion))["status"] == status


def test_a_refusal_keeps_its_reason(only_one):
    refused = only_one("Immunization", "VXU^V04", ORC, rxa(_18="00^Parental decision^NIP002", _20="RE"))
    silent = only_one("Immunization", "VXU^V04", ORC, rxa(_20="RE"))

    assert refused["statusReason"]["coding"][0]["display"] == "Parental decision"
    assert silent["statusReason"]["coding"] == [
        {"system": "http://terminology.hl7.org/CodeSystem/v2-0322", "code": "RE"}
    ]


def test_a_part_of_a_dose_is_subpotent(only_one):
    vaccination = only_one("Immunization", "VXU^V04", ORC, rxa(_20="PA"))

    assert vaccination["isSubpotent"] is True
    assert vaccination["subpotentReason"][0]["coding"][0]["code"] == "PA"


def test_a_deletion_takes_the_same_vaccination_back(only_one):
    added = only_one("Immunization", "VXU^V04", ORC, rxa(_20="CP", _21="A"))
    deleted = only_one("Immunization", "VXU^V04", ORC, rxa(_20="CP", _21="D"), control="M2")

    assert deleted["status"] == "entered-in-error"
    assert deleted["identifier"] == added["identifier"]


def test_the_amount_999_is_unknown_and_no_dose(only_one):
    assert "doseQuantity" not in only_one("Immunization", "VXU^V04", ORC, rxa(_6="999", _7=""))


def test_a_new_record_is_a_primary_source_and_a_historical_one_says_where_it_is_from(only_one):
    new = only_one("Immunization", "VXU^V04", ORC, rxa(_9="00^New record^NIP001"))
    historical = only_one("Immunization", "VXU^V04", ORC, rxa(_9="01^Historical^NIP001"))
    remark = only_one("Immunization", "VXU^V04", ORC, rxa(_9="^cried a little"))

    assert new["primarySource"] is True
    assert (historical["primarySource"], historical["reportOrigin"]["coding"][0]["code"]) == (False, "01")
    assert remark["note"] == [{"text": "cried a little"}]


def test_funding_eligibility_and_education_are_part_of_it_and_the_rest_stands_beside_it(take_message):
    draft = take_message(
        "VXU^V04",
        ORC,
        rxa(),
        "OBX|1|CE|64994-7^Eligibility^LN|1|V01^Not eligible^HL70064||||||F",
        "OBX|2|CE|30963-3^Funding^LN|1|PHC70^Private^L||||||F",
        "OBX|3|CE|69764-9^Document^LN|2|T1^Tdap leaflet^L||||||F",
        "OBX|4|DT|29769-7^Presented^LN|2|20260203||||||F",
        "OBX|5|NM|TEMP^Temperature^L||36.6|Cel|||||F",
        "OBX|6|DT|29769-7^Presented^LN|9|20260203||||||F",
    )

    by_type = {}
    for one in draft.resources:
        by_type.setdefault(one["resourceType"], []).append(one)
    (vaccination,) = by_type["Immunization"]
    assert vaccination["programEligibility"][0]["coding"][0]["code"] == "V01"
    assert vaccination["fundingSource"]["coding"][0]["code"] == "PHC70"
    assert vaccination["education"] == [{"documentType": "Tdap leaflet", "presentationDate": "2026-02-03"}]
    # A date of education without a document cannot stand in the Immunization (FHIR's rule imm-1).
    assert [one["code"]["coding"][0]["code"] for one in by_type["Observation"]] == ["TEMP", "29769-7"]
    assert by_type["Observation"][0]["partOf"][0]["reference"].startswith("Immunization?identifier=")


def test_the_number_9999_is_no_number(resources_of_message):
    found = resources_of_message(
        "Immunization",
        "VXU^V04",
        "ORC|RE||9999^CDC",
        rxa(_20="RE"),
        "ORC|RE||9999^CDC",
        rxa(_5="21^varicella^CVX", _20="RE"),
    )

    assert [one["identifier"] for one in found] == [
        [{"system": "urn:wardround:local:small", "value": "vaccination:7:115:20260203"}],
        [{"system": "urn:wardround:local:small", "value": "vaccination:7:21:20260203"}],
    ]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ((ORC, rxa(_3="")), "RXA-3 is empty"),
        ((ORC, rxa(_5="")), "RXA-5"),
        ((ORC, rxa(_20="XX")), "table 0322"),
        ((ORC,), "no RXA"),
    ],
)
def test_what_names_no_vaccine_or_time_is_refused(take_message, message, reason):
    assert reason in take_message("VXU^V04", *message).reason
