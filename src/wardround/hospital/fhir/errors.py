"""What the FHIR interface refuses, each with its HTTP status and issue code."""

from wardround.hospital.records.access import AccessError, NotThere
from wardround.hospital.records.errors import (
    Duplicate,
    Gone,
    NotHere,
    RecordError,
    Refused,
    VersionConflict,
)
from wardround.hospital.records.keyring import KeyringError
from wardround.interchange.errors import NotJSON
from wardround.interchange.fhir.structure import Problem


class FhirError(Exception):
    """A request that is refused: a status, a FHIR issue code, and what is wrong where."""

    status = 400
    code = "invalid"

    def __init__(self, sentence: str, *, path: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.problems = (Problem(path=path, sentence=sentence),)
        self.headers = headers or {}


class NotLoggedIn(FhirError):  # noqa: N818 - an error is named by what is wrong
    status = 401
    code = "login"


class Forbidden(FhirError):  # noqa: N818
    status = 403
    code = "forbidden"


class UnknownAddress(FhirError):  # noqa: N818
    status = 404
    code = "not-found"


class MethodNotAllowed(FhirError):  # noqa: N818
    status = 405
    code = "not-supported"


class NotAcceptable(FhirError):  # noqa: N818
    status = 406
    code = "not-supported"


class TooLarge(FhirError):  # noqa: N818
    status = 413
    code = "too-long"


class UnsupportedMediaType(FhirError):  # noqa: N818
    status = 415
    code = "not-supported"


class TooCostly(FhirError):  # noqa: N818
    status = 403
    code = "too-costly"


def refusal_of(error: Exception) -> tuple[int, str, tuple[Problem, ...]]:
    """(HTTP status, FHIR issue code, problems) of anything that a request may be refused for."""
    match error:
        case FhirError():
            return error.status, error.code, error.problems
        case NotJSON():
            return 400, "structure", (Problem("", str(error)),)
        case Duplicate():
            return 409, "duplicate", error.problems
        case Refused():
            return 422, "invalid", error.problems
        case VersionConflict():
            return 412, "conflict", (Problem("", str(error)),)
        case Gone():
            return 410, "deleted", (Problem("", str(error)),)
        case NotHere() | NotThere():
            return 404, "not-found", (Problem("", str(error)),)
        case AccessError():
            return 403, "forbidden", (Problem("", str(error)),)
        case KeyringError():
            return 500, "exception", (Problem("", str(error)),)
        case RecordError():
            return 422, "processing", (Problem("", str(error)),)
    raise error
