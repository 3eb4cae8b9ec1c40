"""Records that are wrong as a whole: entered twice, with a status that its own dates deny, or without what they need."""

import copy
import re
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from wardround.bench.accuracy.charts import Chart, Resource, Value, key_of
from wardround.bench.accuracy.plants import Kind, Surroundings, Written
from wardround.bench.accuracy.writing import plain, with_number

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DIGITS = re.compile(r"\d+")
_TRIES = 100
_COPIED = frozenset({"Observation", "Condition", "Procedure", "Immunization", "MedicationRequest"})


def same_entry_again(resource: Resource, _chart: Chart, around: Surroundings, dice: Random) -> Written | None:
    """The same record under another id."""
    if resource["resourceType"] not in _COPIED:
        return None
    return Written(
        _copy(resource, around, dice), "the same under another id", is_added=True, also=frozenset({key_of(resource)})
    )


def double_keyed(resource: Resource, _chart: Chart, around: Surroundings, dice: Random) -> Written | None:
    """The same values keyed in once more, some minutes later."""
    if resource["resourceType"] != "Observation" or len(str(resource.get("effectiveDateTime"))) < 19:
        return None
    again = _copy(resource, around, dice)
    later = timedelta(minutes=dice.randrange(1, 10))
    for name in ("effectiveDateTime", "issued"):
        if name in again:
            text = again[name]
            moved = datetime.fromisoformat(text[:19]) + later
            again[name] = f"{moved.isoformat()}{text[19:]}"
    if again["effectiveDateTime"][:10] != resource["effectiveDateTime"][:10]:
        return None
    return Written(again, "keyed again some minutes later", is_added=True, also=frozenset({key_of(resource)}))


def contradictory_status(resource: Resource, _chart: Chart, around: Surroundings, dice: Random) -> Written | None:
    """Still going on though it has ended, or never done though it has a result."""
    changed = copy.deepcopy(resource)
    match resource["resourceType"]:
        case "Encounter" if resource.get("status") == "finished" and _has_ended(resource.get("period"), around):
            changed["status"] = dice.choice(("planned", "in-progress"))
        case "Procedure" if resource.get("status") == "completed" and _has_ended(
            resource.get("performedPeriod"), around
        ):
            changed["status"] = dice.choice(("preparation", "not-done"))
        case "Condition" if "abatementDateTime" in resource:
            changed["clinicalStatus"]["coding"][0]["code"] = "active"
            return Written(changed, "active")
        case "Observation" if resource.get("status") == "final" and "valueQuantity" in resource:
            changed["status"] = dice.choice(("cancelled", "registered"))
        case _:
            return None
    return Written(changed, changed["status"])


def without_unit(value: Value, _around: Surroundings, _dice: Random) -> Written | None:
    """The number alone."""
    if not value.unit or value.unit in {"1", "pH", "units", "{score}", "{nominal}", "{T-score}"}:
        return None
    return Written(with_number(value, value.number, unit=""), plain(value.number), path=value.path)


def without_time(resource: Resource, _chart: Chart, _around: Surroundings, _dice: Random) -> Written | None:
    """Nobody wrote when."""
    if resource["resourceType"] != "Observation" or not {"effectiveDateTime", "valueQuantity"} <= resource.keys():
        return None
    changed = {name: content for name, content in resource.items() if name not in ("effectiveDateTime", "issued")}
    return Written(changed, "no date")


def _copy(resource: Resource, around: Surroundings, dice: Random) -> Resource:
    again = copy.deepcopy(resource)
    for length in range(_TRIES):
        again["id"] = another_id(str(resource["id"]), dice, more_digits=length // 10)
        if key_of(again) not in around.keys:
            break
    around.keys.add(key_of(again))
    return again


def another_id(known: str, dice: Random, *, more_digits: int = 0) -> str:
    """An id in the shape of this one, with longer numbers where the short are taken: nothing says that it is a copy's."""
    if _UUID.fullmatch(known):
        return str(UUID(int=dice.getrandbits(128), version=4))
    numbers = list(_DIGITS.finditer(known))
    if not numbers:
        return f"{known}-{dice.randrange(10, 100)}"
    last = numbers[-1]
    digits = "".join(dice.choice("123456789") for _place in range(len(last[0]) + more_digits))
    return f"{known[: last.start()]}{digits}{known[last.end() :]}"


def _has_ended(period: Resource | None, around: Surroundings) -> bool:
    return isinstance(period, dict) and "start" in period and str(period.get("end", "9999"))[:10] < around.today


KINDS = (
    Kind("same_entry_again", "duplicate", to_record=same_entry_again),
    Kind("double_keyed", "duplicate", to_record=double_keyed),
    Kind("contradictory_status", "status", to_record=contradictory_status),
    Kind("without_unit", "missing", to_value=without_unit),
    Kind("without_time", "missing", to_record=without_time),
)
