"""Charges (FT1) and problems (PRB) of HL7 v2, for which HL7 publishes no table."""

import pytest

FT1 = (
    "FT1|1|T1||20260203|20260204|CG|ECHO^Echo^L|||2|100&EUR|50&EUR|CARD^Cardiology^L||||||I10^Hypertension^I10|17^House"
)


def test_a_charge_says_for_what_how_much_and_why(only_one):
    charge = only_one("ChargeItem", "DFT^P03", FT1)

    assert charge["status"] == "billable"
    assert charge["code"]["coding"][0]["code"] == "ECHO"
    assert (charge["quantity"]["value"], charge["priceOverride"]["value"]) == (2, 100)
    assert charge["priceOverride"]["currency"] == "EUR"
    assert (charge["occurrenceDateTime"], charge["enteredDate"]) == ("2026-02-03", "2026-02-04")
    assert charge["reason"][0]["coding"][0]["code"] == "I10"
    assert charge["costCenter"]["display"] == "Cardiology"
    assert charge["performer"][0]["actor"]["display"] == "House"


@pytest.mark.parametrize("kind", ["PY", "AJ", "CD"])
def test_payments_and_adjustments_are_no_charges_and_are_kept_as_sent(resources_of_message, kind):
    message = ("DFT^P03", FT1.replace("|CG|", f"|{kind}|"))

    assert resources_of_message("ChargeItem", *message) == []
    (kept,) = resources_of_message("Basic", *message)
    assert kept["extension"][0]["valueString"].startswith("FT1|1|T1")


def test_charges_without_a_number_are_known_by_visit_day_and_code(resources_of_message):
    found = resources_of_message("ChargeItem", "DFT^P03", FT1.replace("|T1|", "||"), FT1.replace("|T1|", "||"))

    assert [one["identifier"][0]["value"] for one in found] == ["charge:V1:20260203:ECHO", "charge:V1:20260203:ECHO:2"]


PRB = "PRB|AD|20260203|R07.4^Chest pain^I10|PB1||||||||||Active||20260101"


def test_a_problem_is_a_condition_of_the_problem_list(only_one):
    problem = only_one("Condition", "PPR^PC1", PRB, "NTE|1||on exertion")

    assert problem["clinicalStatus"]["coding"][0]["code"] == "active"
    assert problem["category"][0]["coding"][0]["code"] == "problem-list-item"
    assert problem["onsetDateTime"] == "2026-01-01"
    assert problem["note"] == [{"text": "on exertion"}]


def test_a_problem_that_is_over_says_so(only_one):
    problem = only_one("Condition", "PPR^PC2", PRB.replace("||||||||||Active", "|||||20260301|||||Resolved"))

    assert problem["clinicalStatus"]["coding"][0]["code"] == "resolved"
    assert problem["abatementDateTime"] == "2026-03-01"


def test_a_deleted_problem_was_an_error(take_message):
    draft = take_message("PPR^PC3", PRB.replace("AD|", "DE|"))

    at, problem = next((n, one) for n, one in enumerate(draft.resources) if one["resourceType"] == "Condition")
    assert problem["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
    assert "clinicalStatus" not in problem
    assert draft.amendments[at].removed == {"clinicalStatus"}


@pytest.mark.parametrize("kind", ["BAR^P02", "BAR^P06", "QBP^Q22", "ORM^O02"])
def test_a_kind_that_nobody_reads_is_refused_with_those_that_are(take_message, kind):
    reason = take_message(kind).reason

    assert "MSH-9" in reason
    assert "SIU (S12, S13" in reason
