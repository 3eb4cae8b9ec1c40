"""What the other values of the same moment say a value should be: physiology's equations, and pairs that go together."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.findings import ValueContext
from wardround.clinical.limits import limits_for
from wardround.clinical.measurements import Measurement
from wardround.clinical.sentences import template

_OTHER_SIZE = {"body_weight": "body_height", "body_height": "body_weight"}
_Others = Mapping[str, float]
_Side = Literal["both", "at_most", "at_least"]
# From pH and carbon dioxide to bicarbonate (Henderson-Hasselbalch): pK 6.1, solubility 0.0307 mmol/L per mmHg.
_PK, _SOLUBILITY = 6.1, 0.0307
_FRIEDEWALD = 5.0  # LDL = total - HDL - triglycerides / 5, in mg/dL, while triglycerides are below 400


@dataclass(frozen=True)
class Relation:
    """What a value should be beside others of its moment.

    `spread` is one standard deviation of the true value around `expected`, on the measurement's scale: a share of the
    value where that is logarithmic, an amount where it is linear. Spreads were read off the MIMIC-III demo, where 99 %
    of complete moments lie within three of them.
    """

    beside: tuple[str, ...]
    expected: Callable[[_Others], float]
    spread: float
    why: str
    side: _Side = "both"

    def __post_init__(self) -> None:
        template(self.why)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What one relation expects here, in the standard unit."""

    value: float
    spread: float
    why: str
    side: _Side


def expectations(m: Measurement, *, context: ValueContext) -> list[Expectation]:
    """What the values of the same moment let this one be expected to be, one by one."""
    others = context.others
    found = _by_usual_body_mass(m, context=context)
    for relation in _RELATIONS.get(m.key, ()):
        if all(key in others for key in relation.beside):
            try:
                value = relation.expected(others)
            except (ZeroDivisionError, OverflowError, ValueError):
                continue  # a neighbour of 0 expects nothing
            if isinstance(value, float) and (value > 0 or m.scale == "linear"):
                found.append(Expectation(value, relation.spread, relation.why, relation.side))
    return found


def _by_usual_body_mass(m: Measurement, *, context: ValueContext) -> list[Expectation]:
    """Weight beside height where nobody worked out the index: as for a usual index of this age."""
    other = _OTHER_SIZE.get(m.key)
    beside = context.others.get(other, 0.0) if other else 0.0
    if beside <= 0 or "body_mass_index" in context.others:
        return []
    usual = limits_for(load_catalogue().by_key("body_mass_index"), "usual", context=context)
    if usual is None:
        return []
    index, spread = math.sqrt(usual[0] * usual[1]), math.log(usual[1] / usual[0]) / 4
    if m.key == "body_weight":
        return [Expectation(index * (beside / 100) ** 2, spread, _SIZE, "both")]
    return [Expectation(100 * math.sqrt(beside / index), spread / 2, _SIZE, "both")]


def partners_of(key: str) -> frozenset[str]:
    """The measurements that say something about this one, and so must be known beside it."""
    return _PARTNERS.get(key, frozenset())


def _carbon_dioxide_bound(others: _Others) -> float:
    return _SOLUBILITY * others["carbon_dioxide_pressure"] * float(10 ** (others["blood_ph"] - _PK))


def _carbon_dioxide_pressure(bicarbonate: float, ph: float) -> float:
    return bicarbonate / (_SOLUBILITY * float(10 ** (ph - _PK)))


def _ph(bicarbonate: float, carbon_dioxide: float) -> float:
    return _PK + math.log10(bicarbonate / (_SOLUBILITY * carbon_dioxide))


def _ratio(key: str, factor: float, spread: float, why: str) -> Relation:
    """This value is about `factor` times the other."""
    return Relation((key,), lambda others: factor * others[key], spread, why)


def _pair(first: str, second: str, factor: float, spread: float, why: str) -> dict[str, Relation]:
    """`first` is about `factor` times `second`, seen from both."""
    return {first: _ratio(second, factor, spread, why), second: _ratio(first, 1 / factor, spread, why)}


def _part(part: str, whole: str, why: str) -> dict[str, Relation]:
    """`part` is not above `whole`, seen from both."""
    return {
        part: Relation((whole,), lambda others: others[whole], 0.1, why, "at_most"),
        whole: Relation((part,), lambda others: others[part], 0.1, why, "at_least"),
    }


_INDICES = "the red cell indices"
_GAP = "sodium, chloride, bicarbonate and the anion gap"
_GASES = "pH, carbon dioxide and bicarbonate"
_LIPIDS = "total cholesterol, HDL, LDL and triglycerides"
_BILIRUBIN = "total, direct and indirect bilirubin"
_PROTEIN = "total protein, albumin and globulin"
_SIZE = "weight, height and body mass index"

_STATED: tuple[dict[str, Relation], ...] = (
    _pair("hematocrit", "hemoglobin", 2.97, 0.06, "haematocrit is about three times haemoglobin"),
    _pair("hemoglobin", "red_cells", 2.95, 0.11, _INDICES),
    _pair("hematocrit", "red_cells", 8.8, 0.10, _INDICES),
    {
        "mean_cell_volume": Relation(
            ("hematocrit", "red_cells"), lambda o: 10 * o["hematocrit"] / o["red_cells"], 0.05, _INDICES
        ),
        "mean_cell_hemoglobin": Relation(
            ("hemoglobin", "red_cells"), lambda o: 10 * o["hemoglobin"] / o["red_cells"], 0.05, _INDICES
        ),
        "mean_cell_hemoglobin_concentration": Relation(
            ("hemoglobin", "hematocrit"), lambda o: 100 * o["hemoglobin"] / o["hematocrit"], 0.05, _INDICES
        ),
        "red_cells": Relation(
            ("hematocrit", "mean_cell_volume"), lambda o: 10 * o["hematocrit"] / o["mean_cell_volume"], 0.05, _INDICES
        ),
        "hematocrit": Relation(
            ("mean_cell_volume", "red_cells"), lambda o: o["mean_cell_volume"] * o["red_cells"] / 10, 0.05, _INDICES
        ),
        "hemoglobin": Relation(
            ("mean_cell_hemoglobin", "red_cells"),
            lambda o: o["mean_cell_hemoglobin"] * o["red_cells"] / 10,
            0.05,
            _INDICES,
        ),
    },
    {
        "anion_gap": Relation(
            ("sodium", "chloride", "bicarbonate"),
            lambda o: o["sodium"] + o.get("potassium", 4.0) - o["chloride"] - o["bicarbonate"],
            2.5,
            _GAP,
        ),
        "sodium": Relation(
            ("anion_gap", "chloride", "bicarbonate"),
            lambda o: o["anion_gap"] + o["chloride"] + o["bicarbonate"] - o.get("potassium", 4.0),
            0.02,
            _GAP,
        ),
        "chloride": Relation(
            ("anion_gap", "sodium", "bicarbonate"),
            lambda o: o["sodium"] + o.get("potassium", 4.0) - o["anion_gap"] - o["bicarbonate"],
            0.025,
            _GAP,
        ),
        "bicarbonate": Relation(
            ("anion_gap", "sodium", "chloride"),
            lambda o: o["sodium"] + o.get("potassium", 4.0) - o["anion_gap"] - o["chloride"],
            0.11,
            _GAP,
        ),
    },
    _pair("chloride", "sodium", 0.75, 0.05, "chloride follows sodium"),
    _pair("total_co2", "bicarbonate", 1.03, 0.15, "bicarbonate and total carbon dioxide are nearly the same"),
    _pair("ionized_calcium", "calcium", 0.131, 0.10, "about half of the calcium is free"),
    {
        "osmolality": Relation(
            ("sodium", "glucose", "urea_nitrogen"),
            lambda o: 2 * o["sodium"] + o["glucose"] / 18 + o["urea_nitrogen"] / 2.8,
            0.05,
            "sodium, glucose and urea make the osmolality",
        )
    },
    {
        "total_co2": Relation(("blood_ph", "carbon_dioxide_pressure"), _carbon_dioxide_bound, 0.07, _GASES),
        "carbon_dioxide_pressure": Relation(
            ("blood_ph", "total_co2"), lambda o: _carbon_dioxide_pressure(o["total_co2"], o["blood_ph"]), 0.07, _GASES
        ),
        "blood_ph": Relation(
            ("total_co2", "carbon_dioxide_pressure"),
            lambda o: _ph(o["total_co2"], o["carbon_dioxide_pressure"]),
            0.035,
            _GASES,
        ),
    },
    _pair("urea_nitrogen", "creatinine", 17.0, 0.60, "urea and creatinine rise together"),
    _pair("aspartate_aminotransferase", "alanine_aminotransferase", 1.2, 0.65, "the transaminases rise together"),
    {
        "international_normalized_ratio": Relation(
            ("prothrombin_time",), lambda o: (o["prothrombin_time"] / 13.2) ** 1.6, 0.20, "INR is made of PT"
        ),
        "prothrombin_time": Relation(
            ("international_normalized_ratio",),
            lambda o: 13.2 * o["international_normalized_ratio"] ** (1 / 1.6),
            0.13,
            "INR is made of PT",
        ),
    },
    {
        "total_cholesterol": Relation(
            ("hdl_cholesterol", "ldl_cholesterol", "triglycerides"),
            lambda o: o["hdl_cholesterol"] + o["ldl_cholesterol"] + o["triglycerides"] / _FRIEDEWALD,
            0.08,
            _LIPIDS,
        ),
        "ldl_cholesterol": Relation(
            ("hdl_cholesterol", "total_cholesterol", "triglycerides"),
            lambda o: o["total_cholesterol"] - o["hdl_cholesterol"] - o["triglycerides"] / _FRIEDEWALD,
            0.25,
            _LIPIDS,
        ),
        "hdl_cholesterol": Relation(
            ("ldl_cholesterol", "total_cholesterol", "triglycerides"),
            lambda o: o["total_cholesterol"] - o["ldl_cholesterol"] - o["triglycerides"] / _FRIEDEWALD,
            0.25,
            _LIPIDS,
        ),
        "triglycerides": Relation(
            ("hdl_cholesterol", "total_cholesterol", "ldl_cholesterol"),
            lambda o: _FRIEDEWALD * (o["total_cholesterol"] - o["hdl_cholesterol"] - o["ldl_cholesterol"]),
            0.6,
            _LIPIDS,
        ),
        "cholesterol_hdl_ratio": Relation(
            ("total_cholesterol", "hdl_cholesterol"),
            lambda o: o["total_cholesterol"] / o["hdl_cholesterol"],
            0.04,
            _LIPIDS,
        ),
    },
    {
        "bilirubin_total": Relation(
            ("bilirubin_direct", "bilirubin_indirect"),
            lambda o: o["bilirubin_direct"] + o["bilirubin_indirect"],
            0.05,
            _BILIRUBIN,
        ),
        "bilirubin_direct": Relation(
            ("bilirubin_total", "bilirubin_indirect"),
            lambda o: o["bilirubin_total"] - o["bilirubin_indirect"],
            0.15,
            _BILIRUBIN,
        ),
        "bilirubin_indirect": Relation(
            ("bilirubin_total", "bilirubin_direct"),
            lambda o: o["bilirubin_total"] - o["bilirubin_direct"],
            0.15,
            _BILIRUBIN,
        ),
    },
    _part("bilirubin_direct", "bilirubin_total", _BILIRUBIN),
    _part("hdl_cholesterol", "total_cholesterol", _LIPIDS),
    _part("ldl_cholesterol", "total_cholesterol", _LIPIDS),
    _pair("total_protein", "albumin", 1.75, 0.20, _PROTEIN),
    {
        "total_protein": Relation(("albumin", "globulin"), lambda o: o["albumin"] + o["globulin"], 0.05, _PROTEIN),
        "globulin": Relation(("albumin", "total_protein"), lambda o: o["total_protein"] - o["albumin"], 0.15, _PROTEIN),
        "albumin": Relation(
            ("globulin", "total_protein"), lambda o: o["total_protein"] - o["globulin"], 0.12, _PROTEIN
        ),
    },
    {
        "neutrophils_percent": Relation(
            ("lymphocytes_percent", "monocytes_percent", "eosinophils_percent"),
            lambda o: 100 - o["lymphocytes_percent"] - o["monocytes_percent"] - o["eosinophils_percent"],
            0.10,
            "the white cells add up to 100 %",
        )
    },
    {
        "body_mass_index": Relation(
            ("body_weight", "body_height"), lambda o: o["body_weight"] / (o["body_height"] / 100) ** 2, 0.03, _SIZE
        ),
        "body_weight": Relation(
            ("body_mass_index", "body_height"),
            lambda o: o["body_mass_index"] * (o["body_height"] / 100) ** 2,
            0.03,
            _SIZE,
        ),
        "body_height": Relation(
            ("body_mass_index", "body_weight"),
            lambda o: 100 * math.sqrt(o["body_weight"] / o["body_mass_index"]),
            0.02,
            _SIZE,
        ),
    },
    _pair("diastolic_pressure", "systolic_pressure", 0.62, 0.15, "the two pressures rise together"),
)

_RELATIONS: dict[str, tuple[Relation, ...]] = {
    key: tuple(stated[key] for stated in _STATED if key in stated) for stated in _STATED for key in stated
}
_PARTNERS = {
    key: frozenset(other for relation in relations for other in relation.beside)
    | frozenset([_OTHER_SIZE[key]] if key in _OTHER_SIZE else [])
    for key, relations in _RELATIONS.items()
}
