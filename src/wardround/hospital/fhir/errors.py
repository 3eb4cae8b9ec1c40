"""What the FHIR interface refuses, each with its HTTP status and issue code."""

from wardround.hospital.records.access import AccessError, NotThere
from wardround.hospital.records.errors import (
    Duplicate,
    Gone,
    ManyMatches,
    NotHere,
    RecordError,
    Refused,
    StillReferred,
    VersionConflict,
    WrongAddress,
)
from wardround.hospital.records.keyring import KeyringError
from wardround.hospital.records.search import BadSearch, TooManyCandidates
from wardround.interchange.errors import NotJSON
from wardround.interchange.fhir.json_patch import NoPatch, NotApplicable, PatchError
from wardround.interchange.fhir.structure import Problem


class FhirError(Exception):
    """A request that is refused: a status, a FHIR issue code, and what is wrong where."""

    status = 400
    code = "invalid"

    def __init__(self, sentence: str, *, path: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.problems: tuple[Problem, ...] = (Problem(path=path, sentence=sentence),)
        self.headers = headers or {}


class NotLoggedIn(FhirError):
    status = 401
    code = "login"


class Forbidden(FhirError):
    status = 403
    code = "forbidden"


class UnknownAddress(FhirError):
    status = 404
    code = "not-found"


class MethodNotAllowed(FhirError):
    status = 405
    code = "not-supported"


class NotAcceptable(FhirError):
    status = 406
    code = "not-supported"


class TooLarge(FhirError):
    status = 413
    code = "too-long"


class TooManyRequests(FhirError):
    status = 429
    code = "throttled"


class TooLongAddress(FhirError):
    status = 414
    code = "too-long"


class UnsupportedMediaType(FhirError):
    status = 415
    code = "not-supported"


# The first class that fits decides, so a subclass stands before its parent.
_REFUSALS: tuple[tuple[type[Exception], int, str], ...] = (
    (NotJSON, 400, "structure"),
    (BadSearch, 400, "invalid"),
    (TooManyCandidates, 403, "too-costly"),
    (NoPatch, 400, "structure"),
    (NotApplicable, 422, "processing"),
    (Duplicate, 409, "duplicate"),
    (WrongAddress, 400, "invalid"),
    (Refused, 422, "invalid"),
    (VersionConflict, 412, "conflict"),
    (ManyMatches, 412, "multiple-matches"),
    (StillReferred, 409, "conflict"),
    (Gone, 410, "deleted"),
    (NotHere, 404, "not-found"),
    (NotThere, 404, "not-found"),
    (AccessError, 403, "forbidden"),
    (KeyringError, 500, "exception"),
    (RecordError, 422, "processing"),
)


def refusal_of(error: Exception) -> tuple[int, str, tuple[Problem, ...]]:
    """(HTTP status, FHIR issue code, problems) of anything that a request may be refused for."""
    if isinstance(error, FhirError):
        return error.status, error.code, error.problems
    for kind, status, code in _REFUSALS:
        if isinstance(error, kind):
            problems = error.problems if isinstance(error, Refused) else (Problem(_place_of(error), str(error)),)
            return status, code, problems
    raise error


def _place_of(error: Exception) -> str:
    """Which operation of a patch is meant, counted from 0."""
    is_placed = isinstance(error, PatchError) and error.operation is not None
    return f"operation[{error.operation}]" if is_placed else ""  # type: ignore[attr-defined]
