"""What was entered in error, is only suspected, was refuted or not done is never shown as if it were true now."""

import pytest

pytestmark = pytest.mark.django_db
CONDITION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
ALLERGY = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
SNOMED = "http://snomed.info/sct"


def verified(system: str, code: str) -> dict[str, object]:
    return {"coding": [{"system": system, "code": code}]}


def banner_of(text: str) -> str:
    return text.partition('class="banner"')[2].partition("</section>")[0]


@pytest.fixture
def make_problem(make_patient, make_resource):
    def make(verification: str, **elements: object) -> str:
        patient = make_patient()
        stated = {"code": {"text": "Pulmonary embolism"}, "verificationStatus": verified(CONDITION, verification)}
        make_resource("Condition", subject={"reference": f"Patient/{patient}"}, **stated, **elements)
        return patient

    return make


@pytest.fixture
def make_allergy(make_patient, make_resource):
    def make(verification: str, **elements: object) -> str:
        patient = make_patient()
        active = verified("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active")
        stated = {"code": {"text": "Penicillin"}, "verificationStatus": verified(ALLERGY, verification), **elements}
        stated["clinicalStatus"] = active
        make_resource("AllergyIntolerance", patient={"reference": f"Patient/{patient}"}, **stated)
        return patient

    return make


@pytest.mark.parametrize("verification", ["unconfirmed", "provisional", "differential"])
def test_a_suspected_problem_is_not_among_the_active_ones(verification, make_problem, text_of, nurse):
    patient = make_problem(verification)

    summary, listed = text_of(nurse, f"/patients/{patient}/"), text_of(nurse, f"/patients/{patient}/problems/")

    assert "Pulmonary embolism" not in banner_of(summary)
    assert ">Active</h2>" not in listed
    assert listed.index(">Suspected, not confirmed</h2>") < listed.index("Pulmonary embolism</b>")


@pytest.mark.parametrize("page", ["", "print/"])
def test_a_refuted_problem_is_no_problem_on_the_summary_and_says_so_on_paper(page, make_problem, text_of, nurse):
    text = text_of(nurse, f"/patients/{make_problem('refuted')}/{page}")

    assert "Pulmonary embolism" not in banner_of(text)
    assert ("Refuted</span>" in text) is (page == "print/")


def test_a_problem_that_was_entered_in_error_is_on_no_page_but_the_whole_record(make_problem, text_of, nurse):
    patient = make_problem("entered-in-error")

    for page in ("", "problems/", "print/"):
        assert "Pulmonary embolism" not in text_of(nurse, f"/patients/{patient}/{page}")
    assert "<s>Pulmonary embolism</s>" in text_of(nurse, f"/patients/{patient}/everything/?kind=Condition")


@pytest.mark.parametrize("page", ["", "laboratory/", "print/"])
def test_an_observation_that_was_entered_in_error_is_not_shown_as_received(
    page, make_patient, make_resource, text_of, nurse
):
    patient = make_patient()
    make_resource(
        "Observation",
        status="entered-in-error",
        subject={"reference": f"Patient/{patient}"},
        code={"text": "Blood group"},
        valueString="AB",
        effectiveDateTime="2026-11-23",
    )

    assert "Blood group" not in text_of(nurse, f"/patients/{patient}/{page}")


@pytest.mark.parametrize(
    ("status", "word"),
    [("cancelled", "Cancelled"), ("registered", "Registered, no result yet"), ("preliminary", "Preliminary")],
)
@pytest.mark.parametrize("page", ["laboratory/", "print/"])
def test_a_result_that_is_not_final_says_so(page, status, word, make_patient, make_resource, text_of, nurse):
    patient = make_patient()
    make_resource(
        "Observation",
        status=status,
        subject={"reference": f"Patient/{patient}"},
        code={"text": "Culture"},
        effectiveDateTime="2026-11-23",
    )

    assert f"{word}</span>" in text_of(nurse, f"/patients/{patient}/{page}").partition("Culture")[2]


def test_what_was_not_done_is_no_part_of_the_latest_visit(make_patient, make_resource, make_pressure, text_of, nurse):
    patient = make_patient()
    for day in (1, 2):
        make_pressure(patient, 120, time=f"2026-03-0{day}T08:00:00Z")
    for status, name in (("not-done", "Lumbar puncture"), ("completed", "Chest drain")):
        make_resource(
            "Procedure",
            status=status,
            subject={"reference": f"Patient/{patient}"},
            code={"text": name},
            performedDateTime="2026-03-02T09:00:00Z",
        )

    visit = text_of(nurse, f"/patients/{patient}/").partition('id="h-visit"')[2]

    assert "Chest drain" in visit
    assert "Lumbar puncture" not in visit


def test_an_unconfirmed_allergy_is_in_the_banner_and_says_that_it_is(make_allergy, text_of, nurse):
    banner = banner_of(text_of(nurse, f"/patients/{make_allergy('unconfirmed')}/"))

    assert "Penicillin" in banner
    assert "<em>unconfirmed</em>" in banner


def test_no_known_allergies_that_nobody_confirmed_is_not_none(make_allergy, text_of, nurse):
    denial = {"coding": [{"system": SNOMED, "code": "716186003"}]}

    assert "No known allergies (unconfirmed)" in text_of(
        nurse, f"/patients/{make_allergy('unconfirmed', code=denial)}/"
    )


def test_a_refuted_no_known_allergies_is_no_answer(make_allergy, text_of, nurse):
    denial = {"coding": [{"system": SNOMED, "code": "716186003"}]}

    banner = banner_of(text_of(nurse, f"/patients/{make_allergy('refuted', code=denial)}/"))

    assert "No known allergies" not in banner
    assert "Not asked yet" in banner


@pytest.mark.parametrize(("code", "is_asked"), [("716186003", True), ("409137002", False), ("716184000", False)])
def test_a_denial_of_one_kind_says_that_the_others_were_not_asked(code, is_asked, make_allergy, text_of, nurse):
    denial = {"coding": [{"system": SNOMED, "code": code}]}

    banner = banner_of(text_of(nurse, f"/patients/{make_allergy('confirmed', code=denial)}/"))

    assert ("other allergies: not asked yet" in banner) is not is_asked


def test_what_waits_for_a_decision_says_so_on_paper_too(make_patient, make_resource, text_of, nurse):
    patient = make_patient(birth="1961-05-02")
    make_resource(
        "Condition",
        subject={"reference": f"Patient/{patient}"},
        code={"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I10"}], "text": "Hypertension"},
        onsetDateTime="1916-03-14",
    )

    text = text_of(nurse, f"/patients/{patient}/print/").partition("Hypertension</b>")[2].partition("</li>")[0]

    assert "Held</span>" in text


def test_a_value_that_was_converted_says_on_paper_how_it_came(make_patient, make_observation, text_of, nurse):
    patient = make_patient()
    make_observation(patient, loinc="2093-3", value=6.02, unit="mmol/L", time="2026-03-02T08:00:00Z")

    assert "received as 6.02 mmol/L" in text_of(nurse, f"/patients/{patient}/print/")


@pytest.mark.parametrize("page", ["laboratory/", "print/"])
def test_how_the_laboratory_itself_judged_a_result_is_said(page, make_patient, make_resource, text_of, nurse):
    patient = make_patient()
    system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
    make_resource(
        "Observation",
        status="final",
        subject={"reference": f"Patient/{patient}"},
        code={"text": "Procalcitonin of our own laboratory"},
        effectiveDateTime="2026-11-23",
        valueQuantity={"value": 12.5, "unit": "ng/mL"},
        interpretation=[verified(system, "HH")],
        referenceRange=[{"high": {"value": 0.5, "unit": "ng/mL"}}],
    )

    text = text_of(nurse, f"/patients/{patient}/{page}").partition("Procalcitonin")[2]

    assert '<span class="flag high">Critically high</span>' in text
    assert "usual there up to 0.5 ng/mL" in text
