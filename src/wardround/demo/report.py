"""report.html: one self-contained page of what a demonstration found, without a request to anywhere."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from django.template import Context, Engine

from wardround.demo.figures import (
    LOOKS,
    CalibrationPoint,
    Estimate,
    auroc_by_round,
    calibration,
    contributions,
    mark_svg,
    side_by_side,
)
from wardround.demo.planter import KIND_TITLES
from wardround.demo.story import (
    TOGETHER,
    Evaluation,
    HospitalStory,
    ModelFigures,
    PredictionStory,
    RunStory,
    Story,
    mean_figures,
)

_FORMATS = {
    "csv": ("CSV", "own columns and codes, mg/dL"),
    "hl7v2": ("HL7 v2.5.1", "ADT and ORU messages, Latin-2, mmol/L, decimal comma in text"),
    "fhir": ("FHIR R4", "bulk NDJSON, LOINC and own codes, mmol/L"),
    "omop": ("OMOP CDM 5.4", "CSV tables, concept ids, mg/dL"),
}
_SHORT = {"local": "Local only", "federated": "Federated", "adopted": "Adopted", "pooled": "Pooled"}
_TOGETHER_TITLE = "All together"


@dataclass(frozen=True)
class _Kpi:
    title: str
    value: str
    note: str


def report_html(story: Story) -> str:
    """The page as text. Every value is escaped by the template; only our own SVG and CSS are not."""
    folder = files("wardround.demo").joinpath("templates")
    template = Engine(autoescape=True).from_string(folder.joinpath("report.html").read_text("utf-8"))
    return template.render(
        Context(
            {
                "css": folder.joinpath("report.css").read_text("utf-8"),
                "font_face": _font_face(),
                "seed": str(story.seed),
                "headline": _headline(story),
                "lead": _lead(story),
                "kpis": _kpis(story),
                "hospitals": [_hospital(hospital) for hospital in story.hospitals],
                "all": _all_hospitals(story.hospitals),
                "kinds": _kinds(story.hospitals),
                "cells": _cells(story.hospitals),
                "run": _run(story.run) if story.run else None,
                "looks": [
                    {"mark": mark_svg(name), "title": LOOKS[name].title, "short": _SHORT[name]}
                    for name in _models(story)
                ],
                "evaluation": _evaluation(story) if story.evaluation else None,
                "prediction": _prediction(story.prediction) if story.prediction else None,
                "stages": _stages(story),
            },
            use_l10n=False,
            use_tz=False,
        )
    )


def _font_face() -> str:
    font = files("wardround.web").joinpath("static", "vendor", "inter", "inter-latin.woff2")
    data = b64encode(font.read_bytes()).decode("ascii")
    return f"@font-face{{font-family:Inter;font-weight:100 900;src:url(data:font/woff2;base64,{data}) format('woff2')}}"


def _headline(story: Story) -> str:
    return (
        "Four hospitals, one model, no record shared"
        if story.run
        else "Four hospitals, four formats, one kind of record"
    )


def _lead(story: Story) -> str:
    patients = sum(hospital.patients for hospital in story.hospitals)
    imported = (
        f"{patients} real patients of four hospitals came in as CSV, HL7 v2, FHIR and OMOP, with planted input errors."
    )
    if not story.run:
        return f"{imported} They were checked, held, corrected and standardised. No model was trained in this run."
    return (
        f"{imported} They were checked, corrected and standardised; then the hospitals trained one model under secure "
        f"aggregation in {story.run.rounds} rounds. The whole took {story.seconds:.0f} seconds on this machine."
    )


def _kpis(story: Story) -> list[_Kpi]:
    planted = sum(hospital.planted for hospital in story.hospitals)
    caught = sum(hospital.caught for hospital in story.hospitals)
    false_alarms = sum(hospital.false_alarms for hospital in story.hospitals)
    patients = sum(hospital.patients for hospital in story.hospitals)
    kpis = [
        _Kpi("Patients", str(patients), f"in {len(story.hospitals)} hospitals"),
        _Kpi("Planted errors caught", f"{caught} of {planted}", f"{_count(false_alarms, 'false alarm')}"),
    ]
    together = story.evaluation.get(TOGETHER)
    if together:
        local, adopted = together.models["local"].auroc or 0.0, together.models["adopted"].auroc or 0.0
        kpis.append(
            _Kpi("AUROC, adopted models", f"{adopted:.3f}", f"local only {local:.3f}, {together.n_test} held out")
        )
    if story.run:
        rounds = _Kpi("Rounds", str(story.run.rounds), f"{story.run.seconds_per_round:.2f} s each, masked sums only")
        kpis.append(rounds)
    else:
        kpis.append(
            _Kpi("Resources", _thousands(sum(h.resources for h in story.hospitals)), "FHIR R4, encrypted at rest")
        )
        kpis.append(_Kpi("Seconds", f"{story.seconds:.0f}", "from exports to clean records"))
    return kpis


def _hospital(hospital: HospitalStory) -> dict[str, Any]:
    title, note = _FORMATS[hospital.format]
    return {
        "name": hospital.name,
        "format_title": title,
        "format_note": note,
        "patients": str(hospital.patients),
        "resources": _thousands(hospital.resources),
        "quarantined": str(hospital.quarantined),
        "replayed": str(hospital.replayed),
        "seconds": f"{hospital.import_seconds:.1f} s",
        "planted": str(hospital.planted),
        "caught": str(hospital.caught),
        "all_caught": hospital.caught == hospital.planted,
        "accepted": str(hospital.accepted),
        "corrected": str(hospital.corrected),
        "false_alarms": str(hospital.false_alarms),
        "left_held": str(hospital.left_held),
    }


def _all_hospitals(hospitals: Sequence[HospitalStory]) -> dict[str, str]:
    names = (
        "patients", "resources", "quarantined", "replayed", "planted", "caught", "accepted", "corrected",
        "false_alarms", "left_held",
    )  # fmt: skip
    return {name: _thousands(sum(getattr(hospital, name) for hospital in hospitals)) for name in names}


def _cells(hospitals: Sequence[HospitalStory]) -> dict[str, str] | None:
    compared = sum(hospital.cells for hospital in hospitals)
    if not compared:
        return None
    return {
        "compared": _thousands(compared),
        "different": _thousands(sum(hospital.cells_different for hospital in hospitals)),
        "held": _thousands(sum(hospital.left_held for hospital in hospitals)),
    }


def _kinds(hospitals: Sequence[HospitalStory]) -> list[dict[str, Any]]:
    rows = []
    for kind, title in KIND_TITLES.items():
        counts = [next((count for count in hospital.kinds if count.kind == kind), None) for hospital in hospitals]
        present = [count for count in counts if count]
        if present:
            rows.append(
                {
                    "title": title[:1].upper() + title[1:],
                    "cells": [f"{count.caught} of {count.planted}" if count else "" for count in counts],
                    "all": f"{sum(c.caught for c in present)} of {sum(c.planted for c in present)}",
                }
            )
    return rows


def _run(run: RunStory) -> dict[str, Any]:
    points = [
        (figure.round, Estimate(value=figure.auroc, low=figure.auroc_low, high=figure.auroc_high))
        for figure in run.figures
    ]
    return {
        "auroc_figure": auroc_by_round(points) if points else "",
        "study_title": run.study_title,
        "study_hash": run.study_hash,
        "engine": run.engine,
        "rounds": str(run.rounds),
        "seconds_per_round": f"{run.seconds_per_round:.2f}",
        "bytes_up": _bytes(run.bytes_up_per_hospital_per_round),
        "parameters": _thousands(run.parameters),
        "outcome": run.outcome,
        "seen": run.seen,
        "secure_aggregation": run.secure_aggregation,
    }


def _models(story: Story) -> list[str]:
    first = next(iter(story.evaluation.values()), None)
    return [name for name in LOOKS if first and name in first.models]


def _evaluation(story: Story) -> dict[str, Any]:
    models = _models(story)
    single = {name: evaluation for name, evaluation in story.evaluation.items() if name != TOGETHER}
    drawn = [
        (
            _TOGETHER_TITLE if name == TOGETHER else name,
            [(model, estimate) for model in models if (estimate := _estimate(evaluation.models[model]))],
        )
        for name, evaluation in story.evaluation.items()
    ]
    lowest = min(estimate.low or estimate.value for _, estimates in drawn for _, estimate in estimates)
    rows = [_evaluation_row(name, evaluation, models) for name, evaluation in single.items()]
    together = story.evaluation.get(TOGETHER)
    if together:
        rows.append(_evaluation_row(_TOGETHER_TITLE, together, models))
    mean = {model: mean_figures(list(single.values()), model) for model in models}
    total = sum(evaluation.n_test for evaluation in single.values())
    rows.append(_evaluation_row("Mean of hospitals", Evaluation(n_test=total, models=mean), models))
    return {
        "figure": side_by_side(drawn, low=max(0.0, int(lowest * 10) / 10), high=1.0),
        "rows": rows,
        "gap": _gap(story),
        "panels": [
            {
                "name": _TOGETHER_TITLE if name == TOGETHER else name,
                "figure": calibration(
                    [CalibrationPoint(**vars(point)) for point in evaluation.calibration],
                    title=name,
                    colour=LOOKS["adopted"].colour,
                ),
                "note": f"{evaluation.n_test} held out, Brier {evaluation.models['adopted'].brier:.3f}",
            }
            for name, evaluation in story.evaluation.items()
        ],
    }


def _estimate(figures: ModelFigures) -> Estimate | None:
    if figures.auroc is None:
        return None
    return Estimate(value=figures.auroc, low=figures.auroc_low, high=figures.auroc_high)


def _evaluation_row(name: str, evaluation: Evaluation, models: Sequence[str]) -> dict[str, Any]:
    figures = [evaluation.models[model] for model in models]
    best = {
        "accuracy": max(figure.accuracy for figure in figures),
        "auroc": max((figure.auroc for figure in figures if figure.auroc is not None), default=None),
        "brier": min(figure.brier for figure in figures),
    }
    cells = []
    for figure in figures:
        for measure, target in best.items():
            value = getattr(figure, measure)
            text = "not defined" if value is None else f"{value:.3f}"
            cells.append({"text": text, "best": value is not None and f"{value:.3f}" == f"{target:.3f}"})
    return {"name": name, "n_test": str(evaluation.n_test), "cells": cells, "adopted": evaluation.adopted}


def _prediction(prediction: PredictionStory) -> dict[str, Any]:
    low, high = prediction.interval
    strongest = sorted(prediction.contributions, key=lambda row: -abs(row[2]))
    return {
        "hospital": prediction.hospital,
        "patient": prediction.patient,
        "percent": f"{prediction.probability:.0%}",
        "interval": f"{low * 100:.0f}–{high * 100:.0f} %",
        "low": f"{low * 100:.1f}",
        "width": f"{(high - low) * 100:.1f}",
        "at": f"{prediction.probability * 100:.1f}",
        "figure": contributions([(f"{title}: {_for_people(value)}", amount) for title, value, amount in strongest]),
    }


def _stages(story: Story) -> str:
    if not story.stages:
        return ""
    return "Seconds: " + ", ".join(f"{title} {seconds:.1f}" for title, seconds in story.stages) + "."


def _gap(story: Story) -> dict[str, Any] | None:
    """How near the federated model is to the pooled one. They are one and the same where no hospital has a part of its own."""
    if story.largest_gap is None:
        return None
    own = {"intercept": "an intercept of its own", "deviation": "weights that deviate a little"}.get(story.site_part)
    if own is None:
        lead, sentence = (
            "The exact fit is exact.",
            "The federated model and the one from all records in one place differ by",
        )
    else:
        lead = f"Validation let each hospital have {own}."
        sentence = "The shared part then is another model than the one from all records in one place; they differ by"
    tail = f"at most {_power(story.largest_gap)} in any held-out patient's probability."
    return {"lead": lead, "sentence": f"{sentence} {tail}", "exact": own is None}


def _power(gap: float) -> str:
    """A small number as a person says it: rounded up to one digit."""
    if gap <= 0:
        return "nothing"
    digits = f"{gap:.0e}"
    mantissa, exponent = digits.split("e")
    return f"{mantissa} × 10^{int(exponent)}" if gap < 1e-3 else f"{gap:.3f}"


def _for_people(value: str) -> str:
    return value.replace("mm[Hg]", "mmHg").replace(" /min", " per minute")


def _bytes(count: int) -> str:
    return f"{count / 1000:.0f} kB" if count >= 1000 else f"{count} bytes"


def _thousands(number: int) -> str:
    return f"{number:,}"


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
