"""The sign of allergies on a ward's board: what is recorded, that none is known, or that nobody has asked."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import F

from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.models import ResourceVersion
from wardround.interchange.fhir.json import loads

State = Literal["known", "none", "not-asked"]
_UNTRUE = frozenset({"entered-in-error", "refuted"})


@dataclass(frozen=True)
class Allergies:
    """`state`: "none" only where somebody recorded that there is none; silence is "not-asked"."""

    state: State
    names: tuple[str, ...] = ()
    is_severe: bool = False


NOT_ASKED = Allergies("not-asked")


def allergies_of(patient_ids: Sequence[str]) -> dict[str, Allergies]:
    """By patient; in one question."""
    versions = ResourceVersion.objects.filter(
        resource__type="AllergyIntolerance",
        resource__patient_id__in=patient_ids,
        resource__is_deleted=False,
        number=F("resource__version"),
    ).select_related("resource__data_key")
    by_row = {version.resource_id: version.resource.patient_id for version in versions}
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row, text in open_bodies(versions).items():
        found[by_row[row]].append(loads(text))
    return {patient_id: _allergies(found.get(patient_id, [])) for patient_id in patient_ids}


def _allergies(resources: list[dict[str, Any]]) -> Allergies:
    true = [one for one in resources if not _codes(one, "verificationStatus") & _UNTRUE]
    active = [one for one in true if "active" in (_codes(one, "clinicalStatus") or {"active"})]
    said_none = [one for one in active if says_none(one)]
    known = [one for one in active if one not in said_none]
    if known:
        names = tuple(dict.fromkeys(_name(one) for one in known))
        severe = any(r.get("severity") == "severe" for one in known for r in one.get("reaction", ()))
        return Allergies("known", names, severe or any(one.get("criticality") == "high" for one in known))
    # A refutation of allergies as such, as C-CDA writes it, says that there is none.
    refuted = any(
        says_none(one) or not one.get("code") for one in resources if "refuted" in _codes(one, "verificationStatus")
    )
    return Allergies("none") if said_none or refuted else NOT_ASKED


def says_none(resource: dict[str, Any]) -> bool:
    """Does it say "no known allergy" instead of naming one? By what its code displays, in whatever system it is."""
    code = resource.get("code") or {}
    texts = [code.get("text", ""), *(coding.get("display", "") for coding in code.get("coding", ()))]
    return any(text.casefold().startswith(("no known", "nka", "nkda")) for text in texts if isinstance(text, str))


def _name(resource: dict[str, Any]) -> str:
    code = resource.get("code") or {}
    displays = [coding.get("display") or coding.get("code", "") for coding in code.get("coding", ())]
    return str(code.get("text") or next(iter(displays), ""))


def _codes(resource: dict[str, Any], element: str) -> set[str]:
    return {str(coding.get("code", "")) for coding in (resource.get(element) or {}).get("coding", ())}
