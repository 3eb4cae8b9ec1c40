"""Fills a store with copies of charts that the write path stored: the same rows, sealed anew, under other ids.

A copy's Patient goes through the write path itself, with a name, numbers and a data key of its own. The rest of the chart
is written row by row as the write path left the template's rows (a test compares the two), but for the audit events, which
no search reads. It is for measuring only: nothing is validated or judged again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction

from wardround.bench.charts import invented_patient, patient_id
from wardround.bench.import_speed import index_tables
from wardround.hospital.records.actions.resources import write_together
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.bodies import open_body, place_of, received_text
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import DataKey, Provenance, Resource, ResourceVersion, StandardValue
from wardround.hospital.records.origin import Origin
from wardround.interchange.fhir.json import loads
from wardround.web.audit.actor import system_actor
from wardround.web.many_rows import insert_many, insert_objects, new_keys

_CHARTS_TOGETHER = 100
_ACTOR = system_actor("benchmark")


@dataclass(frozen=True)
class _Rows:
    """One table's rows of a template: `columns`, and for each row which resource of the chart it belongs to."""

    model: type[models.Model]
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Any, ...], tuple[int, ...]], ...]  # (resource, values, places that name the patient)


@dataclass(frozen=True)
class _Template:
    mark: str
    resources: tuple[Resource, ...]
    texts: tuple[bytes, ...]
    received: tuple[bytes, ...]
    versions: tuple[ResourceVersion, ...]
    others: tuple[_Rows, ...]


def copy_charts(numbers: Sequence[int], *, templates: int, seed: int, say: Callable[[str], None]) -> None:
    """Chart `number` becomes a copy of chart `number % templates`, which must be stored already."""
    if not numbers:
        return
    known = [_template(number) for number in range(templates)]
    _prepare_for_many_rows()
    for start in range(0, len(numbers), _CHARTS_TOGETHER):
        together = numbers[start : start + _CHARTS_TOGETHER]
        with transaction.atomic():
            origin = Origin(actor=_ACTOR, activity="import", batch="copies")
            write_together([invented_patient(number, seed=seed) for number in together], origin=origin)
            _write([(number, known[number % templates]) for number in together])
        say(f"{start + len(together):,} of {len(numbers):,} charts copied")
    if not connection.in_atomic_block:
        connection.close()  # the next connection has the site's own settings again


def _prepare_for_many_rows() -> None:
    """A store that is thrown away need not outlive a power cut; and SQLite keeps a gibibyte of its pages in memory."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous = OFF")
            cursor.execute("PRAGMA cache_size = -1048576")


def _mark(number: int) -> str:
    return patient_id(number)[18:]


def _template(number: int) -> _Template:
    # What was created over HTTP in the meantime has an id of the server's choice and is no part of the chart.
    of_chart = Resource.objects.filter(patient_id=patient_id(number), logical_id__endswith=_mark(number))
    resources = tuple(of_chart.exclude(type="Patient").order_by("pk"))
    place = {resource.pk: at for at, resource in enumerate(resources)}
    versions = {
        version.resource_id: version
        for version in ResourceVersion.objects.filter(resource__in=resources).select_related(
            "resource__data_key", "provenance"
        )
    }
    tables: list[type[models.Model]] = [*index_tables(), StandardValue]
    keyring = Keyring()
    texts = tuple(open_body(versions[resource.pk], keyring=keyring) for resource in resources)
    return _Template(
        mark=_mark(number),
        resources=resources,
        texts=texts,
        received=tuple(received_text(loads(text)) for text in texts),
        versions=tuple(versions[resource.pk] for resource in resources),
        others=tuple(_rows(model, place=place, mark=_mark(number)) for model in tables),
    )


def _rows(model: type[models.Model], *, place: dict[int, int], mark: str) -> _Rows:
    fields = [f for f in model._meta.local_concrete_fields if not f.primary_key and f.name != "resource"]  # noqa: SLF001
    names = [field.attname for field in fields]
    rows = []
    stored = model._default_manager.filter(resource__in=place).order_by("pk")  # noqa: SLF001
    for resource, *values in stored.values_list("resource_id", *names):
        adapted = tuple(
            connection.ops.adapt_datetimefield_value(value) if isinstance(field, models.DateTimeField) else value
            for field, value in zip(fields, values, strict=True)
        )
        marked = tuple(at for at, value in enumerate(adapted) if isinstance(value, str) and mark in value)
        rows.append((place[resource], adapted, marked))
    return _Rows(model=model, columns=tuple(str(f.column) for f in fields), rows=tuple(rows))


def _write(copies: Sequence[tuple[int, _Template]]) -> None:
    keys = {key.subject: key for key in DataKey.objects.filter(subject__in=[patient_id(n) for n, _t in copies])}
    resources = _copied_resources(copies, keys=keys)
    provenances = Provenance.objects.bulk_create(
        Provenance(**{**_facts(template.versions[0].provenance), "id": None}) for _number, template in copies
    )
    _write_versions(copies, resources=resources, provenances=provenances)
    for at in range(len(copies[0][1].others)):
        _write_others(copies, resources=resources, at=at)


def _copied_resources(copies: Iterable[tuple[int, _Template]], *, keys: dict[str, DataKey]) -> list[list[Resource]]:
    """The rows of the copies, written; one list for each chart."""
    resources = [
        [
            Resource(
                type=resource.type,
                logical_id=resource.logical_id.replace(template.mark, _mark(number)),
                version=1,
                patient_id=patient_id(number),
                data_key=keys[patient_id(number)],
                last_updated=resource.last_updated,
            )
            for resource in template.resources
        ]
        for number, template in copies
    ]
    everything = [resource for of_chart in resources for resource in of_chart]
    for resource, key in zip(everything, new_keys(Resource, len(everything)), strict=True):
        resource.pk = key
    insert_objects(everything, have_keys=True)
    return resources


def _write_versions(
    copies: Sequence[tuple[int, _Template]], *, resources: list[list[Resource]], provenances: list[Provenance]
) -> None:
    keyring, blind = Keyring(), BlindIndex()
    instant = connection.ops.adapt_datetimefield_value
    rows = []
    for (number, template), of_chart, provenance in zip(copies, resources, provenances, strict=True):
        old, new = template.mark.encode(), _mark(number).encode()
        for at, resource in enumerate(of_chart):
            version = template.versions[at]
            body = keyring.seal(
                template.texts[at].replace(old, new), key=resource.data_key, place=place_of(resource, number=1)
            )
            digest = blind.digest_of_bytes("received|", template.received[at].replace(old, new))
            rows.append((resource.pk, 1, body, digest, True, provenance.pk, instant(version.recorded)))
    columns = ("resource_id", "number", "body", "received_digest", "is_as_received", "provenance_id", "recorded")
    insert_many(ResourceVersion, columns=columns, rows=rows)


def _write_others(copies: Sequence[tuple[int, _Template]], *, resources: list[list[Resource]], at: int) -> None:
    rows: list[tuple[Any, ...]] = []
    for (number, template), of_chart in zip(copies, resources, strict=True):
        new = _mark(number)
        for resource, values, marked in template.others[at].rows:
            row = values
            if marked:
                changed = list(values)
                for place in marked:
                    changed[place] = changed[place].replace(template.mark, new)
                row = tuple(changed)
            rows.append((of_chart[resource].pk, *row))
    of_table = copies[0][1].others[at]
    insert_many(of_table.model, columns=("resource_id", *of_table.columns), rows=rows)


def _facts(row: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.local_concrete_fields}  # noqa: SLF001
