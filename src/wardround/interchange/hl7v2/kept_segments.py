"""Segments that HL7's v2-to-FHIR tables do not know (Z segments, GT1): kept as they were sent, as Basic in the patient's chart."""

from collections.abc import Iterator
from hashlib import sha256

from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.messages import Segment

# The segments for which HL7 publishes a table (github.com/HL7/v2-to-fhir, mappings/segments): what is not read of these is
# named, place by place.
_WITH_A_TABLE = {
    *("AIG", "AIL", "AIP", "AIS", "AL1", "DG1", "EVN", "IAM"),
    *("IN1", "IN3", "MRG", "MSA", "MSH", "NK1", "NTE", "OBR"),
    *("OBX", "ORC", "PD1", "PID", "PR1", "PRT", "PV1", "PV2"),
    *("ROL", "RXA", "RXO", "RXR", "SCH", "SFT", "SPM", "TQ1"),
    "TXA",
}
CODE = {"system": "urn:wardround:code", "code": "hl7v2-segment"}
TEXT = "urn:wardround:hl7v2-segment"


def kept_segments(context: Context) -> Iterator[Resource]:
    """A Basic for each segment that no table knows and no content reader has read. To be asked last."""
    seen: set[str] = set()
    for segment in context.message.segments:
        if segment.name in _WITH_A_TABLE or segment.read or not segment.unread():
            continue
        text = segment.as_sent()
        if text not in seen:
            seen.add(text)
            yield _basic(context, segment, text)


def _basic(context: Context, segment: Segment, text: str) -> Resource:
    # Known by its text: a segment that every message of a patient repeats is kept once.
    name = sha256(f"{context.patient_key.value}\n{context.visit_or_patient}\n{text}".encode()).hexdigest()[:32]
    return {
        "resourceType": "Basic",
        "extension": [{"url": TEXT, "valueString": text}],
        "identifier": [context.record_key("segment", segment.name, name).identifier()],
        "code": {"coding": [dict(CODE)], "text": segment.name},
        "subject": context.patient,
    }
