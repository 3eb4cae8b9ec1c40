"""What a CDS Hooks call is refused for. Every message is a sentence without patient data."""


class CdsError(Exception):
    """A call that cannot be answered; `status` is HTTP's."""

    status = 400
    code = "invalid"  # OperationOutcome.issue.code


class BadRequest(CdsError):
    """The request is not one of CDS Hooks 2.0, or not of this service."""


class NotTrusted(CdsError):
    """No token, or none that counts here."""

    status = 401
    code = "login"


class NoSuchService(CdsError):
    """There is no such service here (now)."""

    status = 404
    code = "not-found"


class DataMissing(CdsError):
    """What the estimate needs was not sent, and is not here."""

    status = 412
    code = "required"


class TooMuch(CdsError):
    """More than one call may send."""

    status = 413
    code = "too-long"


class TookTooLong(CdsError):
    """The time of one call is over."""

    status = 503
    code = "timeout"


class ClientError(Exception):
    """A client cannot be registered so; the message says what would be right."""
