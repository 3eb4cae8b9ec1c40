"""A draft of the mapping file for a table: from its headers, its values and the catalogue. It never holds a patient's data."""

from wardround.interchange.suggest.drafting import Home, draft_mapping

__all__ = ["Home", "draft_mapping"]
