"""Each hospital's export: what its system hands over (with planted errors), and the same from the paper charts (without)."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from wardround.demo.export_csv import write_csv
from wardround.demo.export_fhir import write_fhir
from wardround.demo.export_hl7v2 import write_hl7v2
from wardround.demo.export_omop import write_omop
from wardround.demo.paper import DEFAULT_SEED, paper_charts
from wardround.demo.planter import PlantedError, plant, save_planted, written_values
from wardround.demo.source import PLACES, Slug

_WRITERS: dict[str, Callable[..., None]] = {
    "csv": write_csv,
    "hl7v2": write_hl7v2,
    "fhir": write_fhir,
    "omop": write_omop,
}


def write_exports(folder: Path, hospital: Slug, *, seed: int = DEFAULT_SEED) -> tuple[PlantedError, ...]:
    """Write ``folder/exports/HOSPITAL`` (what is imported), ``folder/paper/HOSPITAL`` (the same records without planted
    errors, file by file and line by line) and ``folder/paper/HOSPITAL.json`` (what was planted)."""
    charts = paper_charts(hospital, seed=seed)
    planted = plant(charts, seed=seed)
    write = _WRITERS[PLACES[hospital].format]
    write(folder / "exports" / hospital, charts, written=written_values(planted))
    write(folder / "paper" / hospital, charts, written={})
    save_planted(folder / "paper" / f"{hospital}.json", planted)
    return planted


def mapping_path(hospital: Slug) -> Path:
    """The hospital's mapping file, as its IT wrote it."""
    return Path(str(files("wardround.demo").joinpath("mappings", f"{hospital}.toml")))
