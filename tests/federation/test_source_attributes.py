"""Every source attribute of the regulation is shown, known or said to be missing."""

from small_study import small_study

from wardround.federation.source_attributes import ATTRIBUTES, said_by_study, stated


def test_the_regulation_names_thirty_one_attributes_in_nine_groups():
    assert len(ATTRIBUTES) == 31
    assert len({attribute.group for attribute in ATTRIBUTES}) == 9
    assert len({attribute.number for attribute in ATTRIBUTES}) == 31


def test_each_attribute_stands_at_its_place_in_paragraph_b():
    words = {one.number: one.regulation for one in ATTRIBUTES}

    assert [sum(number.startswith(f"({group})") for number in words) for group in range(1, 10)] == [
        4,
        4,
        2,
        4,
        2,
        4,
        5,
        4,
        2,
    ]
    for number, said in {
        "(1)(ii)": "Funding source",
        "(2)(iv)": "decision-making role",
        "(3)(ii)": "inappropriate uses, or known limitations",
        "(4)(ii)": "(b)(11)(iv)(A)(5) through (13)",
        "(5)(ii)": "manage, reduce, or eliminate bias",
        "(6)(ii)": "Party that conducted",
        "(7)(v)": "morbidity, mortality, length of stay",
        "(8)(iv)": "Fairness of intervention in local data",
        "(9)(ii)": "is corrected when risks",
    }.items():
        assert said in words[number]


def test_the_title_of_the_inputs_names_every_variable_that_the_regulation_means():
    [title] = [one.title for one in ATTRIBUTES if one.number == "(4)(ii)"]

    for variable in (
        "race", "ethnicity", "language", "sexual orientation", "gender identity", "sex", "date of birth",
        "social determinants of health", "health status assessments",
    ):  # fmt: skip
        assert variable in title


def test_inputs_of_the_person_are_named_and_the_others_listed_for_the_reader():
    study = small_study()

    said = said_by_study(study)["(4)(ii)"]

    own = {"GENDER", "MEDS_BIRTH"}
    assert ("sex" in said) == any(feature.code == "GENDER" for feature in study.features)
    assert all(feature.title in said for feature in study.features if feature.code not in own)


def test_a_product_that_informs_says_so():
    assert said_by_study(small_study())["(2)(iv)"].startswith("It informs:")


def test_what_a_study_says_is_shown_and_what_nobody_says_is_said_to_be_missing():
    study = small_study()

    facts = {one.attribute.number: one for one in stated(said_by_study(study), why_missing={"(1)(ii)": "Not asked."},
                                                         otherwise="Not stated.")}  # fmt: skip

    assert facts["(2)(i)"].text == study.purpose
    assert facts["(1)(ii)"].why_missing == "Not asked."
    assert facts["(9)(i)"].why_missing == "Not stated."
    assert all(bool(fact.text) != bool(fact.why_missing) for fact in facts.values())
