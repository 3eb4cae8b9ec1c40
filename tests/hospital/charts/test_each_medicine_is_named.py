"""A medicine that a record names by reference has its name: on its page, on the summary, on paper, and where it was given."""

import json
from pathlib import Path

import pytest

from wardround.hospital.records.actions.resources import update_resource
from wardround.web.audit.actor import system_actor

pytestmark = pytest.mark.django_db
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
MIMIC = "http://mimic.mit.edu/fhir/mimic/CodeSystem/mimic-medication"
EXAMPLES = next(
    (found for up in Path(__file__).parents if (found := up / "shared/suites/fhir-r4-examples").is_dir()), None
)
MIMIC_IV = next(
    (found for up in Path(__file__).parents if (found := up / "shared/data/mimic4_fhir_demo").is_dir()), None
)


@pytest.fixture
def order(make_patient, make_resource):
    """order(medicationReference=...): a prescription, and the patient whose it is."""

    def make(**elements: object) -> str:
        patient = make_patient()
        stated = {"status": "active", "intent": "order", "subject": {"reference": f"Patient/{patient}"}}
        make_resource("MedicationRequest", **{**stated, **elements})
        return patient

    return make


def enoxaparin(make_resource) -> dict[str, str]:
    code = {"coding": [{"system": RXNORM, "display": "Enoxaparin sodium 40 MG/0.4 ML Injection [Lovenox]"}]}
    return {"reference": f"Medication/{make_resource('Medication', code=code)}"}


@pytest.mark.parametrize("page", ["", "medicines/", "print/"])
def test_a_stored_medication_is_named_by_the_display_rules(page, order, make_resource, text_of, nurse):
    patient = order(medicationReference=enoxaparin(make_resource))

    text = text_of(nurse, f"/patients/{patient}/{page}")

    assert "<b>enoxaparin sodium 40 mg/0.4 mL injection</b> — LOVENOX" in text
    assert "Medicine not known" not in text


def test_a_contained_medication_has_its_name_and_form(order, text_of, nurse):
    inside = {"resourceType": "Medication", "id": "m", "code": {"text": "Digoxin"}, "form": {"text": "Oral Tablet"}}
    patient = order(contained=[inside], medicationReference={"reference": "#m"})

    assert "<b>Digoxin</b> — oral tablet" in text_of(nurse, f"/patients/{patient}/medicines/")


def test_a_medication_of_a_named_version_is_that_medication(order, make_resource, text_of, nurse):
    reference = enoxaparin(make_resource)["reference"]
    patient = order(medicationReference={"reference": f"{reference}/_history/1"})

    assert "enoxaparin sodium" in text_of(nurse, f"/patients/{patient}/medicines/")


def test_words_of_the_reference_are_the_name_where_the_medication_is_not_here(order, text_of, nurse):
    patient = order(medicationReference={"reference": "https://else.example/Medication/1", "display": "Warfarin 3 mg"})

    assert "<b>Warfarin 3 mg</b>" in text_of(nurse, f"/patients/{patient}/medicines/")


def test_a_package_number_alone_is_named_as_mimic_iv_names_it(order, make_resource, text_of, nurse):
    medication = make_resource(
        "Medication",
        code={"coding": [{"system": f"{MIMIC}-ndc", "code": "00338004904"}]},
        identifier=[{"system": f"{MIMIC}-name", "value": "0.9% Sodium Chloride"}],
    )
    patient = order(medicationReference={"reference": f"Medication/{medication}"})

    text = text_of(nurse, f"/patients/{patient}/medicines/")

    assert "<b>0.9% Sodium Chloride</b>" in text
    assert "00338004904" not in text


def test_a_mixture_is_named_by_what_it_is_mixed_of(order, make_resource, text_of, nurse):
    parts = [make_resource("Medication", code={"text": name}) for name in ("Heparin", "Dextrose 5%")]
    mixed = [{"itemReference": {"reference": f"Medication/{part}"}} for part in parts]
    patient = order(medicationReference={"reference": f"Medication/{make_resource('Medication', ingredient=mixed)}"})

    assert "<b>Heparin + Dextrose 5%</b>" in text_of(nurse, f"/patients/{patient}/medicines/")


def test_what_a_changed_prescription_named_before_has_its_name_too(make_patient, make_resource, text_of, nurse):
    patient = make_patient()
    before, after = (make_resource("Medication", code={"text": name}) for name in ("Digoxin", "Digitoxin"))
    stated = {"status": "active", "intent": "order", "subject": {"reference": f"Patient/{patient}"}}
    request = make_resource("MedicationRequest", **stated, medicationReference={"reference": f"Medication/{before}"})
    changed = {"resourceType": "MedicationRequest", "id": request, **stated}
    changed["medicationReference"] = {"reference": f"Medication/{after}"}
    update_resource(changed, type_name="MedicationRequest", logical_id=request, by=system_actor("tests"))

    text = text_of(nurse, f"/patients/{patient}/medicines/")

    assert "<b>Digitoxin</b>" in text
    assert "<s>Digoxin</s>" in text


def test_doses_given_and_packages_handed_out_stand_on_the_medicines_page(make_patient, make_resource, text_of, nurse):
    patient = make_patient()
    subject = {"subject": {"reference": f"Patient/{patient}"}}
    drug = enoxaparin(make_resource)
    given = {"dose": {"value": 40, "unit": "mg"}, "route": {"text": "Subcutaneous"}}
    make_resource("MedicationAdministration", status="completed", medicationReference=drug, **subject, effectiveDateTime="2026-11-22T19:05:00Z", dosage=given)  # fmt: skip
    make_resource("MedicationAdministration", status="not-done", medicationReference=drug, **subject, effectiveDateTime="2026-11-23T19:05:00Z", statusReason=[{"text": "Refused"}])  # fmt: skip
    make_resource("MedicationAdministration", status="entered-in-error", medicationCodeableConcept={"text": "Wrongdrug"}, **subject, effectiveDateTime="2026-11-23T19:05:00Z")  # fmt: skip
    make_resource("MedicationDispense", status="completed", medicationReference=drug, **subject, whenHandedOver="2026-11-21", quantity={"value": 10, "unit": "syringes"})  # fmt: skip

    text = text_of(nurse, f"/patients/{patient}/medicines/").partition('id="given"')[2]

    assert text.index("Not given</span>") < text.index("40 mg</b>") < text.index("Handed out</span>")
    assert text.count("<b>enoxaparin sodium 40 mg/0.4 mL injection</b>") == 3
    assert "Refused" in text
    assert "10 syringes" in text
    assert "Wrongdrug" not in text


def test_many_doses_have_pages_and_cost_the_same_number_of_queries(make_patient, make_resource, as_client, nurse):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    patient, client = make_patient(), as_client(nurse)
    subject = {"subject": {"reference": f"Patient/{patient}"}}

    def give(days: range) -> None:
        for day in days:
            make_resource("MedicationAdministration", status="completed", medicationReference=enoxaparin(make_resource), **subject, effectiveDateTime=f"2026-03-{day:02}T08:00:00Z")  # fmt: skip

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/patients/{patient}/medicines/")
        return len(asked)

    give(range(1, 3))
    few = cost()
    give(range(3, 29))

    assert cost() == few
    assert "26 to 28 of 28" in client.get(f"/patients/{patient}/medicines/?given=25").content.decode()


@pytest.mark.skipif(EXAMPLES is None, reason="The folder shared/suites/fhir-r4-examples is not beside the checkout.")
def test_every_official_example_of_a_prescription_is_named(make_patient, make_resource, text_of, nurse):
    patient, stored = make_patient(), []
    for path in sorted(EXAMPLES.glob("MedicationRequest-*.json")):
        body = json.loads(path.read_text("utf-8"))
        if not body.get("medicationReference", {"reference": "#"})["reference"].startswith("#"):
            continue  # its Medication is another example
        body["subject"] = {"reference": f"Patient/{patient}"}
        names = ("status", "intent", "subject", "contained", "medicationReference", "medicationCodeableConcept")
        kept = {name: body[name] for name in names if name in body}
        named = json.dumps(kept)
        inside = [inner for inner in kept.pop("contained", []) if f'"#{inner["id"]}"' in named]
        kept |= {"contained": inside} if inside else {}
        make_resource("MedicationRequest", **kept)
        stored.append(path.name)

    text = text_of(nurse, f"/patients/{patient}/medicines/")

    assert len(stored) > 30
    assert "Medicine not known" not in text


@pytest.mark.skipif(MIMIC_IV is None, reason="The folder shared/data/mimic4_fhir_demo is not beside the checkout.")
def test_no_medicine_of_mimic_iv_is_without_a_name(tmp_path, as_client, steward):
    from wardround.hospital.intake.importing import import_files
    from wardround.hospital.records.models import Resource

    names = ("Patient", "Medication", "MedicationMix", "MedicationRequest", "MedicationAdministration")
    import_files([path for name in names for path in sorted(MIMIC_IV.rglob(f"Mimic{name}.ndjson*"))], by=system_actor("import"))  # fmt: skip
    for patient in Resource.objects.filter(type="Patient").values_list("logical_id", flat=True)[:5]:
        assert "Medicine not known" not in as_client(steward).get(f"/patients/{patient}/medicines/").content.decode()
