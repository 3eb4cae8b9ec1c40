"""What the intake refuses."""


class IntakeError(Exception):
    """The root of the intake's errors; each message is a sentence with what would be right."""


class UnknownFormat(IntakeError):
    """The files are of no format that is read here."""


class NeedsMapping(IntakeError):
    """The files cannot be read without a mapping file."""


class NoSuchFile(IntakeError):
    """A path that was given is not there."""


class NoSuchBatch(IntakeError):
    """There is no such batch, or it is undone already."""


class NotInQuarantine(IntakeError):
    """There is no such message in quarantine, or it was replayed already."""


class NoSuchUpload(IntakeError):
    """There is no such upload, or it is imported or thrown away already."""
