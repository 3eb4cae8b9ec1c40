"""Right numbers in the wrong row: another test's of the same panel, or the patient's own of long ago."""

from random import Random

from wardround.bench.accuracy.charts import Value
from wardround.bench.accuracy.held_out.landing import beyond, in_history, written
from wardround.bench.accuracy.plants import Kind, Surroundings, Written
from wardround.bench.accuracy.slips_in_history import earlier_values

_LONG_AGO = 3


def of_the_next_row(value: Value, around: Surroundings, dice: Random) -> Written | None:
    """The number of another test that was taken at the same time (sodium's row with chloride's number)."""
    panel = around.panels[value.patient_id, value.time]
    others = [other for other in panel if other.code != value.code and other.number != value.number]
    return written(value, dice.choice(others).number) if others else None


def of_long_ago(value: Value, around: Surroundings, dice: Random) -> Written | None:
    """The patient's own number, copied from an old visit."""
    old = [other for other in earlier_values(value, around)[:-_LONG_AGO] if other.number != value.number]
    return written(value, dice.choice(old).number) if old else None


KINDS = (
    Kind("result_of_the_next_row", "impossible", to_value=beyond(of_the_next_row)),
    Kind("history_result_of_the_next_row", "history", to_value=in_history(of_the_next_row)),
    Kind("history_of_long_ago", "history", to_value=in_history(of_long_ago)),
)
