"""Events become inputs: only what came before, missingness visible, federated statistics only."""

import numpy as np
import pytest
from made_up_patients import FEATURES, always, at, born, event

from wardround.learning.features import Encoder, Feature, RawTable, raw_features
from wardround.learning.statistics import federated_statistics, statistics_length, statistics_vector

INDEX = {1: at(day=3, hour=12)}


def table(*events):
    return raw_features(events, index_times=INDEX, features=FEATURES)


def cell(raw, name):
    return raw.columns[name][0]


def test_the_last_value_before_the_index_time_is_the_input():
    raw = table(event("LOINC//8480-6", day=2, value=150), event("LOINC//8480-6", day=1, value=120))

    assert cell(raw, "pressure") == 150


def test_nothing_at_or_after_the_index_time_is_an_input():
    raw = table(event("LOINC//8480-6", day=3, hour=12, value=150), event("LOINC//8480-6", day=4, value=170))

    assert np.isnan(cell(raw, "pressure"))


def test_age_is_index_year_minus_birth_year_and_sex_needs_no_time():
    raw = table(born(1963), always("GENDER//male"))

    assert cell(raw, "age") == 63
    assert cell(raw, "sex") == "male"


def test_a_boolean_answer_is_part_of_the_code():
    assert cell(table(event("WARDROUND//exercise_angina//false", day=1)), "angina") == "false"
    assert cell(table(event("WARDROUND//exercise_angina//true", day=1)), "angina") == "true"
    assert cell(table(), "angina") is None


def test_two_answers_at_one_moment_are_missing_and_not_chosen():
    raw = table(event("WARDROUND//exercise_angina//false", day=1), event("WARDROUND//exercise_angina//true", day=1))

    assert cell(raw, "angina") is None


def test_a_number_from_parquets_32_bits_equals_the_number_in_memory():
    stored = table(event("LOINC//8480-6", day=1, value=float(np.float32(2.3))))
    in_memory = table(event("LOINC//8480-6", day=1, value=2.3))

    assert cell(stored, "pressure") == cell(in_memory, "pressure") == 2.3


def test_an_answer_that_the_feature_does_not_have_is_refused():
    with pytest.raises(ValueError, match="has the answers"):
        RawTable.of_rows([{"pain": "terrible"}], features=FEATURES)


def test_two_features_that_read_one_code_are_refused():
    twin = Feature(name="again", kind="numeric", code="LOINC//8480-6", title="Again")

    with pytest.raises(ValueError, match="both read code"):
        raw_features([], index_times=INDEX, features=(*FEATURES, twin))


def test_a_category_needs_answers_and_a_numeric_feature_has_none():
    with pytest.raises(ValueError, match="at least two answers"):
        Feature(name="x", kind="category", code="X", title="X")
    with pytest.raises(ValueError, match="numeric"):
        Feature(name="x", kind="numeric", code="X", title="X", answers=("a", "b"))


def encoder_of(raw, labels, minimum_count=5) -> Encoder:
    total = statistics_vector(raw, labels=labels)
    return federated_statistics(total, features=FEATURES, minimum_count=minimum_count).encoder


def test_summed_statistics_of_two_hospitals_are_those_of_all_patients_in_one_place(make_table):
    first, first_labels = make_table(150, seed=1)
    second, second_labels = make_table(90, seed=2, shift=1.0)
    pressure = np.concatenate([first.columns["pressure"], second.columns["pressure"]])

    total = statistics_vector(first, labels=first_labels) + statistics_vector(second, labels=second_labels)
    facts = federated_statistics(total, features=FEATURES, minimum_count=5)

    column = next(c for c in facts.encoder.columns if c.name == "pressure")
    assert facts.patients == 240
    assert facts.positives == int(first_labels.sum() + second_labels.sum())
    assert column.mean == pytest.approx(np.nanmean(pressure), abs=1e-9)
    assert column.sd == pytest.approx(np.nanstd(pressure), abs=1e-9)


def test_inputs_have_mean_zero_and_missing_values_stand_at_the_mean(make_table):
    raw, labels = make_table(300, seed=3)
    encoder = encoder_of(raw, labels)

    inputs = encoder.transform(raw)
    pressure = inputs[:, encoder.names.index("pressure")]

    missing = np.isnan(raw.columns["pressure"])
    assert missing.any()
    assert np.all(pressure[missing] == 0.0)
    assert pressure[~missing].std() == pytest.approx(1.0)
    assert len(set(inputs[:, encoder.names.index("pressure: missing")])) == 2


def test_a_feature_that_is_never_missing_federatedly_has_no_missing_indicator(make_table):
    raw, labels = make_table(300, seed=3)

    assert "age: missing" not in encoder_of(raw, labels).names


def test_an_answer_below_the_minimum_count_is_no_input(make_table):
    raw, labels = make_table(300, seed=3)
    few = int(np.sum(raw.columns["pain"] == "typical_angina"))

    assert "pain = typical_angina" in encoder_of(raw, labels, minimum_count=few).names
    assert "pain = typical_angina" not in encoder_of(raw, labels, minimum_count=few + 1).names


def test_a_gap_in_fewer_patients_than_the_minimum_count_is_no_input(make_table):
    raw, labels = make_table(300, seed=3)
    gaps = int(np.isnan(raw.columns["pressure"]).sum())

    assert "pressure: missing" in encoder_of(raw, labels, minimum_count=gaps).names
    assert "pressure: missing" not in encoder_of(raw, labels, minimum_count=gaps + 1).names


def test_one_patient_gets_the_inputs_it_had_in_training(make_table):
    raw, labels = make_table(50, seed=4)
    encoder = encoder_of(raw, labels, minimum_count=1)

    alone = encoder.transform(raw.rows(np.array([7])))

    assert np.array_equal(alone[0], encoder.transform(raw)[7])


def test_an_encoder_reads_back_what_it_wrote(make_table):
    raw, labels = make_table(50, seed=4)
    encoder = encoder_of(raw, labels)

    assert Encoder.from_json(encoder.to_json()) == encoder


def test_sums_that_cannot_be_are_refused(make_table):
    raw, labels = make_table(50, seed=4)
    total = statistics_vector(raw, labels=labels)
    total[2] += 1

    with pytest.raises(ValueError, match="do not add up"):
        federated_statistics(total, features=FEATURES, minimum_count=5)
    with pytest.raises(ValueError, match="do not fit"):
        federated_statistics(total[:-1], features=FEATURES, minimum_count=5)
    assert len(total) == statistics_length(FEATURES)


def test_large_units_keep_their_precision():
    platelets = Feature(name="p", kind="numeric", code="P", title="Platelets", unit="/uL")
    values = [250_000.0 + step for step in range(100)]
    raw = RawTable.of_rows([{"p": value} for value in values], features=(platelets,))

    total = statistics_vector(raw, labels=np.zeros(100))
    # Words of 2^-20: what fixed point would keep.
    kept = np.round(total * 2**20) / 2**20
    column = federated_statistics(kept, features=(platelets,), minimum_count=5).encoder.columns[0]

    assert column.sd == pytest.approx(np.std(values), rel=1e-6)


def test_a_value_far_too_large_is_refused_before_it_is_summed():
    feature = Feature(name="p", kind="numeric", code="P", title="P")
    raw = RawTable.of_rows([{"p": 1e9}], features=(feature,))

    with pytest.raises(ValueError, match="check its unit"):
        statistics_vector(raw, labels=np.zeros(1))
