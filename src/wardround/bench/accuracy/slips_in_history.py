"""Slips that land on a believable value: only the patient's own history tells them.

Each lands where somebody in these records really is, has at least three earlier values, and is a larger step from the one
before than 99 of 100 real steps of that code. What shows in no history is no error that anybody could see.
"""

from random import Random

from wardround.bench.accuracy.charts import Value
from wardround.bench.accuracy.plants import Kind, Surroundings, ValueSlip, Written
from wardround.bench.accuracy.slips_of_the_point import a_tenth, ten_times, transposed
from wardround.bench.accuracy.spans import EARLIER
from wardround.bench.accuracy.writing import plain, with_number

_TRIES = 8


def _in_history(slip: ValueSlip) -> ValueSlip:
    def only_there(value: Value, around: Surroundings, dice: Random) -> Written | None:
        earlier = earlier_values(value, around)
        if len(earlier) < EARLIER:
            return None
        written = slip(value, around, dice)
        if written is None or written.wrong is None or not around.spans.is_among(value, written.wrong):
            return None
        return written if around.spans.shows_in(earlier[-1].number, written.wrong, code=value.code) else None

    return only_there


def earlier_values(value: Value, around: Surroundings) -> list[Value]:
    """The patient's own values of this code and unit before this one."""
    series = around.series[value.patient_id, value.code]
    return [before for before in series if before.time < value.time and before.unit == value.unit]


def of_another_patient(value: Value, around: Surroundings, dice: Random) -> Written | None:
    """What was measured in somebody else."""
    ids = around.patients_with.get(value.code, ())
    for _try in range(_TRIES if len(ids) > 1 else 0):
        other = dice.choice(ids)
        if other == value.patient_id:
            continue
        found = dice.choice(around.series[other, value.code])
        if found.unit == value.unit and found.number != value.number:
            return Written(with_number(value, found.number), plain(found.number), path=value.path, wrong=found.number)
    return None


KINDS = (
    Kind("history_ten_times", "history", to_value=_in_history(ten_times)),
    Kind("history_a_tenth", "history", to_value=_in_history(a_tenth)),
    Kind("history_transposed", "history", to_value=_in_history(transposed)),
    Kind("history_other_patient", "history", to_value=_in_history(of_another_patient)),
)
