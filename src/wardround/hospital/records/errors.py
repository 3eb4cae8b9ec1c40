"""What the record store refuses, as a small tree; each message says what is wrong and what would be right.

RecordError
    Refused            the resource itself is wrong (structure, code, plausible identity)
        PatientMissing     it belongs to a patient who is not here (yet)
        Duplicate          somebody or something else already has this identifier
        WrongAddress       the resource is not the one that its address names
    NotHere            there is no such resource
    Gone               there was one; it was deleted
    VersionConflict    somebody else changed it in between
    ManyMatches        a condition means more than one resource
    StillReferred      others that are here refer to it, so it is not deleted
    NotDecidable       a value or a record does not wait for this decision
"""

from collections.abc import Iterable

from wardround.interchange.fhir.structure import Problem


class RecordError(Exception):
    """The root of the store's errors."""


class Refused(RecordError):
    """A resource that is not stored; `problems` has a path and a sentence for each thing that is wrong."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(f"{problem.path}: {problem.sentence}" for problem in self.problems))


class PatientMissing(Refused):
    """The patient is not here. An import tries again when it has read everything."""


class Duplicate(Refused):
    """The identifier belongs to another resource."""


class WrongAddress(Refused):
    """The type or id in the resource is not that of its address."""


class NotHere(RecordError):
    """There is no such resource."""


class Gone(RecordError):
    """The resource was deleted."""


class VersionConflict(RecordError):
    """The caller's version is not the present one."""

    def __init__(self, *, current: int) -> None:
        self.current = current
        sentence = f"The present version is {current}. Read it, apply your change to it, and send it again."
        super().__init__(sentence if current else "There is no present version. Send it without If-Match.")


class ManyMatches(RecordError):
    """A condition that should mean one resource means several."""


class StillReferred(RecordError):
    """Others that are here refer to it; deleting it would leave them without what they speak of."""


class NotDecidable(RecordError):
    """This value or record does not wait for this decision."""
