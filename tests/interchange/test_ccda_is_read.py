"""C-CDA documents give their patient, themselves and what their entries say; what nobody takes up is named."""

import base64
from urllib.parse import unquote

import pytest
from ccda_documents import document, section, template

from wardround.interchange import ccda
from wardround.interchange.draft import Draft, Source
from wardround.interchange.fhir.json import dumps
from wardround.interchange.fhir.structure import check

GLUCOSE = '<code code="2345-7" codeSystem="2.16.840.1.113883.6.1" displayName="Glucose"/>'


@pytest.fixture
def mapping(make_mapping):
    return make_mapping("ccda")


@pytest.fixture
def take(mapping, tmp_path):
    """(resources by type, the draft, rejects) of a document."""

    def taken(raw):
        (tmp_path / "x.xml").write_bytes(raw)
        readings = list(ccda.read(tmp_path, mapping=mapping))
        drafts = [reading for reading in readings if isinstance(reading, Draft)]
        by_type = {}
        for draft in drafts:
            for resource in draft.resources:
                assert check(resource) == []
                by_type.setdefault(resource["resourceType"], []).append(resource)
        return by_type, (drafts or [None])[0], [r for r in readings if not isinstance(r, Draft)]

    return taken


def result(value, *, name="r1", time='<effectiveTime value="202602030830"/>', more=""):
    return (
        f'<observation classCode="OBS" moodCode="EVN">{template(2)}<id root="2.16.840.1.113883.19.5.2" extension="{name}"/>'
        f'{GLUCOSE}<statusCode code="completed"/>{time}{value}{more}</observation>'
    )


def test_the_patient_is_known_by_the_hospitals_number_and_comes_before_what_refers_to_her(take):
    by_type, draft, _ = take(document())

    (patient,) = by_type["Patient"]
    assert patient["identifier"][0] == {"system": "urn:oid:2.16.840.1.113883.19.5.1", "value": "777"}
    assert patient["identifier"][1]["system"] == "http://hl7.org/fhir/sid/us-ssn"
    assert patient["name"] == [{"use": "usual", "given": ["Anna", "Mária"], "family": "Kovács"}]
    assert (patient["gender"], patient["birthDate"]) == ("female", "1963-07-04")
    assert [resource["resourceType"] for resource in draft.resources] == ["Patient", "DocumentReference"]


def test_the_document_itself_is_in_the_chart_byte_for_byte(take):
    raw = document(section("51848-0", text="She is well."))

    by_type, draft, _ = take(raw)

    (kept,) = by_type["DocumentReference"]
    assert base64.b64decode(kept["content"][0]["attachment"]["data"]) == raw
    assert kept["masterIdentifier"] == {"system": "urn:oid:2.16.840.1.113883.19.5", "value": "doc-1"}
    assert draft.unmapped == ("Assessment: text",)


def test_a_result_keeps_its_digits_unit_and_local_time_with_the_zone(take):
    by_type, draft, _ = take(document(section("30954-2", result('<value xsi:type="PQ" value="5.60" unit="mmol/L"/>'))))

    (observation,) = by_type["Observation"]
    assert b'"value":5.60,"unit":"mmol/L"' in dumps(observation["valueQuantity"])
    assert observation["effectiveDateTime"] == "2026-02-03T08:30:00+01:00"
    assert observation["status"] == "final"
    assert observation["subject"]["reference"] == "Patient?identifier=urn:oid:2.16.840.1.113883.19.5.1|777"
    assert draft.unmapped == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('<value xsi:type="INT" value="3"/>', {"valueInteger": 3}),
        ('<value xsi:type="ST">yellow</value>', {"valueString": "yellow"}),
        ('<value xsi:type="ED"><reference value="#n1"/></value>', {"valueString": "as in the text"}),
        ('<value xsi:type="BL" value="true"/>', {"valueBoolean": True}),
        ('<value xsi:type="TS" value="20260203"/>', {"valueDateTime": "2026-02-03"}),
        (
            '<value xsi:type="CD" code="260373001" codeSystem="2.16.840.1.113883.6.96" displayName="Detected"/>',
            {"valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "260373001", "display": "Detected"}]}},
        ),
        (
            '<value xsi:type="PQ" nullFlavor="NA"/>',
            {"dataAbsentReason": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "NA"}]}},
        ),
    ],
)  # fmt: skip
def test_every_kind_of_value_is_a_value_of_its_kind(take, value, expected):
    by_type, _, _ = take(document(section("30954-2", result(value), text='<content ID="n1">as in the text</content>')))

    (observation,) = by_type["Observation"]
    assert {k: v for k, v in observation.items() if k.startswith(("value", "data"))} == expected


@pytest.mark.parametrize(
    ("value", "comparator"),
    [
        ('<high value="0.05" unit="ng/mL" inclusive="false"/>', "<"),
        ('<high value="0.05" unit="ng/mL"/>', "<="),
        ('<low value="0.05" unit="ng/mL" inclusive="false"/>', ">"),
        ('<low value="0.05" unit="ng/mL"/>', ">="),
    ],
)
def test_less_than_and_greater_than_are_comparators(take, value, comparator):
    by_type, _, _ = take(document(section("30954-2", result(f'<value xsi:type="IVL_PQ">{value}</value>'))))

    quantity = by_type["Observation"][0]["valueQuantity"]
    assert (quantity["comparator"], str(quantity["value"])) == (comparator, "0.05")


def test_a_panel_is_a_report_of_its_results(take):
    panel = (
        f'<organizer classCode="BATTERY" moodCode="EVN">{template(1)}<id root="2.16.840.1.113883.19.5.3" extension="p1"/>'
        f'<code code="24323-8" codeSystem="2.16.840.1.113883.6.1"/><statusCode code="completed"/><component>'
        f"{result(VALUE, name='r1')}</component><component>{result(VALUE, name='r2')}</component></organizer>"
    )
    by_type, _, _ = take(document(section("30954-2", panel)))

    names = [observation["identifier"][0]["value"] for observation in by_type["Observation"]]
    referred = [unquote(link["reference"].partition("|")[2]) for link in by_type["DiagnosticReport"][0]["result"]]
    assert len(names) == 2
    assert referred == names


VALUE = '<value xsi:type="PQ" value="5.6" unit="mmol/L"/>'


def test_two_entries_with_one_id_are_two_resources_and_the_same_entry_twice_is_one(take):
    later = result(VALUE, time='<effectiveTime value="20260204"/>')
    by_type, _, _ = take(document(section("30954-2", result(VALUE), later, result(VALUE))))

    assert len(by_type["Observation"]) == 2
    assert len({observation["identifier"][0]["value"] for observation in by_type["Observation"]}) == 2


def test_the_next_result_under_the_same_id_in_a_later_document_is_a_resource_of_its_own_and_a_condition_the_same(take):
    first, _, _ = take(document(section("30954-2", result(VALUE)), section("11450-4", problem())))
    later = result(VALUE.replace("5.6", "6.1"), time='<effectiveTime value="20260304"/>')
    second, _, _ = take(document(section("30954-2", later), section("11450-4", problem(concern="completed"))))

    assert first["Observation"][0]["identifier"] != second["Observation"][0]["identifier"]
    assert first["Condition"][0]["identifier"] == second["Condition"][0]["identifier"]


def test_the_documents_of_a_folder_are_read_in_the_order_in_which_they_were_written(tmp_path, mapping):
    (tmp_path / "a.xml").write_bytes(document().replace(b"20260203083000", b"20260301"))
    (tmp_path / "b.xml").write_bytes(document())

    assert [draft.source.file for draft in ccda.read(tmp_path, mapping=mapping)] == ["b.xml", "a.xml"]


def test_one_id_in_two_patients_documents_is_two_resources(take):
    raw = document(section("30954-2", result(VALUE)))

    here, _, _ = take(raw)
    there, _, _ = take(raw.replace(b'extension="777"', b'extension="778"'))

    assert here["Observation"][0]["identifier"] != there["Observation"][0]["identifier"]


def test_the_same_document_gives_the_same_resources(take):
    raw = document(section("30954-2", result(VALUE)))

    assert take(raw)[1] == take(raw)[1]


def test_what_is_negated_never_becomes_a_statement(take):
    not_measured = result(VALUE).replace('moodCode="EVN"', 'moodCode="EVN" negationInd="true"')
    by_type, draft, _ = take(document(section("30954-2", not_measured), section("11450-4", problem(negated=True))))

    assert "Observation" not in by_type
    assert "Results: observation" in draft.unmapped
    assert by_type["Condition"][0]["verificationStatus"]["coding"][0]["code"] == "refuted"
    assert "clinicalStatus" not in by_type["Condition"][0]


def problem(*, negated=False, high="", concern="active"):
    negation = ' negationInd="true"' if negated else ""
    return (
        f'<act classCode="ACT" moodCode="EVN">{template(3)}<id root="2.16.840.1.113883.19.5.4" extension="c1"/>'
        f'<code code="CONC" codeSystem="2.16.840.1.113883.5.6"/><statusCode code="{concern}"/><entryRelationship typeCode="SUBJ">'
        f'<observation classCode="OBS" moodCode="EVN"{negation}>{template(4)}<id root="2.16.840.1.113883.19.5.4" extension="o1"/>'
        f'<code code="55607006" codeSystem="2.16.840.1.113883.6.96"/><statusCode code="completed"/><effectiveTime>'
        f'<low value="2019"/>{high}</effectiveTime><value xsi:type="CD" code="I10" codeSystem="2.16.840.1.113883.6.90"/>'
        "</observation></entryRelationship></act>"
    )


def test_a_problem_is_a_condition_and_one_that_has_ended_is_not_active(take):
    by_type, _, _ = take(document(section("11450-4", problem(high='<high value="202103"/>'))))

    (condition,) = by_type["Condition"]
    assert condition["code"]["coding"] == [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I10"}]
    assert (condition["onsetDateTime"], condition["abatementDateTime"]) == ("2019", "2021-03")
    assert condition["clinicalStatus"]["coding"][0]["code"] == "resolved"


def test_an_allergy_has_its_agent_reaction_severity_and_criticality(take):
    entry = (
        f'<act classCode="ACT" moodCode="EVN">{template(30)}<statusCode code="active"/><entryRelationship typeCode="SUBJ">'
        f'<observation classCode="OBS" moodCode="EVN">{template(7)}<id root="2.16.840.1.113883.19.5.5" extension="a1"/>'
        '<value xsi:type="CD" code="416098002" codeSystem="2.16.840.1.113883.6.96"/>'
        '<participant typeCode="CSM"><participantRole><playingEntity><code code="70618" '
        'codeSystem="2.16.840.1.113883.6.88" displayName="Penicillin"/></playingEntity></participantRole></participant>'
        f'<entryRelationship typeCode="MFST"><observation>{template(9)}<value xsi:type="CD" code="247472004" '
        f'codeSystem="2.16.840.1.113883.6.96"/><entryRelationship><observation>{template(8)}<value xsi:type="CD" '
        'code="6736007" codeSystem="2.16.840.1.113883.6.96"/></observation></entryRelationship></observation>'
        f'</entryRelationship><entryRelationship typeCode="SUBJ"><observation>{template(145)}'
        '<value xsi:type="CD" code="CRITH"/></observation></entryRelationship></observation></entryRelationship></act>'
    )
    by_type, draft, _ = take(document(section("48765-2", entry)))

    (allergy,) = by_type["AllergyIntolerance"]
    assert allergy["code"]["coding"][0]["display"] == "Penicillin"
    assert (allergy["type"], allergy["category"], allergy["criticality"]) == ("allergy", ["medication"], "high")
    assert allergy["reaction"][0]["severity"] == "moderate"
    assert draft.unmapped == ()


@pytest.mark.parametrize(
    ("mood", "type_name", "status"), [("EVN", "MedicationStatement", "active"), ("INT", "MedicationRequest", "active")]
)
def test_a_medication_is_a_statement_where_it_is_taken_and_a_request_where_it_is_meant(take, mood, type_name, status):
    entry = (
        f'<substanceAdministration classCode="SBADM" moodCode="{mood}">{template(16)}<id root="2.16.840.1.113883.19.5.6" '
        'extension="m1"/><statusCode code="active"/><effectiveTime xsi:type="IVL_TS"><low value="20260101"/></effectiveTime>'
        '<effectiveTime xsi:type="PIVL_TS" operator="A"><period value="12" unit="h"/></effectiveTime>'
        '<doseQuantity value="2.50" unit="mg"/><consumable><manufacturedProduct><manufacturedMaterial><code code="197380" '
        'codeSystem="2.16.840.1.113883.6.88"/></manufacturedMaterial></manufacturedProduct></consumable>'
        "</substanceAdministration>"
    )
    by_type, draft, _ = take(document(section("10160-0", entry)))

    (medication,) = by_type[type_name]
    (dosage,) = medication.get("dosage") or medication["dosageInstruction"]
    assert medication["status"] == status
    assert {k: v for k, v in dosage["timing"]["repeat"].items() if k != "boundsPeriod"} == {
        "frequency": 1,
        "period": 12,
        "periodUnit": "h",
    }
    assert b'"value":2.50' in dumps(dosage["doseAndRate"])
    assert b"2026-01-01" in dumps(medication)
    assert draft.unmapped == ()


def test_an_encounter_has_its_class_from_the_act_code_among_its_translations(take):
    entry = (
        f'<encounter classCode="ENC" moodCode="EVN">{template(49)}<id root="2.16.840.1.113883.19.5.7" extension="e1"/>'
        '<code code="99213" codeSystem="2.16.840.1.113883.6.12"><translation code="AMB" codeSystem="2.16.840.1.113883.5.4"/>'
        '</code><effectiveTime><low value="20260101"/><high value="20260101"/></effectiveTime></encounter>'
    )
    by_type, _, _ = take(document(section("46240-8", entry)))

    (encounter,) = by_type["Encounter"]
    assert (encounter["class"]["code"], encounter["status"]) == ("AMB", "finished")
    assert encounter["type"] == [{"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "99213"}]}]


def test_a_relative_has_what_it_was_and_at_what_age_and_whether_it_was_the_cause_of_death(take):
    observation = (
        f'<observation classCode="OBS" moodCode="EVN">{template(46)}<value xsi:type="CD" code="22298006" '
        f'codeSystem="2.16.840.1.113883.6.96"/><entryRelationship typeCode="CAUS"><observation>{template(47)}'
        '<value xsi:type="CD" code="419099009"/></observation></entryRelationship><entryRelationship typeCode="SUBJ">'
        f'<observation>{template(31)}<value xsi:type="PQ" value="57" unit="a"/></observation></entryRelationship></observation>'
    )
    entry = (
        f'<organizer classCode="CLUSTER" moodCode="EVN">{template(45)}<id root="2.16.840.1.113883.19.5.8" extension="f1"/>'
        '<statusCode code="completed"/><subject><relatedSubject classCode="PRS"><code code="FTH" '
        'codeSystem="2.16.840.1.113883.5.111"/><subject><administrativeGenderCode code="M"/><birthTime value="1910"/></subject>'
        f"</relatedSubject></subject><component>{observation}</component></organizer>"
    )
    by_type, draft, _ = take(document(section("10157-6", entry)))

    (relative,) = by_type["FamilyMemberHistory"]
    assert (relative["bornDate"], relative["sex"]["coding"][0]["code"]) == ("1910", "male")
    (condition,) = relative["condition"]
    assert condition["contributedToDeath"] is True
    assert (condition["onsetAge"]["value"], condition["onsetAge"]["code"]) == (57, "a")
    assert draft.unmapped == ()


@pytest.mark.parametrize(("mood", "intent"), [("RQO", "order"), ("INT", "plan"), ("PRP", "proposal")])
def test_what_is_planned_is_a_request_and_never_done(take, mood, intent):
    entry = (
        f'<procedure classCode="PROC" moodCode="{mood}">{template(41)}<id root="2.16.840.1.113883.19.5.9" extension="q1"/>'
        '<code code="73761001" codeSystem="2.16.840.1.113883.6.96"/><statusCode code="active"/>'
        '<effectiveTime value="20260613"/></procedure>'
    )
    by_type, draft, _ = take(document(section("18776-5", entry)))

    (request,) = by_type["ServiceRequest"]
    assert (request["intent"], request["status"], request["occurrenceDateTime"]) == (intent, "active", "2026-06-13")
    assert "Procedure" not in by_type
    assert draft.unmapped == ()


def test_an_entry_that_cannot_be_read_is_refused_alone_and_can_be_mended_and_read_again(take, mapping):
    wrong = result(VALUE, name="r2", time='<effectiveTime value="200130311"/>')
    by_type, _, (reject,) = take(document(section("30954-2", result(VALUE), wrong)))

    assert len(by_type["Observation"]) == 1
    assert (
        reject.reason
        == "The entry cannot be read (Results): an observation's time is not in the form YYYYMMDDhhmmss+ZZzz."
    )
    assert reject.source.position == "file: Results, entry 2"
    mended = Source("x.xml", reject.source.position, reject.source.raw.replace(b"200130311", b"20130311"))
    (draft,) = ccda.read_again(mended, mapping=mapping)
    assert [resource["resourceType"] for resource in draft.resources] == ["Patient", "Observation"]
    assert draft.resources[1]["effectiveDateTime"] == "2013-03-11"
    assert draft.source.position == reject.source.position


def test_a_document_of_which_hundreds_of_entries_cannot_be_read_waits_whole(take):
    wrong = result(VALUE, time='<effectiveTime value="200130311"/>')

    by_type, _, (reject,) = take(document(section("30954-2", *[wrong] * 600)))

    assert not by_type
    assert reject.reason.startswith("More than 500 entries cannot be read")
    assert reject.source.position == "file"


def test_every_place_with_data_that_no_resource_takes_up_is_named(take):
    goal = '<observation classCode="OBS" moodCode="GOL"><code code="29463-7"/><value xsi:type="ST">lose weight</value></observation>'
    device = (
        '<participant typeCode="DEV"><participantRole><id root="1.2.3" extension="7"/></participantRole></participant>'
    )
    method = '<specimen><specimenRole><id root="1.2.3" extension="8"/></specimenRole></specimen>'
    _, draft, _ = take(
        document(
            section("61146-7", goal),
            section("30954-2", result(VALUE, more=device + method)),
            section("10187-3", text="No cough."),
        )
    )

    assert draft.unmapped == (
        "Goals: observation",
        "Results: observation/participant",
        "Results: observation/specimen",
        "Review of systems: text",
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda raw: raw.replace(b"recordTarget", b"recordTargets"), "0 patients"),
        (lambda raw: raw.replace(b"extension=", b"nullFlavor=").replace(b"root=", b"x="), "no id by which"),
        (lambda raw: raw.replace(b'"19630704"', b'"19630230"'), "the birth date is not on the calendar"),
        (lambda raw: raw.replace(b"ClinicalDocument", b"Clinical"), "not a ClinicalDocument"),
    ],
)
def test_a_document_without_a_patient_is_refused_with_its_reason(take, change, reason):
    by_type, _, (reject,) = take(change(document()))

    assert not by_type
    assert reason in reject.reason
    assert reject.source.position == "file"


def test_the_mapping_names_the_authority_and_the_systems_of_the_source(make_mapping):
    mapping = make_mapping(
        "ccda", source={"assigning_authority": "2.16.840.1.113883.4.1"}, systems={"2.16.840.1.113883.6.1": "urn:own"}
    )
    (draft,) = ccda.read_again(Source("x.xml", "file", document(section("30954-2", result(VALUE)))), mapping=mapping)

    assert draft.resources[0]["identifier"][0]["value"] == "123456789"
    assert draft.resources[-1]["code"]["coding"][0]["system"] == "urn:own"
