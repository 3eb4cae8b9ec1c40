"""OMOP CDM 5.4 tables to FHIR: CSV, tab-separated, compressed or Parquet; one Draft per person."""

from wardround.interchange.omop.files import ENDINGS, table_of
from wardround.interchange.omop.reader import read, read_again

__all__ = ["ENDINGS", "read", "read_again", "table_of"]
