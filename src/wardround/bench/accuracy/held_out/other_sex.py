"""Prescriptions, visits, tests and whole records of one sex in the chart of the other; told by plain words in what they display."""

import copy
import re
from random import Random

from wardround.bench.accuracy.charts import Chart, Resource, birth_of, day_of, death_of
from wardround.bench.accuracy.plants import Kind, RecordSlip, Surroundings, Written
from wardround.bench.accuracy.slips_of_records import another_id

_CONTRACEPTIVE = re.compile(
    r"\b(28 day pack|91 day pack|intrauterine|etonogestrel|medroxyprogesterone|vaginal ring)", re.IGNORECASE
)
_OF_PREGNANCY = re.compile(r"\b(prenatal|postnatal|antenatal|obstetric)", re.IGNORECASE)
_PROSTATE = re.compile(r"\bprostate specific", re.IGNORECASE)


def _words(resource: Resource, name: str) -> str:
    found = resource.get(name)
    concepts = found if isinstance(found, list) else [found]
    texts = [concept.get("text", "") for concept in concepts if isinstance(concept, dict)]
    texts += [
        str(coding.get("display", ""))
        for concept in concepts
        if isinstance(concept, dict)
        for coding in concept.get("coding", ())
    ]
    return " ".join(texts)


def _meant_for(sex: str, *, kind: str, name: str, words: re.Pattern[str], also: tuple[str, ...] = ()) -> RecordSlip:
    """A record of this chart gets what was meant for somebody of the other sex: the element `name`, and `also` with it."""

    def slip(resource: Resource, chart: Chart, around: Surroundings, dice: Random) -> Written | None:
        other = {"male": "female", "female": "male"}[sex]
        if resource["resourceType"] != kind or chart.patient.get("gender") != other or name not in resource:
            return None
        if words.pattern not in around.pools:
            around.pools[words.pattern] = _pool(around, sex=sex, kind=kind, name=name, words=words)
        pool = [
            record
            for record in around.pools[words.pattern]
            if all(element in record and element in resource for element in also)
        ]
        if not pool:
            return None
        meant = dice.choice(pool)
        changed = copy.deepcopy(resource)
        changed |= {element: copy.deepcopy(meant[element]) for element in (name, *also)}
        return Written(changed, _words(meant, name), also=frozenset({f"Patient/{chart.id}"}))

    return slip


def _pool(around: Surroundings, *, sex: str, kind: str, name: str, words: re.Pattern[str]) -> list[Resource]:
    return [
        record
        for chart in around.charts.values()
        if chart.patient.get("gender") == sex
        for record in chart.records
        if record["resourceType"] == kind and words.search(_words(record, name))
    ]


def filed_in_another_chart(resource: Resource, chart: Chart, around: Surroundings, dice: Random) -> Written | None:
    """A whole record of somebody of the other sex, filed here: this chart has it besides its own."""
    other = {"male": "female", "female": "male"}.get(str(chart.patient.get("gender")), "")
    birth, today = birth_of(chart.patient), around.today
    pool = [
        record for record in around.sexed.get(other, ()) if birth < day_of(record) < (death_of(chart.patient) or today)
    ]
    if not pool or "encounter" not in resource:
        return None
    meant = dice.choice(pool)
    kept = {name: content for name, content in copy.deepcopy(meant).items() if name != "encounter"}
    filed = kept | {"id": another_id(str(meant["id"]), dice), "subject": {"reference": f"Patient/{chart.id}"}}
    if f"{filed['resourceType']}/{filed['id']}" in around.keys:
        return None
    around.keys.add(f"{filed['resourceType']}/{filed['id']}")
    return Written(filed, _words(meant, "code"), is_added=True, also=frozenset({f"Patient/{chart.id}"}))


KINDS = (
    Kind(
        "contraceptive_for_a_man",
        "sex",
        to_record=_meant_for(
            "female", kind="MedicationRequest", name="medicationCodeableConcept", words=_CONTRACEPTIVE
        ),
    ),
    Kind(
        "prenatal_visit_of_a_man",
        "sex",
        to_record=_meant_for("female", kind="Encounter", name="type", words=_OF_PREGNANCY),
    ),
    Kind(
        "mans_test_in_a_woman",
        "sex",
        to_record=_meant_for("male", kind="Observation", name="code", words=_PROSTATE, also=("valueQuantity",)),
    ),
    Kind("filed_in_another_chart", "sex", to_record=filed_in_another_chart),
)
