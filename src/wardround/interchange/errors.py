"""What can go wrong between an outside format and FHIR; every message is a sentence without patient data."""


class InterchangeError(Exception):
    """The root of this floor's errors."""


class NotJSON(InterchangeError):
    """A text is no JSON that FHIR allows; `line` and `column` count from 1 and are 0 where no place is known."""

    def __init__(self, sentence: str, *, line: int = 0, column: int = 0) -> None:
        super().__init__(sentence)
        self.line = line
        self.column = column


class BadMapping(InterchangeError):
    """A mapping file says something that cannot be meant."""


class Unreadable(InterchangeError):
    """A record cannot be read; readers turn it into a Reject."""


class NotMeds(InterchangeError):
    """A folder is no MEDS dataset, or events cannot be written as one."""


class NotADate(InterchangeError):
    """A text is no FHIR date or not on the calendar; the message says what would be right and does not repeat the text."""


class FHIRPathError(InterchangeError):
    """The root of what FHIRPath refuses; nothing else leaves `interchange.fhir.path`."""


class NotFHIRPath(FHIRPathError):
    """A text is no FHIRPath expression; `position` counts its characters from 1."""

    def __init__(self, sentence: str, *, position: int = 0) -> None:
        super().__init__(sentence)
        self.position = position


class PathFailed(FHIRPathError):
    """An expression has no result on what it was given: the wrong kind of value, or too much work."""
