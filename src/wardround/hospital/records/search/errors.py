"""What a search is refused for."""

from wardround.hospital.records.errors import RecordError


class BadSearch(RecordError):
    """A criterion cannot be understood; the message shows one that can."""


class TooManyCandidates(RecordError):
    """More candidates than may be decrypted for one search."""
