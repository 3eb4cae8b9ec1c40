"""The wrong patient's diagnosis, or the wrong sex: what only one sex can have, in the chart of the other.

Which records only one sex has is told by plain words in what they display, and checked against the charts they stand in.
"""

import copy
import re
from collections.abc import Iterable
from random import Random

from wardround.bench.accuracy.charts import Chart, Resource
from wardround.bench.accuracy.plants import Kind, Surroundings, Written

_WORDS = {
    "female": re.compile(
        r"\b(pregnan\w*|antepartum|eclampsia|preeclampsia|miscarriage|uter(us|ine|i)|intrauterine|ovar\w+|cervix|vagin\w+|"
        r"childbirth|cesarean|episiotomy|tubal|fetal|fetus)\b",
        re.IGNORECASE,
    ),
    "male": re.compile(r"\b(prostat\w*|vasectomy|testi(s|cular)|penis|scrot\w+)\b", re.IGNORECASE),
}
_BIRTH_SEX = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
_TYPES = frozenset({"Condition", "Procedure"})


def sexed_records(charts: Iterable[Chart]) -> dict[str, list[Resource]]:
    """sex -> records whose words name what only this sex has."""
    found: dict[str, list[Resource]] = {"female": [], "male": []}
    for chart in charts:
        for resource in chart.records:
            sex = only_sex(resource)
            if sex is not None and chart.patient.get("gender") == sex:
                found[sex].append(resource)
    return found


def only_sex(resource: Resource) -> str | None:
    if resource["resourceType"] not in _TYPES:
        return None
    words = " ".join(str(coding.get("display", "")) for coding in resource.get("code", {}).get("coding", ()))
    return next((sex for sex, pattern in _WORDS.items() if pattern.search(words)), None)


def diagnosis_of_other_sex(resource: Resource, chart: Chart, around: Surroundings, dice: Random) -> Written | None:
    """A record of this chart gets the code that was meant for somebody of the other sex."""
    other = {"male": "female", "female": "male"}.get(str(chart.patient.get("gender")), "")
    pool = [known for known in around.sexed.get(other, ()) if known["resourceType"] == resource["resourceType"]]
    if not pool or only_sex(resource) is not None:
        return None
    changed = copy.deepcopy(resource)
    changed["code"] = copy.deepcopy(dice.choice(pool)["code"])
    text = str(changed["code"]["coding"][0].get("display", ""))
    return Written(changed, text, also=frozenset({"Patient/" + chart.id}))


def sex_flipped(resource: Resource, chart: Chart, _around: Surroundings, _dice: Random) -> Written | None:
    """The other sex in the chart of somebody with records that only one sex has; which is wrong, nobody can know."""
    sex = str(resource.get("gender"))
    if not any(only_sex(record) == sex for record in chart.records):
        return None
    wrong = {"male": "female", "female": "male"}[sex]
    changed = copy.deepcopy(resource) | {"gender": wrong}
    for extension in changed.get("extension", ()):
        if extension.get("url") == _BIRTH_SEX:  # registered wrongly, it is wrong in both places
            extension["valueCode"] = {"male": "M", "female": "F"}[wrong]
    return Written(changed, wrong, path="Patient.gender", also=frozenset({f"chart:{chart.id}"}))


KINDS = (
    Kind("diagnosis_of_other_sex", "sex", to_record=diagnosis_of_other_sex),
    Kind("sex_flipped", "sex", to_patient=sex_flipped),
)
