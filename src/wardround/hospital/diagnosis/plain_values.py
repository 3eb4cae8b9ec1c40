"""A model's inputs in the words of the chart: "160 mmHg", "No chest pain"; the model itself speaks in codes."""

from collections.abc import Mapping

from django.utils.translation import gettext

from wardround.clinical.catalogue import LOINC, Coding, load_catalogue
from wardround.clinical.errors import UnknownMeasurement
from wardround.clinical.measurements import Measurement
from wardround.learning.explain import Contribution
from wardround.learning.features import BIRTH, Feature
from wardround.web.layout.printed import printed_number, printed_unit, printed_value


def plain_value(contribution: Contribution, *, features: Mapping[str, Feature]) -> str:
    """The value of one input as the chart prints it."""
    feature = features[contribution.name]
    if contribution.missing:
        return gettext("not recorded")
    if feature.kind == "numeric":
        return printed_input(feature, float(contribution.value.split()[0]))
    # The model's text has blanks for the underscores of the answer's code.
    answer = contribution.value.replace(" ", "_")
    return printed_input(feature, {"yes": "true", "no": "false"}[answer] if feature.kind == "boolean" else answer)


def printed_input(feature: Feature, value: float | str) -> str:
    """One value that this input may have: a number, or the code of an answer."""
    if isinstance(value, float):
        unit = "a" if feature.code == BIRTH else feature.unit
        return f"{printed_number(value)} {printed_unit(unit)}".strip()
    if feature.kind == "boolean":
        return gettext("yes") if value == "true" else gettext("no")
    return printed_value(value, measurement=measurement_of(feature))


def measurement_of(feature: Feature) -> Measurement | None:
    """The catalogue's measurement that this input is."""
    vocabulary, _, code = feature.code.partition("//")
    if vocabulary == "LOINC":
        return load_catalogue().by_coding(Coding(LOINC, code))
    try:
        return load_catalogue().by_key(code)
    except UnknownMeasurement:
        return None
