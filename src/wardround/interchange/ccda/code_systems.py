"""Object identifiers of code and number systems as the addresses that FHIR gives them.

Source: FHIR R4, "Using Code Systems" (terminologies-systems.html) and the HL7 Terminology (THO) pages of the v3 code systems.
"""

import re

from wardround.interchange.mapping import Mapping

_OID = re.compile(r"[0-2](\.(0|[1-9]\d*)){2,}", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_HL7 = "2.16.840.1.113883"
_V3 = "http://terminology.hl7.org/CodeSystem/v3-"
_SYSTEMS = {
    f"{_HL7}.6.1": "http://loinc.org",
    f"{_HL7}.6.96": "http://snomed.info/sct",
    f"{_HL7}.6.88": "http://www.nlm.nih.gov/research/umls/rxnorm",
    f"{_HL7}.6.90": "http://hl7.org/fhir/sid/icd-10-cm",
    f"{_HL7}.6.103": "http://hl7.org/fhir/sid/icd-9-cm",
    f"{_HL7}.6.3": "http://hl7.org/fhir/sid/icd-10",
    f"{_HL7}.6.69": "http://hl7.org/fhir/sid/ndc",
    f"{_HL7}.6.12": "http://www.ama-assn.org/go/cpt",
    f"{_HL7}.6.101": "http://nucc.org/provider-taxonomy",
    f"{_HL7}.12.292": "http://hl7.org/fhir/sid/cvx",
    f"{_HL7}.4.9": "http://fdasis.nlm.nih.gov",
    f"{_HL7}.4.1": "http://hl7.org/fhir/sid/us-ssn",
    f"{_HL7}.4.6": "http://hl7.org/fhir/sid/us-npi",
    f"{_HL7}.5.1": _V3 + "AdministrativeGender",
    f"{_HL7}.5.2": _V3 + "MaritalStatus",
    f"{_HL7}.5.4": _V3 + "ActCode",
    f"{_HL7}.5.6": _V3 + "ActClass",
    f"{_HL7}.5.7": _V3 + "ActPriority",
    f"{_HL7}.5.8": _V3 + "ActReason",
    f"{_HL7}.5.83": _V3 + "ObservationInterpretation",
    f"{_HL7}.5.84": _V3 + "ObservationMethod",
    f"{_HL7}.5.88": _V3 + "ParticipationFunction",
    f"{_HL7}.5.111": _V3 + "RoleCode",
    f"{_HL7}.5.112": _V3 + "RouteOfAdministration",
    f"{_HL7}.5.1008": _V3 + "NullFlavor",
    f"{_HL7}.5.1063": _V3 + "ObservationValue",
    f"{_HL7}.5.1076": _V3 + "ReligiousAffiliation",
}
NULL_FLAVOR = _V3 + "NullFlavor"
UCUM = "http://unitsofmeasure.org"


def system_of(root: str, *, mapping: Mapping) -> str:
    """The address of a system by its OID or UUID: the mapping's, the known one, or the OID itself; "" when it is neither."""
    if not root:
        return ""
    known = mapping.systems.get(root) or _SYSTEMS.get(root)
    if known:
        return known
    if _OID.fullmatch(root):
        return f"urn:oid:{root}"
    return f"urn:uuid:{root.lower()}" if _UUID.fullmatch(root) else ""
