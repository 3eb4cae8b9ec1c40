"""Dates in a chart: within the patient's life, not in the future, and in an order that things can happen in."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from wardround.clinical.date_slips import Window, likely_meant, likely_years
from wardround.clinical.findings import FindingKind, RecordFinding
from wardround.clinical.records import Moment, Order, Person, Record, shifted
from wardround.clinical.sentences import template

# Nobody is known to have lived longer than 122 years (Jeanne Calment, 1875 to 1997).
OLDEST_YEARS = 120
_DAY = timedelta(days=1)  # a birth date has no time zone, and clocks differ
_PREGNANCY = timedelta(days=300)  # 40 weeks, two more, and the day of conception in doubt
_YEAR = timedelta(days=365.2425)
_AROUND_VISIT = timedelta(days=7)
_NO_VISIT_REACHES = timedelta(days=180)
_OF_THE_MOMENT = frozenset({"Observation", "MedicationAdministration"})  # at a visit, these are not told of the past
# Measured, given or done to the body: before birth that is somebody else's. A diagnosis can be made before birth.
_ON_THE_BODY = frozenset({"Observation", "Procedure", "Immunization", "MedicationAdministration", "MedicationDispense"})


_BORN_IN_FUTURE = template("The birth date lies in the future; it should be today or earlier.")
_DIED_IN_FUTURE = template("The death is dated %(date)s, in the future; it should be today or earlier.")
_DIED_BEFORE_BIRTH = template("The death (%(date)s) lies before the birth; one of the two is wrong.")
_LIVED_LONG = template("By the birth date this patient lived more than %(years)s years; check its year.")
_IS_OLD = template("By the birth date this patient would be more than %(years)s years; check its year.")
_OUT_OF_PLACE = {
    "future": template("%(element)s is %(date)s, in the future; what happened is dated %(today)s or earlier."),
    "before_birth": template(
        "%(element)s is %(date)s, before the patient's birth; one of the two dates is wrong, "
        "or it is another person's record."
    ),
    "after_death": template(
        "%(element)s is %(date)s, after the patient's death; one of the two dates is wrong, "
        "or it is another person's record."
    ),
}
_MEANT_IN_VISIT = template(
    "%(element)s is %(date)s, and the visit lasted from %(begin)s to %(end)s; %(meant)s would lie in it."
)
_FAR_FROM_VISIT = template(
    "%(element)s is %(date)s, and the visit lasted from %(begin)s to %(end)s: half a year and more away. "
    "Either the date is wrong, or it belongs to another visit."
)
_REVERSED = template("%(later)s (%(later_date)s) lies before %(first)s (%(first_date)s); it should be on or after it.")


def date_findings(
    record: Record, *, person: Person, now: datetime, visit: Sequence[Moment] = ()
) -> list[RecordFinding]:
    """What cannot be true of the times of one record. `visit`: when the visit began and ended to which it belongs."""
    wrong: dict[FindingKind, list[Moment]] = {}
    for moment in record.happened:
        kind = _misplaced(moment, record=record, person=person, now=now)
        if kind is not None:
            wrong.setdefault(kind, []).append(moment)
    in_doubt = {moment.path for moments in wrong.values() for moment in moments}
    for moment in record.written:
        if moment.low > now + _DAY or _is_before_birth(moment, person=person):
            kind = "future" if moment.low > now + _DAY else "before_birth"
            wrong.setdefault(kind, []).append(moment)
    found = []
    for kind, moments in wrong.items():
        held = _holds(kind, moments, record=record, person=person, in_doubt=in_doubt)
        found.append(_out_of_place(kind, moments, record=record, person=person, now=now, visit=visit, held=held))
    in_doubt |= {moment.path for moments in wrong.values() for moment in moments}
    found += _far_from_visit(record, in_doubt=in_doubt, visit=visit)
    found += [
        _reversed(order, person=person, now=now)
        for order in record.orders
        if order.first.path not in in_doubt and order.later.path not in in_doubt and is_reversed(order)
    ]
    return found


def life_findings(person: Person, *, now: datetime) -> list[RecordFinding]:
    """What cannot be true of a patient's birth and death. No sentence repeats a birth date."""
    birth, death = person.birth, person.death
    found: list[RecordFinding] = []
    if birth is not None and birth.low > now + _DAY:
        sentence = _BORN_IN_FUTURE.say()
        found.append(RecordFinding("future", birth.path, sentence, held=True, suggestion=_birth(person, now=now)))
        return found
    if death is not None and death.low > now + _DAY:
        meant = likely_meant([death], window=Window(birth.low if birth else None, now + _DAY))
        sentence = _DIED_IN_FUTURE.say(date=death.text)
        found.append(RecordFinding("future", death.path, sentence, held=True, suggestion=_texts(meant)))
        return found
    if birth is not None and death is not None and shifted(death.high, _DAY) <= birth.low:
        sentence = _DIED_BEFORE_BIRTH.say(date=death.text)
        found.append(RecordFinding("date", birth.path, sentence, held=True, suggestion=_birth(person, now=now)))
        return found
    end = death.low if death is not None else now
    if birth is not None and end - birth.high > _YEAR * OLDEST_YEARS:
        lived = _LIVED_LONG if death is not None or person.is_dead else _IS_OLD
        sentence = lived.say(years=str(OLDEST_YEARS))
        found.append(RecordFinding("date", birth.path, sentence, held=True, suggestion=_birth(person, now=now)))
    return found


def is_reversed(order: Order) -> bool:
    return shifted(order.later.high, timedelta(days=order.tolerance_days)) <= order.first.low


def _misplaced(moment: Moment, *, record: Record, person: Person, now: datetime) -> FindingKind | None:
    if moment.low > now + _DAY:
        return "future"
    if _is_before_birth(moment, person=person) and not (record.is_prenatal and _is_in_womb(moment, person=person)):
        return "before_birth"
    death = person.death
    if death is not None and not record.follows_death and moment.low >= shifted(death.high, _DAY):
        return "after_death"
    return None


def _is_before_birth(moment: Moment, *, person: Person) -> bool:
    return person.birth is not None and shifted(moment.high, _DAY) <= person.birth.low


def _is_in_womb(moment: Moment, *, person: Person) -> bool:
    return person.birth is not None and moment.low >= shifted(person.birth.low, -_PREGNANCY)


def _holds(kind: FindingKind, moments: Sequence[Moment], *, record: Record, person: Person, in_doubt: set[str]) -> bool:
    if kind == "before_birth" and record.type not in _ON_THE_BODY:
        return not all(_is_in_womb(moment, person=person) for moment in moments)
    # Who died during a visit or a treatment is discharged, and its end entered, later.
    if kind == "after_death" and all(moment.path.endswith(".end") for moment in moments):
        return False
    # When it was written down says nothing about when it happened, unless nothing else does.
    return any(moment.path in in_doubt for moment in moments) or not record.happened


def _out_of_place(
    kind: FindingKind,
    moments: Sequence[Moment],
    *,
    record: Record,
    person: Person,
    now: datetime,
    visit: Sequence[Moment],
    held: bool,
) -> RecordFinding:
    window = _life(person, now=now)
    paths = {moment.path for moment in moments}
    companions = [m for m in (*record.happened, *record.written, *visit) if m.path not in paths and window.holds(m)]
    meant = likely_meant(moments, window=window, companions=companions)
    if meant is not None and not _is_in_order(record, moved={moment.path: moment for moment in meant}):
        meant = None
    first = moments[0]
    sentence = _OUT_OF_PLACE[kind].say(
        element=first.element, date=first.text, **({"today": f"{now:%Y-%m-%d}"} if kind == "future" else {})
    )
    return RecordFinding(kind, first.path, sentence, held=held, suggestion=_texts(meant), about_person=kind != "future")


def _far_from_visit(record: Record, *, in_doubt: set[str], visit: Sequence[Moment]) -> list[RecordFinding]:
    """A date that lies far from the visit it belongs to: on it when one slip is undone (day and month exchanged), or so far
    away that no visit reaches there.

    Nothing is said of a few weeks, for what was ordered before a visit or resulted after it is dated so, nor of what is told
    of the past at a visit: earlier operations, vaccinations, the onset of a disease.
    """
    if len(visit) != 2 or record.type == "Encounter":
        return []
    begin, end = visit
    nearby = Window(shifted(begin.low, -_AROUND_VISIT), shifted(end.high, _AROUND_VISIT))
    stated = record.happened or record.written
    moments = [m for m in stated if ".abatement" not in m.path and m.path not in in_doubt]
    if not moments or any(nearby.holds(moment) for moment in moments):
        return []
    meant = likely_meant(moments, window=Window(shifted(begin.low, -_DAY), shifted(end.high, _DAY)))
    first = moments[0]
    places = {"element": first.element, "date": first.text, "begin": begin.text, "end": end.text}
    if meant is not None:
        sentence = _MEANT_IN_VISIT.say(**places, meant=meant[0].text)
        return [RecordFinding("date", first.path, sentence, held=True, suggestion=_texts(meant))]
    reach = Window(shifted(begin.low, -_NO_VISIT_REACHES), shifted(end.high, _NO_VISIT_REACHES))
    if record.type not in _OF_THE_MOMENT or not record.happened or any(reach.holds(moment) for moment in moments):
        return []
    sentence = _FAR_FROM_VISIT.say(**places)
    return [RecordFinding("date", first.path, sentence, held=True)]


def _reversed(order: Order, *, person: Person, now: datetime) -> RecordFinding:
    first, later = order.first, order.later
    window = _life(person, now=now)
    readings = []
    meant = likely_meant([later], window=Window(first.low, window.high), companions=[first])
    readings += [_texts(meant)] if meant else []
    meant = likely_meant([first], window=Window(window.low, later.high), companions=[later])
    readings += [_texts(meant)] if meant else []
    suggestion = readings[0] if len(readings) == 1 else {}
    if not readings and order.is_span:
        suggestion = {first.path: later.text, later.path: first.text}
    sentence = _REVERSED.say(later=later.element, later_date=later.text, first=first.element, first_date=first.text)
    return RecordFinding("end_before_start", later.path, sentence, held=order.held, suggestion=suggestion)


def _is_in_order(record: Record, *, moved: dict[str, Moment]) -> bool:
    """Would the record's own times be in order after the suggestion?"""
    pairs = [(moved.get(o.first.path, o.first), moved.get(o.later.path, o.later), o) for o in record.orders]
    return not any(is_reversed(Order(first, later, tolerance_days=o.tolerance_days)) for first, later, o in pairs)


def _life(person: Person, *, now: datetime) -> Window:
    high = now + _DAY
    if person.death is not None:
        high = min(high, shifted(person.death.high, _DAY))
    return Window(person.birth.low if person.birth is not None else None, high)


def _birth(person: Person, *, now: datetime) -> dict[str, str]:
    """The year in which somebody with this birth date was probably born: the likeliest slip that gives a possible age."""
    birth = person.birth
    if birth is None:
        return {}
    end = min(person.death.low, now) if person.death is not None else now
    for year in likely_years(birth.text):
        if end.year - OLDEST_YEARS < int(year) <= end.year:
            return {birth.path: year}
    return {}


def _texts(meant: Sequence[Moment] | None) -> dict[str, str]:
    return {moment.path: moment.text for moment in meant or ()}
