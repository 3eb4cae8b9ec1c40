"""In which patient's chart a resource lies, by the patient compartment of FHIR R4."""

from collections.abc import Iterable
from functools import cache

from wardround.interchange.fhir.search_entries import ReferenceEntry, SearchEntry
from wardround.interchange.fhir.search_parameters import compartment_parameters

PATIENT = "Patient"
# These bring several people together, or are about none in particular: each patient they name may be told of them,
# and they lie in nobody's chart.
OF_SEVERAL = frozenset({"Appointment", "AppointmentResponse", "Group", "Person", "ResearchSubject", "Schedule"})
# Whom a resource is about comes before who wrote it, took part in it or pays for it.
_ABOUT = ("patient", "subject", "beneficiary")


def chart_of(type_name: str, entries: Iterable[SearchEntry]) -> str:
    """The id of the patient in whose chart a resource of this type lies, from its entries; empty for nobody's.

    It is the first patient named by the first of the type's compartment parameters that names one. A Patient's own
    chart is its own id, which its entries do not hold.
    """
    order = _parameters(type_name)
    if not order:
        return ""
    named: dict[str, str] = {}
    for entry in entries:
        if type(entry) is ReferenceEntry and entry.type == PATIENT and entry.id and entry.parameter in order:
            named.setdefault(entry.parameter, entry.id)
    return next((named[parameter] for parameter in order if parameter in named), "")


@cache
def _parameters(type_name: str) -> tuple[str, ...]:
    """The compartment parameters of the type, those first that say whom it is about; none of a type of several."""
    if type_name in OF_SEVERAL or type_name == PATIENT:
        return ()
    published = compartment_parameters(type_name)
    about = tuple(parameter for parameter in _ABOUT if parameter in published)
    return about + tuple(parameter for parameter in published if parameter not in about)
