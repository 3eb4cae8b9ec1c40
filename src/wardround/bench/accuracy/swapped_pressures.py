"""The systolic pressure in the diastolic's place."""

import copy
from random import Random

from wardround.bench.accuracy.charts import Value, holder_of
from wardround.bench.accuracy.plants import Kind, Surroundings, Written
from wardround.bench.accuracy.writing import plain

_SYSTOLIC, _DIASTOLIC = "http://loinc.org|8480-6", "http://loinc.org|8462-4"


def swapped(value: Value, _around: Surroundings, _dice: Random) -> Written | None:
    """Both numbers of one blood pressure change places."""
    if value.code != _SYSTOLIC or ".component[" not in value.path:
        return None
    components = value.resource["component"]
    for place, part in enumerate(components):
        coding = part["code"]["coding"][0]
        if f"{coding.get('system', '')}|{coding.get('code', '')}" == _DIASTOLIC and "valueQuantity" in part:
            changed = copy.deepcopy(value.resource)
            other = changed["component"][place]["valueQuantity"]
            own = holder_of(changed, path=value.path)["valueQuantity"]
            if other["value"] == own["value"]:
                return None
            own["value"], other["value"] = other["value"], own["value"]
            where = f"{changed['resourceType']}/{changed['id']}#Observation.component[{place}].valueQuantity"
            return Written(
                changed, f"{plain(own['value'])}/{plain(other['value'])}", path=value.path, also=frozenset({where})
            )
    return None


KINDS = (Kind("swapped_pressures", "pressures", to_value=swapped),)
