"""Medications of HL7 v2 (ORM with RXO, RDE, RDS) become MedicationRequests and MedicationDispenses."""

import pytest

ORC = "ORC|NW|P1|F1||||||20260203091500|5^Nurse^Nina||17^House"
RXO = "RXO|A1^Ampicillin^L|2||tab^tablet^L||^with water|^twice a day||G||20|tab^tablet^L|3"
RXE = "RXE||A1^Ampicillin^L|1|2|tab^tablet^L|||G||20|tab|3||| RX9"


def held(resource, reference):
    return next(one for one in resource["contained"] if f"#{one['id']}" == reference["reference"])


def test_an_order_of_a_medication_says_how_it_is_given_and_dispensed(only_one):
    request = only_one("MedicationRequest", "ORM^O01", ORC, RXO, "NTE|1||before surgery")

    assert (request["status"], request["intent"]) == ("active", "original-order")
    assert request["medicationCodeableConcept"]["coding"][0]["code"] == "A1"
    assert request["authoredOn"] == "2026-02-03T09:15:00+01:00"
    assert held(request, request["requester"])["name"][0]["family"] == "House"
    assert held(request, request["recorder"])["name"][0]["family"] == "Nurse"
    (dosage,) = request["dosageInstruction"]
    assert dosage["text"] == "twice a day"
    dose = dosage["doseAndRate"][0]["doseQuantity"]
    assert (dose["value"], dose["unit"], dose["code"]) == (2, "tablet", "tab")
    assert request["dispenseRequest"]["numberOfRepeatsAllowed"] == 3
    assert request["dispenseRequest"]["quantity"]["value"] == 20
    assert request["substitution"]["allowedCodeableConcept"]["coding"][0]["code"] == "G"
    assert [note["text"] for note in request["note"]] == ["with water", "before surgery"]


@pytest.mark.parametrize(
    ("control", "status", "becomes"),
    [
        ("NW", "", "active"),
        ("CA", "", "cancelled"),
        ("DC", "", "stopped"),
        ("HD", "", "on-hold"),
        ("SC", "CM", "completed"),
        ("SC", "ER", "entered-in-error"),
        ("XO", "", "unknown"),
    ],
)
def test_the_status_tells_what_was_never_begun_from_what_was_stopped(only_one, control, status, becomes):
    request = only_one("MedicationRequest", "ORM^O01", f"ORC|{control}|P1|||{status}", RXO)

    assert request["status"] == becomes


def test_the_pharmacys_order_is_based_on_the_one_that_was_written(resources_of_message):
    written, encoded = resources_of_message("MedicationRequest", "RDE^O11", ORC, RXO, RXE)

    assert (written["intent"], encoded["intent"]) == ("original-order", "filler-order")
    assert encoded["basedOn"][0]["reference"].endswith("order:P1")
    assert written["identifier"][0]["value"] == "order:P1"
    assert encoded["identifier"][0]["value"] == "order:P1:encoded"
    assert encoded["dosageInstruction"][0]["doseAndRate"][0]["doseRange"]["high"]["value"] == 2


def test_a_pharmacys_order_alone_names_the_written_one_by_its_number(only_one):
    encoded = only_one("MedicationRequest", "RDE^O11", ORC, RXE)

    assert encoded["basedOn"][0]["identifier"]["value"] == "P1"


def test_form_strength_and_components_are_a_medication_of_their_own(only_one):
    rxo = "RXO|MIX^Infusion^L|||||||||||||||||" + "|5|mg"
    request = only_one(
        "MedicationRequest", "ORM^O01", ORC, rxo, "RXC|A|KCL^Potassium^L|20|mmol|||", "RXC|B|NS^Saline^L|1|L"
    )

    medication = held(request, request["medicationReference"])
    assert request["medicationReference"]["display"] == "Infusion"
    assert [one["itemCodeableConcept"]["coding"][0]["code"] for one in medication["ingredient"]] == ["KCL", "NS"]
    assert medication["ingredient"][0]["strength"]["numerator"]["value"] == 20


def test_each_time_of_giving_is_a_dosage_with_the_route(only_one):
    request = only_one(
        "MedicationRequest",
        "RDE^O11",
        ORC,
        RXE,
        "TQ1|1|1^tab|BID|||10^d|20260203080000||S^Stat^HL70485||after meals",
        "TQ1|2|2^tab|QHS",
        "RXR|PO^Oral^HL70162||",
    )

    first, second = request["dosageInstruction"]
    assert (first["sequence"], second["sequence"]) == (1, 2)
    assert first["route"]["coding"][0]["code"] == second["route"]["coding"][0]["code"] == "PO"
    assert first["timing"]["repeat"]["boundsPeriod"]["end"] == "2026-02-13T08:00:00+01:00"
    assert first["text"] == "after meals"
    assert request["priority"] == "stat"


def test_a_dispense_is_authorised_by_its_order_and_tells_the_batch(only_one):
    rxd = "RXD|1|A1^Ampicillin^L|202602031200|20|tab^tablet^L||RX9||in person|6^Pharm^Pia||||||||L77|20270101|ACME^Acme^MVX"

    dispense = only_one("MedicationDispense", "RDS^O13", ORC, RXE, rxd)

    assert dispense["status"] == "completed"
    assert dispense["whenHandedOver"] == "2026-02-03T12:00:00+01:00"
    assert dispense["quantity"]["value"] == 20
    medication = held(dispense, dispense["medicationReference"])
    assert medication["batch"] == {"lotNumber": "L77", "expirationDate": "2027-01-01"}
    assert medication["manufacturer"]["display"] == "Acme"
    assert dispense["authorizingPrescription"][0]["reference"].endswith("order:P1:encoded")
    assert dispense["authorizingPrescription"][1]["identifier"]["value"] == "RX9"
    assert dispense["note"] == [{"text": "in person"}]
    assert dispense["performer"][0]["actor"]["display"] == "Pia Pharm"


def test_two_dispenses_of_one_order_are_two(only_one):
    first = only_one("MedicationDispense", "RDS^O13", ORC, RXE, "RXD|1|A1^A^L|20260203|20")
    second = only_one("MedicationDispense", "RDS^O13", ORC, RXE, "RXD|1|A1^A^L|20260303|20")

    assert first["identifier"] != second["identifier"]


def test_an_order_that_names_no_medication_is_refused(take_message):
    assert "RXO-1 is empty" in take_message("ORM^O01", ORC, "RXO|||5").reason


RXA = "RXA|0|{n}|202602030{n}00||A1^Ampicillin^L|{amount}|mg|||5^Nurse^Nina|||||L77|||||{status}"


def test_each_gift_on_an_order_is_an_administration(resources_of_message):
    given = (
        RXA.format(n=1, amount=500, status="CP"),
        "RXR|IV^^HL70162|LA^^HL70163",
        RXA.format(n=2, amount=999, status="RE"),
    )

    first, second = resources_of_message("MedicationAdministration", "RAS^O17", ORC, RXO, *given)

    assert (first["status"], second["status"]) == ("completed", "not-done")
    assert first["effectiveDateTime"] == "2026-02-03T01:00:00+01:00"
    assert (first["dosage"]["dose"]["value"], first["dosage"]["dose"]["unit"]) == (500, "mg")
    assert first["dosage"]["route"]["coding"][0]["code"] == "IV"
    assert first["request"]["reference"].endswith("order:P1")
    assert first["performer"][0]["actor"]["display"] == "Nina Nurse"
    assert held(first, first["medicationReference"])["batch"] == {"lotNumber": "L77"}
    assert second["statusReason"][0]["coding"][0]["code"] == "RE"
    assert "dosage" not in second
    assert first["identifier"] != second["identifier"]


def test_gifts_without_the_order_stand_for_themselves(resources_of_message):
    given = (RXA.format(n=1, amount=500, status="CP"), RXA.format(n=2, amount=250, status=""))

    found = resources_of_message("MedicationAdministration", "RAS^O17", "ORC|RE|P1", *given)

    assert [one["dosage"]["dose"]["value"] for one in found] == [500, 250]
    assert "request" not in found[0]
    assert resources_of_message("MedicationRequest", "RAS^O17", "ORC|RE|P1", *given) == []


@pytest.mark.parametrize(("change", "reason"), [(("|202602030100", "|"), "RXA-3"), (("|CP", "|??"), "table 0322")])
def test_a_gift_without_time_or_with_an_unknown_completion_is_refused(take_message, change, reason):
    assert reason in take_message("RAS^O17", ORC, RXO, RXA.format(n=1, amount=1, status="CP").replace(*change)).reason
