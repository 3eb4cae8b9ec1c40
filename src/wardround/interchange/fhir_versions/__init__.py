"""Resources of FHIR R5 and STU3 as FHIR R4: whole, or refused with the element that has no place there."""

from wardround.interchange.fhir_versions.converting import as_r4
from wardround.interchange.fhir_versions.recognition import R4, R5, STU3, said_version, version_of

__all__ = ["R4", "R5", "STU3", "as_r4", "said_version", "version_of"]
