"""The identity benchmark: its corruptor, its leak checks, and that what is to be reached is reached."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from wardround.bench import identity_baselines
from wardround.bench.identity import PRECISION, RECALL, bench_identity, check_for_leaks, figures, measured
from wardround.bench.identity_records import invented_records
from wardround.bench.invented_people import Town
from wardround.bench.running import LeakFound
from wardround.bench.second_records import SHARES, Corruptor
from wardround.interchange.fhir.structure import check

DATA = next((found for up in Path(__file__).parents if (found := up / "shared/data").is_dir()), None)


@pytest.fixture(scope="module")
def records():
    return invented_records(400, seed=5, numbers=True)


def test_the_same_seed_makes_the_same_records_and_another_others(records):
    assert invented_records(400, seed=5, numbers=True) == records
    assert invented_records(400, seed=6, numbers=True).patients != records.patients


def test_every_record_is_fhir_and_has_an_id_and_a_number_of_its_own(records):
    assert not [problem for patient in records.patients for problem in check(patient)]
    assert len({patient["id"] for patient in records.patients}) == len(records.patients)
    assert len({patient["identifier"][0]["value"] for patient in records.patients}) == len(records.patients)


def test_about_a_quarter_of_the_people_are_there_twice_and_each_second_record_has_a_slip(records):
    seconds = [slips for slips in records.slips if slips]

    assert 0.15 < len(seconds) / len(set(records.persons)) < 0.35
    assert len(records.pairs) >= len(seconds)


def test_those_who_are_hard_to_tell_apart_are_among_them():
    kinds = {somebody.kind for somebody in Town(5).people(1_500)}

    assert kinds >= {"twin", "namesake", "same birthday", "same name", "shared phone"}


def test_every_slip_is_made_and_changes_the_record():
    town = Town(3)
    corruptor = Corruptor(dice=random.Random(3), place=town.place, family=lambda: "Szabó")
    made = set()
    for somebody in town.people(800):
        resource = somebody.resource | {"identifier": somebody.resource.get("identifier", [])}
        second, slips = corruptor.second(resource)
        assert second != resource
        made |= set(slips)

    assert made == set(SHARES)


def test_few_words_have_many_bearers_and_many_few():
    families = [somebody.family for somebody in Town(1).people(4_000)]
    by_frequency = sorted((families.count(name) for name in set(families)), reverse=True)

    assert 0.004 < by_frequency[0] / len(families) < 0.03
    assert len(by_frequency) > 500


def test_figures_are_those_of_pairs():
    found = figures([(1, 2), (3, 4), (5, 6)], truth=[(1, 2), (3, 4), (7, 8), (9, 10)])

    assert found == {"pairs": 3, "precision": 0.6667, "recall": 0.5, "f1": 0.5714}


def test_a_shared_id_a_number_of_the_source_or_an_order_that_tells_is_a_leak(records):
    check_for_leaks(records, found=records.pairs, seed=1)
    first, *rest = records.patients
    number = {"system": "urn:source", "value": "1"}

    with pytest.raises(LeakFound, match="share an id"):
        check_for_leaks(replace(records, patients=(first, first, *rest[1:])), found=(), seed=1)
    told = {**first, "identifier": [*first["identifier"], number]}
    with pytest.raises(LeakFound, match="of their source"):
        check_for_leaks(replace(records, patients=(told, *rest)), found=(), seed=1)
    beside = tuple(at // 2 for at in range(len(records.patients)))
    with pytest.raises(LeakFound, match="beside the first"):
        check_for_leaks(replace(records, persons=beside), found=(), seed=1)


def test_the_baselines_find_what_agrees_and_no_slip():
    name = [{"family": "Kovács", "given": ["Ilona"]}]
    one = {"id": "1", "identifier": [], "name": name, "birthDate": "1963-05-12", "gender": "female"}
    mistyped = {**one, "name": [{"family": "Kovacs", "given": ["Ilonna"]}]}

    assert identity_baselines.exact([one, one, mistyped]) == {(0, 1)}
    assert identity_baselines.rules([one, one, mistyped]) == {(0, 1), (0, 2), (1, 2)}


@pytest.mark.slow
def test_what_is_to_be_reached_is_reached_on_invented_people_without_common_numbers():
    found = measured(invented_records(1_500, seed=11, numbers=False), seed=11)

    methods = found["methods"]
    assert methods["found"]["precision"] >= PRECISION
    assert methods["found"]["recall"] >= RECALL
    assert methods["found"]["f1"] > max(methods["exact"]["f1"], methods["rules"]["f1"])
    assert found["compared"] < found["possible_pairs"] / 100


@pytest.mark.slow
@pytest.mark.skipif(DATA is None, reason="The folder shared/data is not beside the checkout.")
def test_what_is_to_be_reached_is_reached_on_synthea():
    report = bench_identity(seed=12, people=300, data=DATA, estimating=False, say=lambda _line: None)

    for name, one in report["sets"].items():
        if name.startswith("Synthea"):
            assert one["methods"]["found"]["precision"] >= PRECISION
            assert one["methods"]["found"]["recall"] >= RECALL


@pytest.mark.slow
def test_weights_that_are_fitted_to_a_hospitals_own_pairs_find_no_fewer():
    found = measured(invented_records(800, seed=13, numbers=False), seed=13, estimating=True)

    assert found["methods"]["found"]["precision"] >= PRECISION
    assert found["methods"]["found"]["recall"] >= RECALL
