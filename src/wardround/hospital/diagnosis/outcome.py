"""What a model estimates, as a FHIR concept: by the code that the study's own document names, else in words only."""

from collections.abc import Mapping
from typing import Any

from wardround.clinical.catalogue import ICD_10_CM, Coding, load_catalogue
from wardround.clinical.icd_10_cm import load_icd_10_cm

_PREFIX = "ICD10CM//"


def outcome_concept(study: Mapping[str, Any]) -> dict[str, Any]:
    """A CodeableConcept. A code is taken only where the label of the study's task is one ICD-10-CM code and nothing else;
    any other label (an expression, a choice of codes) would have to be interpreted, so it stays words."""
    code = _code(study)
    if not code:
        return {"text": _words(study)}
    title = _title(code)
    return {"coding": [{"system": ICD_10_CM, "code": code, "display": title}], "text": title}


def _code(study: Mapping[str, Any]) -> str:
    task = study["cohort"]["task"]
    labels = [window["label"] for window in task.get("windows", {}).values() if window.get("label")]
    wanted = task["predicates"].get(labels[0], {}).get("code") if len(labels) == 1 else None
    return wanted.removeprefix(_PREFIX) if isinstance(wanted, str) and wanted.startswith(_PREFIX) else ""


def _title(code: str) -> str:
    concept = load_catalogue().concept(Coding(ICD_10_CM, code))
    if concept is not None:
        return concept.title
    known = load_icd_10_cm().find(code)
    return known.title if known is not None else code


def _words(study: Mapping[str, Any]) -> str:
    return str(study["cohort"].get("label_name", "") or study.get("title", "")).replace("_", " ")
