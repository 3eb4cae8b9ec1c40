"""Searching the records: typed conditions over the index tables, identifying values by keyed hash and then verified."""

from wardround.hospital.records.search.errors import BadSearch, TooManyCandidates
from wardround.hospital.records.search.finding import find
from wardround.hospital.records.search.patients import find_patients
from wardround.hospital.records.search.verifying import MAX_CANDIDATES

__all__ = ["MAX_CANDIDATES", "BadSearch", "TooManyCandidates", "find", "find_patients"]
