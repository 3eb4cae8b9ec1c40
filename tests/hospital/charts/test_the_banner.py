"""The banner of every page about a patient: who it is, and above all what they must not be given."""

import pytest

from wardround.hospital.charts.pages import LISTINGS

pytestmark = pytest.mark.django_db
SNOMED = "http://snomed.info/sct"
ACTIVE = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]}
VERIFICATION = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
PAGES = [
    "",
    "vital-signs/",
    "laboratory/",
    "encounters/",
    "everything/",
    "history/",
    "print/",
    *(f"{name}/" for name in LISTINGS),
]


@pytest.fixture
def make_allergy(make_resource):
    def make(patient: str, name: str = "Penicillin", **elements: object) -> str:
        stated = {"clinicalStatus": ACTIVE, "code": {"text": name}, **elements}
        return make_resource("AllergyIntolerance", patient={"reference": f"Patient/{patient}"}, **stated)

    return make


def verified(code: str) -> dict[str, object]:
    return {"coding": [{"system": VERIFICATION, "code": code}]}


def snomed(code: str) -> dict[str, object]:
    return {"coding": [{"system": SNOMED, "code": code}]}


@pytest.mark.parametrize("page", PAGES)
def test_recorded_allergies_are_on_every_page_with_reaction_severity_and_risk(
    page, text_of, nurse, make_patient, make_allergy
):
    patient = make_patient()
    reaction = {"manifestation": [{"text": "Anaphylaxis"}], "severity": "severe"}
    make_allergy(patient, criticality="high", reaction=[reaction])

    banner = text_of(nurse, f"/patients/{patient}/{page}").partition('class="banner"')[2].partition("</section>")[0]

    assert "allergies recorded" in banner
    assert 'Penicillin: Anaphylaxis <em class="grave">severe, high risk</em>' in banner


def test_nobody_has_asked_is_not_no_known_allergies(text_of, nurse, make_patient):
    text = text_of(nurse, f"/patients/{make_patient()}/")

    assert "Not asked yet" in text
    assert "No known allergies" not in text


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("716186003", "No known allergies"),
        ("409137002", "No known drug allergies"),
        ("716184000", "No known latex allergy"),
    ],
)
def test_somebody_asked_and_there_is_none(code, words, text_of, nurse, make_patient, make_allergy):
    patient = make_patient()
    make_allergy(patient, code=snomed(code))

    text = text_of(nurse, f"/patients/{patient}/")

    assert words in text
    assert "allergies none" in text
    assert "Not asked yet" not in text


def test_a_refuted_allergy_of_a_whole_kind_says_that_there_is_none(text_of, nurse, make_patient, make_allergy):
    patient = make_patient()
    make_allergy(patient, code=snomed("419199007"), verificationStatus=verified("refuted"))

    assert "No known allergies" in text_of(nurse, f"/patients/{patient}/")


def test_a_refuted_resolved_or_mistaken_allergy_is_not_shown_as_one(text_of, nurse, make_patient, make_allergy):
    patient = make_patient()
    make_allergy(patient, verificationStatus=verified("refuted"))
    resolved = {"coding": [{**ACTIVE["coding"][0], "code": "resolved"}]}
    make_allergy(patient, "Latex", clinicalStatus=resolved)

    summary, listed = text_of(nurse, f"/patients/{patient}/"), text_of(nurse, f"/patients/{patient}/allergies/")

    assert "allergies recorded" not in summary
    assert "Refuted" in listed
    assert "Resolved" in listed


def test_another_patient_of_the_same_name_is_pointed_out_and_not_told(text_of, nurse, make_patient):
    one = make_patient(family="Kovács", given="Ilona", birth="1958-03-14")
    other = make_patient(family="Kovacs", given="Ilona Mária", birth="1971-01-02")
    third = make_patient(family="Kovács", given="Péter")

    assert "Another patient here has this name" in text_of(nurse, f"/patients/{one}/")
    assert "1971" not in text_of(nurse, f"/patients/{one}/").partition("</section>")[0]
    assert "Another patient here has this name" in text_of(nurse, f"/patients/{other}/")
    assert "Another patient here has this name" not in text_of(nurse, f"/patients/{third}/")


def test_who_has_died_is_shown_as_deceased_with_the_age_at_death(text_of, nurse, make_patient):
    text = text_of(nurse, f"/patients/{make_patient(birth='1940-05-01', deceasedDateTime='2020-04-30T10:00:00Z')}/")

    assert "Deceased, died 30-Apr-2020" in text
    assert "(79y)" in text


def test_ward_and_bed_of_whoever_is_here_are_where_they_are_now(text_of, nurse, make_patient, make_resource):
    patient = make_patient()
    ward = make_resource("Location", name="Acute Medical 2")
    bed = make_resource("Location", name="bed 14", partOf={"reference": f"Location/{ward}"})
    left = {
        "location": {"display": "Emergency"},
        "period": {"start": "2026-03-01T08:00:00Z", "end": "2026-03-01T10:00:00Z"},
    }
    make_resource(
        "Encounter",
        status="in-progress",
        subject={"reference": f"Patient/{patient}"},
        location=[left, {"location": {"reference": f"Location/{bed}"}}],
        **{"class": {"code": "IMP"}},
    )

    banner = text_of(nurse, f"/patients/{patient}/").partition('class="banner"')[2].partition("</section>")[0]

    assert "Acute Medical 2, bed 14" in banner
    assert "Emergency" not in banner


def test_a_bed_that_the_stay_itself_contains_has_its_ward(text_of, nurse, make_patient, make_resource):
    patient = make_patient()
    make_resource(
        "Encounter",
        status="in-progress",
        subject={"reference": f"Patient/{patient}"},
        contained=[
            {"resourceType": "Location", "id": "ward", "name": "Ward A"},
            {"resourceType": "Location", "id": "bed", "name": "2", "partOf": {"reference": "#ward"}},
        ],
        location=[{"location": {"reference": "#bed"}}],
        **{"class": {"code": "IMP"}},
    )

    assert "<dd>Ward A, 2</dd>" in text_of(nurse, f"/patients/{patient}/")
    assert "Ward A, 2" in text_of(nurse, f"/patients/{patient}/encounters/")


def test_the_weight_has_its_date_and_a_held_one_is_not_taken(text_of, nurse, make_patient, make_observation):
    patient = make_patient()
    make_observation(patient, loinc="29463-7", value=68.4, unit="kg", time="2026-03-02T08:00:00Z")
    make_observation(patient, loinc="29463-7", value=6840, unit="kg", time="2026-03-03T08:00:00Z")

    banner = text_of(nurse, f"/patients/{patient}/").partition('class="banner"')[2].partition("</section>")[0]

    assert "68.4 kg <span>(02-Mar-2026)</span>" in banner


def test_three_active_problems_are_named_and_the_others_counted(text_of, nurse, make_patient, make_resource):
    patient = make_patient()
    for year in range(2011, 2016):
        make_resource(
            "Condition",
            subject={"reference": f"Patient/{patient}"},
            code={"text": f"Problem {year}"},
            onsetDateTime=str(year),
        )

    banner = text_of(nurse, f"/patients/{patient}/").partition('class="banner"')[2].partition("</section>")[0]

    assert "Problem 2015 · Problem 2014 · Problem 2013" in banner
    assert ">+2<" in banner
    assert "Problem 2011" not in banner


def test_a_bed_that_is_only_a_number_is_called_a_bed(text_of, nurse, make_patient, make_resource):
    patient = make_patient()
    kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/location-physical-type", "code": "bd"}]}
    places = [
        {"resourceType": "Location", "id": "ward", "name": "Acute Medical"},
        {
            "resourceType": "Location",
            "id": "bed",
            "name": "14",
            "physicalType": kind,
            "partOf": {"reference": "#ward"},
        },
    ]
    make_resource(
        "Encounter",
        contained=places,
        status="in-progress",
        subject={"reference": f"Patient/{patient}"},
        location=[{"location": {"reference": "#bed"}}],
        **{"class": {"code": "IMP"}},
    )

    assert "Acute Medical, bed 14" in text_of(nurse, f"/patients/{patient}/")


def test_the_severest_allergy_of_a_risk_is_named_first(text_of, nurse, make_patient, make_allergy):
    patient = make_patient()
    for name, severity in (("Aspirin", "mild"), ("Latex", "moderate"), ("Penicillin", "severe")):
        reaction = {"manifestation": [{"text": "Rash"}], "severity": severity}
        make_allergy(patient, name, criticality="high", reaction=[reaction])

    banner = text_of(nurse, f"/patients/{patient}/").partition('class="banner"')[2].partition("</section>")[0]

    assert banner.index("Penicillin") < banner.index("Latex") < banner.index("Aspirin")


def test_who_may_write_is_led_from_not_asked_to_the_form(text_of, nurse, steward, make_patient):
    patient = make_patient()
    form = f'href="/patients/{patient}/enter/allergy/">Ask and record</a>'

    assert form in text_of(nurse, f"/patients/{patient}/")
    assert "Ask and record" not in text_of(steward, f"/patients/{patient}/")


def test_no_mark_in_a_name_or_number_turns_what_stands_beside_it(text_of, nurse, make_patient):
    turned = "\u202eKovács\u2066"
    patient = make_patient(family=turned, identifier=[{"system": "urn:wardround:mrn:x", "value": "A\u202e12"}])

    for page in (f"/patients/{patient}/", "/patients/", f"/patients/{patient}/print/"):
        text = text_of(nurse, page)
        assert "KOVÁCS, Ilona" in text
        assert not any(mark in text for mark in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def test_a_family_name_that_stands_alone_is_written_like_every_other(text_of, nurse, make_patient):
    patient = make_patient(name=[{"family": "Caduff"}])

    assert "<h1>CADUFF</h1>" in text_of(nurse, f"/patients/{patient}/")
    assert ">CADUFF</a>" in text_of(nurse, "/patients/")


def test_a_name_that_came_as_one_text_stays_as_it_came(text_of, nurse, make_patient):
    patient = make_patient(name=[{"text": "Caduff Reto"}])

    assert "<h1>Caduff Reto</h1>" in text_of(nurse, f"/patients/{patient}/")
