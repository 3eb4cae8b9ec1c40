"""HL7's own example of its v2-to-FHIR tables (MDM_T02): the same types, and the same data in them."""

from pathlib import Path

import pytest
from defusedxml.ElementTree import parse as parse_xml

from wardround.interchange import hl7v2
from wardround.interchange.draft import Source

SAMPLES = next(
    (found for up in Path(__file__).parents if (found := up / "shared/suites/v2-to-fhir-mappings/samples").is_dir()),
    Path("absent"),
)
FHIR = "{http://hl7.org/fhir}"
# What their converter adds of its own, and a slip of it: the tables do not make a pager of XTN.3 "H".
THEIRS = {
    *("id", "system", "reference", "display", "text"),
    *(("value", "generated"), ("system", "pager"), ("status", "generated")),
}
# The table PatientClass[EncounterClass] says IMP; their example keeps I.
CLASS = ("code", "I")
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="HL7's v2-to-FHIR samples are not beside this checkout")


def stated(element):
    """(element name, value) of everything that an XML resource of theirs states."""
    return {(one.tag.removeprefix(FHIR), one.get("value")) for one in element.iter() if one.get("value")}


def stated_by(resource, name=""):
    if isinstance(resource, dict):
        return {pair for key, part in resource.items() for pair in stated_by(part, key)}
    if isinstance(resource, list):
        return {pair for part in resource for pair in stated_by(part, name)}
    return {(name, str(resource))}


def test_the_official_example_says_the_same(make_mapping):
    raw = (SAMPLES / "messages" / "Message.hl7_MDM_T02.txt").read_bytes().replace(b"<Base64 encoded>", b"UERG")
    bundle = parse_xml(SAMPLES / "fhir-bundles" / "FHIR_bundle.hl7_MDM_T02.xml").getroot()

    (draft,) = hl7v2.read_again(
        Source("x.hl7", "message 1", raw), mapping=make_mapping("hl7v2", source={"zone": "UTC"})
    )

    ours = {resource["resourceType"]: resource for resource in draft.resources}
    theirs = {one[0].tag.removeprefix(FHIR): one[0] for one in bundle.iter(f"{FHIR}resource")}
    assert {"Patient", "Account", "Encounter", "ServiceRequest", "DocumentReference"} <= ours.keys() & theirs.keys()
    for kind in ("Patient", "Encounter"):
        said = stated_by(ours[kind])
        # Times are the same moment: theirs is written with Z.
        said |= {(name, value.replace("+00:00", "Z")) for name, value in said}
        missing = {(name, value) for name, value in stated(theirs[kind]) - said if name not in THEIRS}
        assert missing - THEIRS - {CLASS} == set(), kind
