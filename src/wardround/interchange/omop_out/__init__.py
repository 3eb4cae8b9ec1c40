"""FHIR R4 records as tables of the OMOP CDM 5.4, in CSV."""

from wardround.interchange.omop_out.events import Meaning
from wardround.interchange.omop_out.writing import About, OmopWriter

__all__ = ["About", "Meaning", "OmopWriter"]
