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
        number = float(contribution.value.split()[0])
        unit = "a" if feature.code == BIRTH else feature.unit
        return f"{printed_number(number)} {printed_unit(unit)}".strip()
    if feature.kind == "boolean":
        return gettext("yes") if contribution.value == "yes" else gettext("no")
    # The model's text has blanks for the underscores of the answer's code.
    return printed_value(contribution.value.replace(" ", "_"), measurement=_measurement(feature))


def _measurement(feature: Feature) -> Measurement | None:
    vocabulary, _, code = feature.code.partition("//")
    if vocabulary == "LOINC":
        return load_catalogue().by_coding(Coding(LOINC, code))
    try:
        return load_catalogue().by_key(code)
    except UnknownMeasurement:
        return None
