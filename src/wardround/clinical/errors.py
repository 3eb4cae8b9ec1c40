"""What can go wrong in clinical: every message is a sentence, and none holds patient data."""


class ClinicalError(Exception):
    """The root of this floor's errors."""


class CatalogueError(ClinicalError):
    """The catalogue contradicts itself or lacks something; the message names the entry."""


class UnknownMeasurement(ClinicalError):
    """No catalogue entry has this key."""


class ConflictingCodes(ClinicalError):
    """The codings of one value name different measurements, answers or conditions."""


class UnknownUnit(ClinicalError):
    """The text is neither a UCUM unit nor a spelling of one that Wardround knows."""


class IncommensurableUnits(ClinicalError):
    """Both units are known, but one cannot be converted to the other."""


class UnreadableNumber(ClinicalError):
    """The text is not a number, or it can be read as two different numbers."""
