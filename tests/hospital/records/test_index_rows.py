"""From entries to rows: every official example is indexed on this database, and nothing that is sent makes endless rows."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.indexing import LONGEST_TEXT, MOST_TEXT, Indexed, index_rows, write_rows
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import CompositeIndex, QuantityIndex, Resource, StringIndex, TokenIndex
from wardround.interchange.fhir.json import loads
from wardround.interchange.fhir.search import index_entries
from wardround.interchange.fhir.search_composites import MOST_PAIRS_OF_AN_ELEMENT

EXAMPLES = Path(__file__).resolve().parents[4] / "shared" / "suites" / "fhir-r4-examples"
pytestmark = pytest.mark.django_db


def rows_of(resource):
    row = Resource(pk=1, type=resource["resourceType"], logical_id="x", version=1)
    birth = resource.get("birthDate", "")
    return index_rows(index_entries(resource), resource=row, birth_date=birth, blind=BlindIndex())


def of_table(table, resource):
    return [row for own, row in rows_of(resource) if own is table]


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the official R4 examples are not beside this checkout")
def test_the_rows_of_every_official_example_are_written():
    key, now = Keyring().keys_for({""})[""], datetime(2026, 1, 1, tzinfo=UTC)
    resources = [loads(file.read_bytes()) for file in sorted(EXAMPLES.glob("*.json"))]
    rows = [
        Resource(type=r["resourceType"], logical_id=f"e{number}", version=1, data_key=key, last_updated=now)
        for number, r in enumerate(resources)
    ]
    Resource.objects.bulk_create(rows)

    indexed = [Indexed(row, r, index_entries(r)) for row, r in zip(rows, resources, strict=True)]
    write_rows(indexed, replaced=(), blind=BlindIndex())

    assert TokenIndex.objects.values("resource").distinct().count() > 600
    assert CompositeIndex.objects.exists()
    assert QuantityIndex.objects.exclude(base_unit="").exists()


def test_a_very_long_text_is_found_by_its_beginning_only():
    text = " ".join(f"word{number}" for number in range(3_000))
    assert len(text) > LONGEST_TEXT

    rows = of_table(StringIndex, {"resourceType": "DocumentReference", "description": text})

    hashed = {row[-1] for row in rows}
    assert BlindIndex().hashed("description", "whole", "word12") in hashed
    assert BlindIndex().hashed("description", "whole", "word2999") not in hashed


def test_many_texts_make_no_endless_rows():
    lines = [f"a{number:010}" for number in range(50_000)]

    rows = of_table(StringIndex, {"resourceType": "Patient", "address": [{"line": lines}]})

    assert len(rows) < MOST_TEXT * 2


def test_two_concepts_of_many_codings_make_no_endless_pairs():
    many = {"coding": [{"code": f"c{number}"} for number in range(2_000)]}

    rows = of_table(CompositeIndex, {"resourceType": "Observation", "code": many, "valueCodeableConcept": many})

    assert len(rows) == MOST_PAIRS_OF_AN_ELEMENT * 2  # of code-value-concept and of combo-code-value-concept


@pytest.mark.parametrize("data", ["1 x 2", "1e999999999 1", "", "E U L"])
def test_samples_that_are_no_numbers_are_left_out(data):
    sampled = {"origin": {"value": 1}, "factor": 10, "data": data}

    assert of_table(QuantityIndex, {"resourceType": "Observation", "valueSampledData": sampled}) == []


def test_a_number_beyond_all_floats_is_the_greatest():
    resource = loads(b'{"resourceType":"Observation","valueQuantity":{"value":1e400,"unit":"mg"}}')

    (row, *_others) = of_table(QuantityIndex, resource)

    assert row[5] == row[6] == pytest.approx(1.7976931348623157e308)
