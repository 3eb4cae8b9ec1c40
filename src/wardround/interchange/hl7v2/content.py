"""The table of message types: which content readers a type and event is given, in the order of their resources."""

from wardround.interchange.hl7v2.context import ContentReader
from wardround.interchange.hl7v2.diagnoses import diagnoses
from wardround.interchange.hl7v2.patient import patient
from wardround.interchange.hl7v2.procedures import procedures
from wardround.interchange.hl7v2.results import results
from wardround.interchange.hl7v2.visit import visit

_ADMISSIONS: tuple[ContentReader, ...] = (patient, visit, diagnoses, procedures)
_RESULTS: tuple[ContentReader, ...] = (patient, visit, results, diagnoses, procedures)

CONTENT: dict[str, dict[str, tuple[ContentReader, ...]]] = {
    "ADT": dict.fromkeys(("A01", "A04", "A08", "A28", "A31"), _ADMISSIONS),
    "ORU": dict.fromkeys(("R01",), _RESULTS),
}


def content_of(kind: str, event: str) -> tuple[ContentReader, ...] | None:
    """The content readers of a message type and event; None for one that is not read."""
    return CONTENT.get(kind, {}).get(event)
