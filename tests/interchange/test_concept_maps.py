"""ConceptMaps: what they translate, and how they are made of the tables that terminologies publish."""

import pytest

from wardround.clinical.measurements import ICD_10_CM, Coding
from wardround.interchange.concept_maps import NotAConceptTable, concept_maps_from, translations_of
from wardround.interchange.fhir.structure import check

SNOMED = "http://snomed.info/sct"
RF2 = (
    "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\tmapGroup\tmapPriority\tmapRule\tmapAdvice\tmapTarget\tcorrelationId\tmapCategoryId\n"
    "a\t20240901\t1\t4\t4\t1001\t1\t1\tTRUE\tALWAYS A00.0\tA00.0\t4\t4\n"
    "b\t20240901\t1\t4\t4\t1002\t1\t1\tIFA 248152002 | Female |\tIF FEMALE\tB00\t4\t4\n"
    "c\t20240901\t0\t4\t4\t1003\t1\t1\tTRUE\tALWAYS C00\tC00\t4\t4\n"
    "d\t20240901\t1\t4\t4\t1004\t1\t1\tOTHERWISE TRUE\tALWAYS D00\tD00.0\t4\t4\n"
)


def concept_map(*targets, status="active"):
    group = {"source": SNOMED, "target": ICD_10_CM, "element": [{"code": "1001", "target": list(targets)}]}
    return {"resourceType": "ConceptMap", "status": status, "group": [group]}


def made_of(path):
    return list(concept_maps_from(path, source=SNOMED, target=ICD_10_CM, name="SNOMED to ICD"))


@pytest.mark.parametrize("equivalence", ["equal", "equivalent", "wider"])
def test_a_target_that_means_the_same_or_less_is_a_translation(equivalence):
    one = concept_map({"code": "A00.0", "equivalence": equivalence})

    assert translations_of([one]) == {Coding(SNOMED, "1001"): Coding(ICD_10_CM, "A00.0")}


@pytest.mark.parametrize("equivalence", ["narrower", "inexact", "unmatched", "disjoint", "relatedto"])
def test_any_other_target_says_more_than_was_said_and_is_not(equivalence):
    assert translations_of([concept_map({"code": "A00.0", "equivalence": equivalence})]) == {}


def test_a_code_with_two_targets_and_a_draft_translate_nothing():
    two = concept_map({"code": "A00.0", "equivalence": "equal"}, {"code": "A00.1", "equivalence": "equal"})
    draft = concept_map({"code": "A00.0", "equivalence": "equal"}, status="draft")

    assert translations_of([two, draft]) == {}


@pytest.mark.parametrize("text", ["from,to\nK1,A00.0\nK2,I10\n", "K1;A00.0\nK2;I10\n", "K1\tA00.0\n\nK2\tI10\n"])
def test_two_columns_become_a_concept_map(tmp_path, text):
    (tmp_path / "map.csv").write_text(text)

    [one] = made_of(tmp_path / "map.csv")

    assert check(one) == []
    assert translations_of([one]) == {
        Coding(SNOMED, "K1"): Coding(ICD_10_CM, "A00.0"),
        Coding(SNOMED, "K2"): Coding(ICD_10_CM, "I10"),
    }


def test_of_snomeds_extended_map_what_holds_for_every_patient_counts(tmp_path):
    (tmp_path / "der2_map.txt").write_text(RF2)

    [one] = made_of(tmp_path / "der2_map.txt")

    assert {coding.code for coding in translations_of([one])} == {"1001", "1004"}


def test_a_terminology_is_many_resources_of_a_size_that_can_be_handled(tmp_path):
    (tmp_path / "map.csv").write_text("".join(f"{number},A00.0\n" for number in range(12_000)))

    maps = made_of(tmp_path / "map.csv")

    assert [one["id"] for one in maps] == ["SNOMED-to-ICD-1", "SNOMED-to-ICD-2", "SNOMED-to-ICD-3"]
    assert len(translations_of(maps)) == 12_000


@pytest.mark.parametrize("content", [b"", b"one column 1\n", b"\xff\xfe1,2\n", b"1,\n"])
def test_what_is_no_table_of_codes_is_refused(tmp_path, content):
    (tmp_path / "map.csv").write_bytes(content)

    with pytest.raises(NotAConceptTable):
        made_of(tmp_path / "map.csv")
