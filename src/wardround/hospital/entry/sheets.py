"""The forms for measured values: which measurements each asks for, in which order, and in which units."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from wardround.clinical.catalogue import Measurement, load_catalogue
from wardround.clinical.errors import UnknownMeasurement
from wardround.clinical.plain_text import without_accents


@dataclass(frozen=True)
class Sheet:
    """One form. `name` is in its address and in the key of its draft; `keys` are catalogue keys, empty where they are chosen."""

    name: str
    title: Promise
    save_title: Promise
    time_title: Promise
    category: str  # FHIR's observation category
    checked_again: Promise  # what somebody vouches for who confirms a value
    keys: tuple[str, ...] = ()


VITAL_SIGNS = Sheet(
    name="vital-signs",
    title=gettext_lazy("Record vital signs"),
    save_title=gettext_lazy("Save vital signs"),
    time_title=gettext_lazy("Time of measurement"),
    category="vital-signs",
    checked_again=gettext_lazy("I re-measured"),
    keys=(
        "body_temperature",
        "heart_rate",
        "systolic_pressure",
        "diastolic_pressure",
        "respiratory_rate",
        "oxygen_saturation",
        "oxygen_flow",
        "body_weight",
        "body_height",
        "pain_score",
    ),
)
LABORATORY = Sheet(
    name="laboratory",
    title=gettext_lazy("Enter laboratory results"),
    save_title=gettext_lazy("Save results"),
    time_title=gettext_lazy("Time of the sample"),
    category="laboratory",
    checked_again=gettext_lazy("I read it again"),
)
SHEETS = {sheet.name: sheet for sheet in (VITAL_SIGNS, LABORATORY)}


@dataclass(frozen=True)
class Panel:
    """Tests that are usually reported together."""

    key: str
    title: Promise
    tests: tuple[str, ...]


PANELS = (
    Panel(
        "blood-count",
        gettext_lazy("Blood count"),
        ("hemoglobin", "hematocrit", "red_cells", "white_cells", "platelets", "mean_cell_volume"),
    ),
    Panel(
        "kidney",
        gettext_lazy("Electrolytes and kidney"),
        ("sodium", "potassium", "chloride", "bicarbonate", "urea_nitrogen", "creatinine", "glucose", "calcium"),
    ),
    Panel(
        "liver",
        gettext_lazy("Liver"),
        (
            "alanine_aminotransferase",
            "aspartate_aminotransferase",
            "alkaline_phosphatase",
            "gamma_glutamyltransferase",
            "bilirubin_total",
            "albumin",
        ),
    ),
    Panel(
        "lipids", gettext_lazy("Lipids"), ("total_cholesterol", "hdl_cholesterol", "ldl_cholesterol", "triglycerides")
    ),
    Panel(
        "coagulation",
        gettext_lazy("Coagulation"),
        ("international_normalized_ratio", "partial_thromboplastin_time", "fibrinogen", "d_dimer"),
    ),
    Panel(
        "blood-gas",
        gettext_lazy("Blood gas"),
        ("blood_ph", "carbon_dioxide_pressure", "oxygen_pressure", "bicarbonate", "base_excess", "lactate"),
    ),
    Panel("inflammation", gettext_lazy("Inflammation"), ("c_reactive_protein", "white_cells", "lactate")),
    Panel("heart", gettext_lazy("Heart"), ("troponin_t", "creatine_kinase_mb", "nt_pro_bnp")),
    Panel("thyroid", gettext_lazy("Thyroid"), ("thyrotropin", "free_thyroxine")),
)
_MOST_FOUND = 12
# Measured at the bedside or under exercise, not in a laboratory.
_NOT_OF_A_SAMPLE = frozenset(
    {
        *VITAL_SIGNS.keys,
        *("body_mass_index", "head_circumference", "exercise_heart_rate", "st_depression", "fluoroscopy_vessels"),
        *("ejection_fraction", "fev1_fvc", "bone_density_t_score", "tidal_volume", "end_expiratory_pressure"),
        *("polyp_size", "urine_volume", "inspired_oxygen", "mini_mental_score"),
        *("glasgow_coma_score", "glasgow_motor", "glasgow_verbal", "glasgow_eyes"),
        *("apgar_1_minute", "apgar_2_minutes", "apgar_5_minutes", "apgar_10_minutes"),
    }
)


def laboratory_tests() -> Iterator[Measurement]:
    """Every test of the catalogue that a laboratory reports as a number."""
    return (m for m in load_catalogue() if m.kind == "quantity" and m.key not in _NOT_OF_A_SAMPLE)


def find_tests(search: str) -> list[Measurement]:
    """The tests whose name, in the language of the form or in English, or whose code begins or holds what is searched for."""
    wanted = without_accents(search.strip())
    if not wanted:
        return []
    found = []
    for test in laboratory_tests():
        names = [without_accents(name) for name in (gettext(test.title), test.title, test.coding.display)]
        names.append(test.coding.code)
        if any(wanted in name for name in names):
            found.append((not any(name.startswith(wanted) for name in names), test))
    return [test for _later, test in sorted(found, key=lambda line: line[0])][:_MOST_FOUND]


def measurements_of(keys: Sequence[str]) -> list[Measurement]:
    """Of these catalogue keys, each once, in this order; what the catalogue does not know is left out."""
    found = []
    for key in dict.fromkeys(keys):
        try:
            found.append(load_catalogue().by_key(key))
        except UnknownMeasurement:
            continue
    return [measurement for measurement in found if measurement.kind == "quantity"]
