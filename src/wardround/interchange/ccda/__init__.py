"""C-CDA documents (HL7 Consolidated CDA R2.1) to FHIR R4: the document itself, and its core sections as resources."""

from wardround.interchange.ccda.reader import ENDINGS, read, read_again

__all__ = ["ENDINGS", "read", "read_again"]
