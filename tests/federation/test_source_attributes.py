"""Every source attribute of the regulation is shown, known or said to be missing."""

from small_study import small_study

from wardround.federation.source_attributes import ATTRIBUTES, said_by_study, stated


def test_the_regulation_names_thirty_one_attributes_in_nine_groups():
    assert len(ATTRIBUTES) == 31
    assert len({attribute.group for attribute in ATTRIBUTES}) == 9
    assert len({attribute.number for attribute in ATTRIBUTES}) == 31


def test_what_a_study_says_is_shown_and_what_nobody_says_is_said_to_be_missing():
    study = small_study()

    facts = {one.attribute.number: one for one in stated(said_by_study(study), why_missing={"(1)(ii)": "Not asked."},
                                                         otherwise="Not stated.")}  # fmt: skip

    assert facts["(2)(i)"].text == study.purpose
    assert facts["(1)(ii)"].why_missing == "Not asked."
    assert facts["(9)(i)"].why_missing == "Not stated."
    assert all(bool(fact.text) != bool(fact.why_missing) for fact in facts.values())
