"""References: which index rows a criterion means, and in whose chart a resource must then lie."""

from functools import cache

from django.db.models import Q

from wardround.hospital.records.search.query import Criterion, Target
from wardround.interchange.fhir.definitions import type_rule
from wardround.interchange.fhir.search_parameters import compartment_parameters, parameters_of

PATIENT = "Patient"
_CHART = frozenset({"patient", "subject"})


def reference_rows(criterion: Criterion) -> Q:
    """Rows of the reference index."""
    rows = Q(pk__in=())
    by_type: dict[str, set[str]] = {}
    for value in criterion.values:
        if isinstance(value, Target) and value.id:
            by_type.setdefault(value.type, set()).add(value.id)
    for type_name, ids in by_type.items():
        own = Q(target_id__in=sorted(ids))
        rows |= own & Q(target_type=type_name) if type_name else own
    return rows


def addresses_in(criterion: Criterion) -> list[str]:
    """The values that are whole addresses: they are kept in the URI index."""
    return [value.url for value in criterion.values if isinstance(value, Target) and value.url]


def patients_in(criterion: Criterion) -> list[str] | None:
    """The patients meant, when every value is one; else None."""
    is_patient = criterion.parameter.targets == {PATIENT}
    found = []
    for value in criterion.values:
        if not isinstance(value, Target) or not value.id or not (value.type == PATIENT or is_patient):
            return None
        found.append(value.id)
    return found


@cache
def lies_in_chart_of(type_name: str, parameter: str) -> bool:
    """Does the patient whom this parameter names own the chart in which a resource of this type lies?

    So where the type names its patient in one element that cannot repeat: the row itself says whose chart it is.
    """
    own = parameters_of(type_name)
    if parameter not in _CHART or "patient" not in own or parameter not in own:
        return False
    elements = {path.removesuffix(f"@{PATIENT}") for code in ("patient", parameter) for path in own[code].paths}
    if len(elements) != 1 or not elements < _CHART or not _CHART & set(compartment_parameters(type_name)):
        return False
    return not type_rule(type_name).elements[elements.pop()].many
