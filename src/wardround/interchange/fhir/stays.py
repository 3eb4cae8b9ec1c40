"""The places of a visit (Encounter.location), one after the other: what a message says of them, laid over what is stored."""

from typing import Any

Stay = dict[str, Any]


def stays_of(stored: list[Stay], told: list[Stay], *, undoes: bool) -> list[Stay]:
    """The stays as they are from now on, in the order of the visit.

    A place that was told before is the same stay, unless the patient had left it. Where a message says that the patient is
    somewhere else, the stay before ends. `undoes`: the last change did not happen, so its stay goes and the one before is open.
    """
    stays = [dict(stay) for stay in stored]
    if undoes:
        stays = _undone(stays, told)
    for stay in told:
        at = _same(stays, stay)
        if at is None:
            stays.append(dict(stay))
        else:
            stays[at] = _of_both(stays[at], stay)
    here = [stay for stay in told if stay.get("status") == "active"]
    if here:
        came = next((start for stay in here if (start := _times(stay).get("start"))), None)
        stays = [_ended(stay, came) if _is_left(stay, here) else stay for stay in stays]
    return stays


def _place(stay: Stay) -> Any:
    location = stay.get("location", {})
    return location.get("display") or location.get("reference") or location.get("identifier")


def _times(stay: Stay) -> dict[str, Any]:
    return stay.get("period") or {}


def _is_over(stay: Stay) -> bool:
    return stay.get("status") == "completed"


def _same(stays: list[Stay], told: Stay) -> int | None:
    """Which stored stay is meant: the last at the same place, but not an ended one when the patient is there anew."""
    for at in range(len(stays) - 1, -1, -1):
        stay = stays[at]
        if _place(stay) != _place(told):
            continue
        if not _is_over(stay) or _is_over(told):
            ended, told_end = _times(stay).get("end"), _times(told).get("end")
            if _is_over(stay) and ended and told_end and ended != told_end:
                continue
            return at
        if _times(stay).get("start") and _times(stay).get("start") == _times(told).get("start"):
            return at
    return None


def _of_both(stored: Stay, told: Stay) -> Stay:
    before, now = _times(stored), _times(told)
    start = now.get("start") or before.get("start")
    end = now.get("end") or (before.get("end") if _is_over(told) else None)
    period = {name: time for name, time in (("start", start), ("end", end)) if time}
    both = {**stored, **told}
    both.pop("period", None)
    return both | ({"period": period} if period else {})


def _is_left(stay: Stay, here: list[Stay]) -> bool:
    return stay.get("status") == "active" and _place(stay) not in [_place(one) for one in here]


def _ended(stay: Stay, when: str | None) -> Stay:
    period = _times(stay) | ({"end": when} if when else {})
    return {**stay, "status": "completed"} | ({"period": period} if period else {})


def _undone(stays: list[Stay], told: list[Stay]) -> list[Stay]:
    """Without the places where the patient now never was, and with the stay that never ended open again."""
    places = [_place(stay) for stay in told if stay.get("status") == "active"]
    if not places:
        return stays
    left = [stay for stay in stays if _is_over(stay) or _place(stay) in places]
    for place in places:
        of_place = [at for at, stay in enumerate(left) if _place(stay) == place]
        if of_place and _is_over(left[of_place[-1]]):
            stay = left[of_place[-1]]
            start = _times(stay).get("start")
            left[of_place[-1]] = {k: v for k, v in stay.items() if k != "period"} | {"status": "active"}
            if start:
                left[of_place[-1]]["period"] = {"start": start}
    return left
