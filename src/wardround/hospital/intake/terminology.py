"""A hospital's own maps between code systems: SNOMED CT, a laboratory's codes, whatever is not ours to ship."""

from pathlib import Path

from wardround.hospital.intake.importing import Import
from wardround.hospital.intake.report import Report
from wardround.hospital.records.access import actor_of, require
from wardround.hospital.records.actions.restandardising import Restandardised, restandardise
from wardround.interchange.concept_maps import concept_maps_from
from wardround.interchange.draft import Draft, Source
from wardround.interchange.fhir.json import dumps


def load_map(path: Path, *, source: str, target: str, name: str, by: object) -> tuple[Report, Restandardised]:
    """Store a table of codes as ConceptMaps, a batch that can be undone, and look again at values without a meaning.

    Raises `NotAConceptTable` before anything is stored.
    """
    actor = require(by, "imports")
    maps = list(concept_maps_from(path, source=source, target=target, name=name))
    batch = Import(form="fhir", mapping_text="", by=actor_of(by))
    batch.start([path.name])
    batch.take(Draft((one,), Source(path.name, f"part {number}", dumps(one))) for number, one in enumerate(maps, 1))
    report = batch.finish()
    return report, restandardise(actor)
