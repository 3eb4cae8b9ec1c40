"""Measurements of a long table that would be one and the same record although they say different things."""

from collections import OrderedDict
from collections.abc import Iterable

from wardround.interchange.fhir.building import Resource
from wardround.interchange.mapping import Mapping

REPEATED = (
    "The row has the patient, time and code of an earlier row and another value: which is right? If both are, give the "
    'column that numbers the measurements the role "record" in the mapping.'
)
_KEPT = 200_000  # so many measurements are remembered, the latest of them; a repeat further apart becomes a new version


class Repeats:
    """Remembers what the rows of one file said, where only patient, time and code tell them apart."""

    def __init__(self, mapping: Mapping) -> None:
        roles = {column.role for column in mapping.columns.values()}
        self._is_needed = mapping.is_long and "record" not in roles
        self._said: OrderedDict[str, int] = OrderedDict()

    def contradict(self, resources: Iterable[Resource]) -> bool:
        """Whether one of these observations was there before and said something else."""
        if not self._is_needed:
            return False
        for resource in resources:
            if resource["resourceType"] == "Observation":
                key, said = resource["identifier"][0]["value"], hash(repr(resource))
                if self._said.setdefault(key, said) != said:
                    return True
        while len(self._said) > _KEPT:
            self._said.popitem(last=False)
        return False
