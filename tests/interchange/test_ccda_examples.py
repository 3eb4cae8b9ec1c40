"""HL7's C-CDA examples, where they are present: all are read, nothing of them vanishes, and damage ends in a sentence."""

import random
from collections import Counter

import pytest
from ccda_documents import EXAMPLES, document, examples

from wardround.interchange import ccda
from wardround.interchange.draft import Draft, Reject, Source
from wardround.interchange.fhir.structure import check
from wardround.interchange.mapping import mapping_of

MAPPING = mapping_of({"source": {"slug": "small", "format": "ccda", "zone": "America/New_York"}})
HERE = pytest.mark.skipif(
    EXAMPLES is None, reason="The folder shared/suites/c-cda-examples is not beside the checkout."
)
# Times that no calendar and no format knows: mistakes in the examples themselves, found by reading them.
WRONG_TIMES = ("is not in the form YYYYMMDDhhmmss+ZZzz", "is not on the calendar")


def readings_of(raw, name="x.xml"):
    return list(ccda.read_again(Source(name, "file", raw), mapping=MAPPING))


@HERE
def test_every_example_is_read_and_only_entries_with_wrong_times_are_refused():
    drafts, reasons = 0, []
    for name, _is_whole, raw in examples():
        for reading in readings_of(raw, name):
            if isinstance(reading, Draft):
                drafts += 1
                assert [problem for resource in reading.resources for problem in check(resource)] == []
            else:
                reasons.append(reading.reason)

    assert drafts == 75
    assert len(reasons) == 6
    assert all(reason.startswith("The entry") and any(w in reason for w in WRONG_TIMES) for reason in reasons), reasons


@HERE
def test_every_entry_of_an_example_is_a_resource_a_refusal_or_named():
    for name, _is_whole, raw in examples():
        readings = readings_of(raw, name)
        places = sum(len(reading.unmapped) for reading in readings if isinstance(reading, Draft))
        held = sum(len(reading.resources) - 2 for reading in readings if isinstance(reading, Draft))
        rejected = sum(isinstance(reading, Reject) for reading in readings)
        if raw.count(b"<entry"):
            assert places + held + rejected > 0, name


@HERE
@pytest.mark.filterwarnings("ignore")
def test_the_package_ccda_to_fhir_finds_nothing_in_the_core_sections_that_this_reader_does_not():
    """An independent reading of the whole documents: at least as many resources of each core type, but for panels it makes up."""
    import logging

    convert = pytest.importorskip("ccda_to_fhir.convert")
    logging.disable(logging.CRITICAL)
    try:
        for name, is_whole, raw in examples():
            if not is_whole:
                continue
            theirs = Counter(
                e["resource"]["resourceType"] for e in convert.convert_document(raw.decode())["bundle"]["entry"]
            )
            readings = readings_of(raw, name)
            ours = Counter(
                r["resourceType"] for reading in readings if isinstance(reading, Draft) for r in reading.resources
            )
            refused = sum(isinstance(reading, Reject) for reading in readings)
            for type_name in (
                "AllergyIntolerance",
                "Condition",
                "Immunization",
                "MedicationStatement",
                "DiagnosticReport",
            ):
                assert ours[type_name] + refused >= theirs[type_name], (name, type_name)
    finally:
        logging.disable(logging.NOTSET)


HOSTILE = {
    "billion laughs": b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, (b"&a%d;" % (n - 1) if n else b"&a;") * 10) for n in range(12))
    + b"]><ClinicalDocument>&a11;</ClinicalDocument>",
    "external entity": b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><ClinicalDocument>&x;</ClinicalDocument>',
    "external DTD": b'<!DOCTYPE d SYSTEM "http://example.org/d.dtd"><ClinicalDocument/>',
    "deep nesting": b"<ClinicalDocument>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</ClinicalDocument>",
    "many elements": b"<ClinicalDocument>" + b"<a/>" * 1_100_000 + b"</ClinicalDocument>",
    "no end": b"<ClinicalDocument><recordTarget>",
    "nothing": b"",
    "not XML": b"\x00\x01\x02",
    "another root": b"<html/>",
    "unknown encoding": b'<?xml version="1.0" encoding="utf-99"?><ClinicalDocument/>',
    "multi-byte encoding": b'<?xml version="1.0" encoding="shift_jis"?><ClinicalDocument/>',
    "too large": b" " * (33 * 1024 * 1024),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_ends_in_a_sentence_that_holds_none_of_it(name):
    (reject,) = readings_of(HOSTILE[name])

    assert reject.reason.startswith("The document cannot be read: it")
    assert "passwd" not in reject.reason
    assert reject.source.raw == HOSTILE[name]


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-2"])
def test_a_document_in_another_encoding_is_read(encoding):
    text = document().decode().replace("UTF-8", encoding)

    (draft,) = readings_of(text.encode(encoding))

    assert next(r for r in draft.resources if r["resourceType"] == "Patient")["name"][0]["family"] == "Kovács"


@HERE
def test_a_damaged_document_never_gives_more_than_drafts_and_rejects():
    whole = [raw for _name, is_whole, raw in examples() if is_whole and len(raw) < 60_000]
    chance = random.Random(11)
    for _ in range(300):
        raw = bytearray(chance.choice(whole))
        for _ in range(chance.randint(1, 6)):
            raw[chance.randrange(len(raw))] = chance.choice(b'<>"&=/ 0A\x00\xff')
        if chance.random() < 0.3:
            raw = raw[: chance.randrange(len(raw))]
        for reading in readings_of(bytes(raw)):
            assert isinstance(reading, Draft | Reject)
            if isinstance(reading, Draft):
                assert not any(check(resource) for resource in reading.resources)
