"""What a model needs to know of a patient, as FHIR searches that the calling record makes beforehand."""

from collections.abc import Iterable

from wardround.clinical.catalogue import ICD_10_CM, LOINC, OMOP, WARDROUND, Coding, load_catalogue
from wardround.hospital.training.queries import AdoptedModel
from wardround.learning.features import BIRTH
from wardround.learning.moment import trigger_codes

_SYSTEMS = {"LOINC": LOINC, "ICD10CM": ICD_10_CM, "WARDROUND": WARDROUND, "OMOP": OMOP}
_PATIENT = "{{context.patientId}}"
# FHIR R4's vital signs profile states pressures as the components of this panel, and `code` does not search components.
_PRESSURE_PANEL = Coding(LOINC, "85354-9", "Blood pressure panel with all children optional")
_PRESSURES = frozenset({"systolic_pressure", "diastolic_pressure"})


def prefetch_templates(model: AdoptedModel) -> dict[str, str]:
    """Key -> FHIR request. Keys and searches keep to what the specification asks every client to know."""
    found = {"patient": f"Patient/{_PATIENT}"}
    for key, codings in wanted(model).items():
        codes = ",".join(f"{coding.system}|{coding.code}" for coding in codings)
        found[key] = f"{_TYPES[key]}?patient={_PATIENT}&code={codes}"
    return found


def wanted(model: AdoptedModel) -> dict[str, tuple[Coding, ...]]:
    """The codes of the model's inputs, and of the event that it looks ahead from, by prefetch key."""
    codes = {feature.code for feature in model.artifact.encoder.features}
    codes |= trigger_codes(model.study["cohort"]["task"])
    found: dict[str, set[Coding]] = {}
    for code in codes:
        for key, coding in _places(code):
            found.setdefault(key, set()).add(coding)
    return {
        key: tuple(sorted((c for c in found[key] if c.system != OMOP), key=lambda coding: (coding.system, coding.code)))
        for key in _TYPES
        if key in found
    }


_TYPES = {"observations": "Observation", "conditions": "Condition", "procedures": "Procedure"}


def _places(code: str) -> Iterable[tuple[str, Coding]]:
    """Where a MEDS code comes from: a measurement with every code it is known by, a procedure, or a diagnosis."""
    vocabulary, _, rest = code.partition("//")
    if code == BIRTH or vocabulary not in _SYSTEMS:
        return  # birth and sex are in the Patient
    coding = Coding(_SYSTEMS[vocabulary], rest.partition("//")[0])
    catalogue = load_catalogue()
    measurement = catalogue.by_coding(coding)
    if measurement is not None:
        yield from (("observations", known) for known in (measurement.coding, *measurement.other_codings))
        if measurement.key in _PRESSURES:
            yield "observations", _PRESSURE_PANEL
        return
    concept = catalogue.concept(coding)
    is_procedure = concept is not None and concept in catalogue.procedures
    key = "procedures" if is_procedure else "conditions"
    for known in (concept.coding, *concept.other_codings) if concept is not None else (coding,):
        yield key, known
