"""A patient's own dates wrong in the registration; which of the chart's dates is wrong, nobody can know."""

import copy
from random import Random

from wardround.bench.accuracy.charts import Chart, Resource, birth_of, day_of, death_of
from wardround.bench.accuracy.held_out.misdated_records import day_in, on
from wardround.bench.accuracy.plants import Kind, Surroundings, Written

_OLDEST_YEARS = 123  # nobody is known to have lived longer than 122 years
_FEWEST_RECORDS = 5


def registered_as_born(resource: Resource, chart: Chart, _around: Surroundings, _dice: Random) -> Written | None:
    """The day of the last visit as the date of birth: the whole chart lies before it."""
    days = sorted(filter(None, map(day_of, chart.records)))
    if len(birth_of(resource)) != 10 or len(set(days)) < 2:
        return None
    return _with(resource, chart, "birthDate", days[-1])


def born_by_default(resource: Resource, chart: Chart, _around: Surroundings, _dice: Random) -> Written | None:
    """1 January 1880 where no date was known, in the chart of somebody who would be older than anybody was."""
    days = sorted(filter(None, map(day_of, chart.records)))
    if not birth_of(resource) or not days or int(days[-1][:4]) < 1880 + _OLDEST_YEARS:
        return None
    return _with(resource, chart, "birthDate", "1880-01-01")


def died_too_early(resource: Resource, chart: Chart, _around: Surroundings, dice: Random) -> Written | None:
    """The year of death one to five too low, with visits after it."""
    death = day_in(death_of(resource))
    if death is None:
        return None
    earlier = on(death.year - dice.randrange(1, 6), death.month, death.day).isoformat()
    if sum(day_of(record) > earlier for record in chart.records) < _FEWEST_RECORDS:
        return None
    return _with(resource, chart, "deceasedDateTime", f"{earlier}{resource['deceasedDateTime'][10:]}")


def _with(resource: Resource, chart: Chart, name: str, text: str) -> Written:
    changed = copy.deepcopy(resource) | {name: text}
    return Written(changed, text[:10], path=f"Patient.{name}", also=frozenset({f"chart:{chart.id}"}))


KINDS = (
    Kind("registered_as_born", "date", to_patient=registered_as_born),
    Kind("born_by_default", "date", to_patient=born_by_default),
    Kind("died_too_early", "date", to_patient=died_too_early),
)
