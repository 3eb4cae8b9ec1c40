"""ICD-9-CM diagnoses become ICD-10-CM where the published mappings leave no choice."""

import pytest

from wardround.clinical.codes import CodeMap
from wardround.clinical.errors import ConflictingCodes
from wardround.clinical.icd_9_cm import ICD_9_CM, icd_10_cm_of
from wardround.clinical.measurements import ICD_10_CM, Coding


@pytest.mark.parametrize(
    ("code", "meant"),
    [("414.01", "I25.10"), ("41401", "I25.10"), ("401.9", "I10"), ("0010", "A00.0"), ("V58.61", "Z79.01"), ("E928.9", "X58.XXXA")],
)  # fmt: skip
def test_a_code_with_one_meaning(code, meant):
    assert icd_10_cm_of(code) == (Coding(ICD_10_CM, meant),)


@pytest.mark.parametrize("code", ["", "999999", "I25.10", "414.011", "41 401", "٤١٤"])
def test_what_is_no_code_of_icd_9_cm_means_nothing(code):
    assert icd_10_cm_of(code) == ()


def test_a_code_that_may_be_several_is_not_guessed_at():
    code = "386.9"  # unspecified vertiginous syndromes and labyrinthine disorders

    assert len(icd_10_cm_of(code)) > 1
    with pytest.raises(ConflictingCodes, match=r"ICD-9-CM 386.9 may be 2 codes .*H81.93, H83.93.* map it to say which"):
        CodeMap().condition([Coding(ICD_9_CM, code)])


def test_a_condition_in_icd_9_cm_is_the_same_as_in_icd_10_cm():
    assert CodeMap().condition([Coding(ICD_9_CM, "414.01")]) == Coding(ICD_10_CM, "I25.10")


def test_an_icd_10_cm_code_beside_it_says_it_better():
    codings = [Coding(ICD_9_CM, "386.9"), Coding(ICD_10_CM, "H83.93")]

    assert CodeMap().condition(codings) == Coding(ICD_10_CM, "H83.93")


def test_a_hospitals_own_map_goes_before_the_published_one():
    mine = Coding(ICD_10_CM, "H83.93")

    assert CodeMap(translations={Coding(ICD_9_CM, "386.9"): mine}).condition([Coding(ICD_9_CM, "386.9")]) == mine


def test_a_mapping_file_may_name_any_icd_10_cm_code():
    code_map = CodeMap.from_mapping({"conditions": {"CAD": "I25.10", "VERTIGO": "H83.93"}})

    assert code_map.condition([Coding("", "VERTIGO")]) == Coding(ICD_10_CM, "H83.93")
