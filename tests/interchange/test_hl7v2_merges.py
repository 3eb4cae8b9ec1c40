"""A message that retires a number (A18, A34, A40) or changes it (A47) says which two records are one person."""

import pytest

MRG = "MRG|8^^^BUDAPEST^MR"


@pytest.mark.parametrize("event", ["A18", "A34", "A40", "A47"])
def test_the_number_of_mrg_1_becomes_that_of_pid_3(take_message, event):
    draft = take_message(f"ADT^{event}", MRG)

    assert draft.merge.retired.endswith("|8")
    assert draft.merge.survivor.endswith("|7")
    assert draft.merge.survivor.startswith("Patient?identifier=urn:wardround:mrn:")
    assert [resource["resourceType"] for resource in draft.resources].count("Patient") == 1


def test_the_number_of_the_hospital_is_taken_of_several(take_message):
    draft = take_message("ADT^A40", "MRG|99^^^ELSEWHERE^MR~5^^^BUDAPEST^XX~8^^^BUDAPEST^MR")

    assert draft.merge.retired.endswith("|8")


@pytest.mark.parametrize(
    ("kind", "segments"),
    [
        ("ADT^A40", ["MRG|7^^^BUDAPEST^MR"]),  # the same number
        ("ADT^A40", ["MRG|||ACC1"]),
        ("ADT^A40", ["MRG|8^^^ELSEWHERE^MR"]),
        ("ADT^A41", [MRG]),  # accounts are merged, not patients
        ("ADT^A08", [MRG]),
    ],
)
def test_nothing_is_merged_otherwise(take_message, kind, segments):
    assert take_message(kind, *segments).merge is None


def test_a_former_number_of_somebody_elses_is_named_as_not_mapped(take_message):
    assert any(place.startswith("MRG-1") for place in take_message("ADT^A40", "MRG|8^^^ELSEWHERE^MR").unmapped)
    assert not any(place.startswith("MRG-1") for place in take_message("ADT^A40", MRG).unmapped)


@pytest.mark.parametrize(
    ("kind", "segments", "reason"),
    [
        ("ADT^A40", [], "no MRG segment"),
        ("ADT^A45", ["MRG|8^^^BUDAPEST^MR||||V1"], "a steward does by hand"),
    ],
)
def test_a_message_that_cannot_be_carried_out_as_it_is_says_why(take_message, kind, segments, reason):
    assert reason in take_message(kind, *segments).reason
