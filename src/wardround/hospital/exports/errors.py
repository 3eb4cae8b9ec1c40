"""What an export is refused for; each message says what would be right."""


class ExportError(Exception):
    """The root of this app's errors."""


class TooManyExports(ExportError):
    """This client already has as many exports under way as one may have."""


class NoSuchExport(ExportError):
    """There is no such export, or it is another client's: the two look the same on purpose."""
