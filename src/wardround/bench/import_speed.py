"""How long an import takes with everything on, beside inserting the same bodies and index rows as prepared tuples."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models

from wardround.bench.charts import bundle, invented_chart, people_around
from wardround.bench.raw_rows import Raw, Row, Table, raw_connection
from wardround.bench.running import NotMeasured
from wardround.hospital.intake.importing import import_files
from wardround.hospital.records.models import DataKey, Provenance, Resource, ResourceVersion
from wardround.web.audit.actor import system_actor

AT_MOST = 6.0
_COMMIT_ROWS = 500  # an import writes so many resources in one transaction
_PARTS = 5  # imports and floors in turn, so that both meet the same machine


def import_speed(folder: Path, *, charts: int, seed: int, floor: Raw) -> dict[str, Any]:
    """Import `charts` invented charts into the empty site; the first one, untimed, loads catalogues and units."""
    before = _highest()
    _import(folder / "first", messages=[bundle(people_around()), bundle(invented_chart(0, seed=seed))])
    _floor(floor, after=before)
    seconds, floor_seconds, resources, read, rows = 0.0, 0.0, 0, 0, 0
    for part in range(parts := min(_PARTS, charts - 1)):
        numbers = range(1 + (charts - 1) * part // parts, 1 + (charts - 1) * (part + 1) // parts)
        before = _highest()
        taken, stored, size = _import(
            folder / f"part-{part}", messages=[bundle(invented_chart(number, seed=seed)) for number in numbers]
        )
        inserted, number_of_rows = _floor(floor, after=before)
        seconds, floor_seconds = seconds + taken, floor_seconds + inserted
        resources, read, rows = resources + stored, read + size, rows + number_of_rows
    ratio = round(seconds / floor_seconds, 2)
    return {
        "resources": resources,
        "bytes": read,
        "rows_of_floor": rows,
        "seconds": round(seconds, 3),
        "resources_per_second": round(resources / seconds),
        "floor_seconds": round(floor_seconds, 3),
        "over_floor": ratio,
        "at_most": AT_MOST,
        "passes": ratio <= AT_MOST,
    }


def index_tables() -> list[type[models.Model]]:
    """Every table of search entries: those with a type, a parameter and a resource."""
    return [
        model
        for model in apps.get_app_config("records").get_models()
        if {"resource", "type", "parameter"} <= {field.name for field in model._meta.get_fields()}  # noqa: SLF001
    ]


def floor_tables() -> list[Table]:
    """The bodies, what they belong to, and the index rows."""
    kept: list[type[models.Model]] = [Resource, ResourceVersion, *index_tables()]
    return [Table(model) for model in kept]


# What resources and versions refer to, so it stands before they are inserted.
DATA_KEYS, PROVENANCES = Table(DataKey), Table(Provenance)


def _import(folder: Path, *, messages: Sequence[bytes]) -> tuple[float, int, int]:
    folder.mkdir()
    for number, message in enumerate(messages):
        (folder / f"{number:06d}.json").write_bytes(message)
    started = time.perf_counter()
    report = import_files([folder], by=system_actor("benchmark"))
    seconds = time.perf_counter() - started
    if report.quarantined_messages:
        raise NotMeasured(f"{report.quarantined_messages} of the invented messages were refused.")
    return seconds, report.created, sum(map(len, messages))


def _highest() -> dict[str, int]:
    """The last row of each table."""
    with raw_connection() as site:
        return {
            table.name: int(site.rows(f'SELECT coalesce(max(id), 0) FROM "{table.name}"', [])[0][0])  # noqa: S608 - a name
            for table in (*floor_tables(), DATA_KEYS, PROVENANCES)
        }


def _floor(floor: Raw, *, after: dict[str, int]) -> tuple[float, int]:
    """Seconds to insert the rows that an import wrote, in as many transactions as it made, and how many rows."""
    with raw_connection() as site:
        rows, needed = (
            {table: table.read(site, where="id > %s", values=[after[table.name]]) for table in tables}
            for tables in (floor_tables(), [DATA_KEYS, PROVENANCES])
        )
    for table, own in needed.items():
        floor.insert(table, own)
    floor.commit()
    resources = rows[next(iter(rows))]
    parts = max(1, len(resources) // _COMMIT_ROWS)
    chunks = [_part(rows, part=part, parts=parts) for part in range(parts)]
    started = time.perf_counter()
    for chunk in chunks:
        for table, own in chunk.items():
            floor.insert(table, own)
        floor.commit()
    return time.perf_counter() - started, sum(map(len, rows.values()))


def _part(rows: dict[Table, list[Row]], *, part: int, parts: int) -> dict[Table, list[Row]]:
    """The same resources' rows of every table: later tables refer to earlier ones."""
    resources = next(iter(rows.values()))
    first, last = len(resources) * part // parts, len(resources) * (part + 1) // parts
    own = {row[0] for row in resources[first:last]}
    found = {}
    for table, everything in rows.items():
        place = 0 if table.model is Resource else table.place("resource_id")
        found[table] = [row for row in everything if row[place] in own]
    return found
