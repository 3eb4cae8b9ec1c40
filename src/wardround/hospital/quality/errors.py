"""What a question about data quality is refused for."""


class QualityError(Exception):
    """Something that was asked about data quality cannot be answered; the message says why."""


class NoSuchCheck(QualityError):
    """No check has this key."""
