"""HL7 v2.1 to 2.8 messages to FHIR R4: one file per kind of content, one reader that puts a message together."""

from wardround.interchange.hl7v2.reader import ENDINGS, read, read_again

__all__ = ["ENDINGS", "read", "read_again"]
