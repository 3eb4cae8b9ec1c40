"""One person, one record: who may be here twice, and what a steward decides about it."""
