"""Nothing of a message vanishes: what carries data is in the resources, or its place is named. Checked without the reader's own words."""

import base64
import re
from collections import Counter
from pathlib import Path
from sys import stdout
from urllib.parse import unquote

import pytest

from wardround.interchange import hl7v2
from wardround.interchange.draft import Draft, Source
from wardround.interchange.fhir.structure import check
from wardround.interchange.hl7v2.unmapped import CARRIES_NO_DATA

SAMPLES = next(
    (found for up in Path(__file__).parents if (found := up / "shared/data/hl7v2_samples").is_dir()), Path("absent")
)
MSH = "MSH|^~\\&|A|B|C|D|20260203083000||{kind}|1|P|2.5.1||||||UNICODE UTF-8"
PID = "PID|1||7^^^H^MR||Kovács^Éva"
# What names of code systems, uses and units are in FHIR: one of these stands in the resources.
SPOKEN = {
    "LN": ("loinc.org",),
    "SCT": ("snomed.info",),
    "UCUM": ("unitsofmeasure.org",),
    "I10": ("icd-10",),
    "I9C": ("icd-9-cm",),
    "ISO": ("urn:oid:",),
    "GUID": ("urn:uuid:", "urn:oid:"),
    "Base64": ("data",),
    "NIP001": ("0323", "record"),
    "PRN": ("home",),
    "ORN": ("home",),
    "WPN": ("work",),
    "CP": ("mobile", "phone"),
    "BP": ("pager",),
    "Internet": ("email",),
    "MSK": ("anonymous",),
    "NAV": ("temp",),
    "TDD": ("other",),
    "Minutes": ("min",),
    "minute": ("min",),
    "hr": ("h",),
    "day": ("d",),
}
# Where a code decides what the resource is, or becomes a status or a code of FHIR's own.
DECIDES = {
    "ORC-5.1": "the order's status",
    "TXA-19.1": "current",
    "RXA-20.1": "completed",
    "PRB-1.1": "a later version",
    "FT1-6.1": "a charge becomes a ChargeItem",
    "TXA-3.1": "text/plain",
    "PRB-13.1": "entered-in-error",
    "RXE-11.1": "the form of the strength",
    "RF1-1.2": "the status in words",
    "RXA-6.1": "999 is not known",
    "OBX-5.4": "how the attachment is written",
    "ORC-7.3": "S50 is 50 seconds",
    "TQ1-9.3": "a priority of FHIR's own",
    **dict.fromkeys(("PRD-1.2", "PRD-1.3", "RF1-1.3", "RF1-2.3"), "names a code that has become one of FHIR's own"),
    "RXA-9.2": "primarySource",
    "RXA-9.3": "primarySource",
    "RXA-7.2": "names the unit whose code is kept",
    "MRG-1.1": "Draft.merge",
    "MRG-1.4": "Draft.merge",
    "AIG-3.4": "another number of the same resource",
}
# The table of VXU gives these results an element of Immunization each: eligibility, funding, education, its dates.
IMMUNIZATION = ("64994-7", "30963-3", "69764-9", "29768-9", "29769-7", "30956-7")


@pytest.fixture
def mapping(make_mapping):
    return make_mapping("hl7v2", source={"zone": "America/New_York", "processing_ids": ["P", "T", "D"]})


@pytest.fixture
def read_one(mapping):
    def read(raw):
        raw = raw.encode() if isinstance(raw, str) else raw
        return next(hl7v2.read_again(Source("x.hl7", "message 1", raw), mapping=mapping))

    return read


def leaves_of(value):
    """Every text and number of a resource."""
    if isinstance(value, dict):
        for part in value.values():
            yield from leaves_of(part)
    elif isinstance(value, list):
        for part in value:
            yield from leaves_of(part)
    else:
        yield str(value)


def parts_of(raw):
    """(place of field, place of component, value) of everything that carries data, by plain splitting; MSH is the envelope."""
    text = raw.decode("utf-8").removeprefix("\ufeff")
    for line in re.split(r"[\r\n]+", text):
        name, *fields = line.split("|")
        if not line.strip() or name == "MSH" or name.startswith("\x0b"):
            continue
        for number, field in enumerate(fields, 1):
            for repetition in field.split("~"):
                for c, component in enumerate(repetition.split("^"), 1):
                    for s, value in enumerate(component.split("&"), 1):
                        if value.strip() and value != '""':
                            place = f"{name}-{number}"
                            yield place, f"{place}.{c}.{s}" if s > 1 else f"{place}.{c}", value.strip()


def plain(text):
    """Letters and digits only, so that spelling, escapes and separators do not matter."""
    text = re.sub(r"\\(T|S|F|R|E|\.br|H|N|\.sp)\\", "", text)
    return re.sub(r"[\W_]+", "", text).casefold()


def as_digits(text):
    """A time or number as its digits: 20260203 of 2026-02-03, 5 of 05.0."""
    return re.sub(r"\D", "", text)


def as_attached(text):
    """The text of an attachment, which is in Base64."""
    try:
        return base64.b64decode(text, validate=True).decode("utf-8") if len(text) > 8 else ""
    except ValueError:
        return ""


class Haystack:
    """The leaf strings of a draft, made ready to be asked."""

    def __init__(self, resources):
        leaves = {unquote(leaf) for leaf in leaves_of(list(resources))}
        leaves |= {text for leaf in leaves if (text := as_attached(leaf))}
        self.all = "\n".join(plain(leaf) for leaf in leaves)
        self.digits = "\n".join(as_digits(leaf) for leaf in leaves)
        self.encoded = "\n".join(leaves)

    def holds(self, value):
        if plain(value) in self.all or value in self.encoded:
            return True
        table = re.fullmatch(r"HL7(\d{4})\d?", value)
        if any(word in self.encoded for word in ((f"v2-{table[1]}",) if table else SPOKEN.get(value, ()))):
            return True
        digits = as_digits(value.split("+")[0].split(".")[0]) if value[:1].isdigit() else ""
        return len(digits) >= 4 and any(digits[:n] in self.digits for n in (14, 12, 10, 8) if n <= len(digits))


def lost_places(raw, draft):
    """The places whose value is neither in the resources nor named."""
    named = set(draft.unmapped)
    found = Haystack(draft.resources)
    return [
        (component, value)
        for field, component, value in parts_of(raw)
        if field not in CARRIES_NO_DATA and field not in named and component not in named
        if component not in DECIDES and value not in IMMUNIZATION and not found.holds(value)
    ]


def samples():
    return sorted(SAMPLES.glob("*/*.hl7"))


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the public HL7 v2 samples are not beside this checkout")
def test_every_field_of_the_samples_is_in_the_resources_or_named(read_one, capsys):
    lost, unmapped, rejects, drafts = Counter(), Counter(), {}, 0
    for file in samples():
        reading = read_one(file.read_bytes())
        if not isinstance(reading, Draft):
            rejects[file.name] = reading.reason
            continue
        drafts += 1
        assert [problem for resource in reading.resources for problem in check(resource)] == [], file.name
        unmapped.update(reading.unmapped)
        lost.update(place for place, _value in lost_places(file.read_bytes(), reading))
    with capsys.disabled():
        stdout.write(f"\n{drafts} drafts, {len(rejects)} rejects, {sum(unmapped.values())} places named unmapped\n")
    assert lost == {}
    assert drafts >= 130


# Why a sample of these is no draft.
REASONS = {
    "ADT-A40-02.hl7": "2 PID segments",
    "ADT-A41-02.hl7": "2 PID segments",
    "ADT-A47-02.hl7": "2 PID segments",
    "BAR-P02-01.hl7": "MSH-9",
    "BAR-P02-02.hl7": "MSH-9",
    "ORU-R01-01.hl7": "OBX-3",  # an OBX without a code
}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the public HL7 v2 samples are not beside this checkout")
def test_the_samples_that_are_refused_have_a_reason_of_their_own(read_one):
    refused = {
        file.name: reading for file in samples() if not isinstance(reading := read_one(file.read_bytes()), Draft)
    }

    assert refused.keys() == REASONS.keys()
    assert all(REASONS[name] in reading.reason for name, reading in refused.items())


def test_the_check_itself_finds_what_is_lost(read_one):
    raw = "\r".join([MSH.format(kind="ADT^A08"), PID + "|||||||||||||||||||||Klingon"])
    draft = read_one(raw)

    assert lost_places(raw.encode(), draft) == []
    silent = Draft(draft.resources[:0], draft.source, draft.unmapped)
    assert ("PID-3.1", "7") in lost_places(raw.encode(), silent)


def test_what_has_no_place_is_named_field_by_field_and_part_by_part(read_one):
    draft = read_one("\r".join([MSH.format(kind="ADT^A08"), PID + "^^^^^X|||||||||||||||||||||||||||Y|1|Last"]))

    assert draft.unmapped == ("PID-5.7", "PID-32", "PID-33", "PID-34")


def test_a_set_id_and_the_envelope_carry_no_data(read_one):
    assert read_one("\r".join([MSH.format(kind="ADT^A08"), "EVN|A08", PID])).unmapped == ()


def test_a_segment_that_no_table_knows_is_kept_as_it_was_sent_and_once(read_one):
    own = "ZKH|1|Kórház\\T\\Rendelő^B|~x"
    raw = "\r".join([MSH.format(kind="ADT^A08"), PID, own, "GT1|1||Payer", own])

    first, again = read_one(raw), read_one(raw)

    kept = [resource for resource in first.resources if resource["resourceType"] == "Basic"]
    assert [basic["extension"][0]["valueString"] for basic in kept] == [own, "GT1|1||Payer"]
    assert kept[0]["code"]["coding"] == [{"system": "urn:wardround:code", "code": "hl7v2-segment"}]
    assert kept[0]["subject"] == {"reference": "Patient?identifier=urn:wardround:mrn:small|7"}
    assert first.unmapped == ()
    assert [resource["identifier"][0] for resource in first.resources] == [
        resource["identifier"][0] for resource in again.resources
    ]
    assert not [problem for basic in kept for problem in check(basic)]
