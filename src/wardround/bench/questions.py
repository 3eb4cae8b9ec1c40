"""What apps ask of a store, each asked over HTTP and beside it as plain SQL: rate, p50 and p99 of both."""

import io
import itertools
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np
from django.core.handlers.wsgi import WSGIHandler

from wardround.bench.charts import MEASURED, Resource, invented_patient, patient_id
from wardround.bench.import_speed import DATA_KEYS, PROVENANCES, floor_tables
from wardround.bench.raw_rows import Raw, Table
from wardround.hospital.records.blind_index import BlindIndex, words
from wardround.hospital.records.models import Resource as ResourceRow
from wardround.interchange.fhir.json import dumps, loads

BASE = "/fhir/R4"
_LOINC = "http://loinc.org"
_WARM_UP = 10
_LONGEST_SECONDS = 20.0  # of one question at one size

_BODY_OF = "JOIN records_resourceversion v ON v.resource_id = r.id AND v.number = r.version"
_READ = f"SELECT v.body FROM records_resource r {_BODY_OF} WHERE r.type = %s AND r.logical_id = %s"  # noqa: S608
_PATIENT_CODE = f"""
    SELECT v.body FROM records_referenceindex p
    JOIN records_tokenindex c ON c.resource_id = p.resource_id AND c.type = 'Observation' AND c.parameter = 'code'
        AND c.code = %s AND c.system = '{_LOINC}'
    JOIN records_resource r ON r.id = p.resource_id {_BODY_OF}
    WHERE p.type = 'Observation' AND p.parameter = 'patient' AND p.target_id = %s AND p.target_type = 'Patient'
    ORDER BY r.id LIMIT 50"""  # noqa: S608 - no value in it
_NAME = f"""
    SELECT v.body FROM records_stringindex s JOIN records_resource r ON r.id = s.resource_id {_BODY_OF}
    WHERE s.type = 'Patient' AND s.parameter = 'name' AND s.kind = %s AND s.value = %s
    ORDER BY r.id LIMIT 50"""  # noqa: S608 - no value in it
# CROSS JOIN keeps SQLite to this order, which begins with the few patients of that name.
_CHAINED = f"""
    SELECT v.body FROM records_stringindex s CROSS JOIN records_resource q CROSS JOIN records_referenceindex p
    CROSS JOIN records_tokenindex c CROSS JOIN records_resource r CROSS JOIN records_resourceversion v
    WHERE s.type = 'Patient' AND s.parameter = 'name' AND q.id = s.resource_id
        AND p.type = 'Observation' AND p.parameter = 'patient' AND p.target_id = q.logical_id
        AND p.target_type = 'Patient' AND c.resource_id = p.resource_id AND c.type = 'Observation'
        AND c.parameter = 'code' AND c.code = %s AND c.system = '{_LOINC}'
        AND r.id = p.resource_id AND v.resource_id = r.id AND v.number = r.version AND s.kind = %s AND s.value = %s
    ORDER BY r.id LIMIT 50"""  # noqa: S608 - no value in it
_INCLUDED = f"""
    SELECT DISTINCT v.body FROM records_referenceindex p
    JOIN records_tokenindex c ON c.resource_id = p.resource_id AND c.type = 'Observation' AND c.parameter = 'code'
        AND c.code = %s AND c.system = '{_LOINC}'
    JOIN records_referenceindex e ON e.resource_id = p.resource_id AND e.parameter = 'encounter'
    JOIN records_resource r ON r.type = e.target_type AND r.logical_id = e.target_id {_BODY_OF}
    WHERE p.type = 'Observation' AND p.parameter = 'patient' AND p.target_id = %s AND p.target_type = 'Patient'
    LIMIT 50"""  # noqa: S608 - no value in it


class WrongAnswer(Exception):
    """A question was refused or found nothing: its time would mean nothing."""


@dataclass(frozen=True)
class Asked:
    """One request, and the same in plain SQL."""

    address: str
    floor: Callable[[], int]  # how many rows it found
    body: bytes = b""


@dataclass(frozen=True)
class Store:
    """What is in the store that is asked: charts 0 to `charts` - 1 of the seed."""

    charts: int
    seed: int
    raw: Raw
    floor: Raw  # the empty copy: what a create's rows are inserted into
    token: str


def measured_questions(store: Store, *, repeats: int) -> dict[str, dict[str, Any]]:
    """Every question's figures; requests and floors in turn, so that both meet the same machine."""
    makers: dict[str, Callable[[Store, random.Random], Asked]] = {
        "read": _read,
        "create": _create(store),
        "patient_code": _patient_code,
        "name": _name,
        "chained": _chained,
        "include": _include,
    }
    handler = WSGIHandler()
    return {name: _measured(name, make, handler=handler, store=store, repeats=repeats) for name, make in makers.items()}


def _measured(
    name: str, make: Callable[[Store, random.Random], Asked], *, handler: WSGIHandler, store: Store, repeats: int
) -> dict[str, Any]:
    dice = random.Random(f"{store.seed}|{name}|{store.charts}")  # noqa: S311 - which patients are asked for
    times, floors, own = [], [], []
    ending = time.monotonic() + _LONGEST_SECONDS
    warm_up = min(_WARM_UP, repeats)
    for number in range(repeats + warm_up):
        asked = make(store, dice)
        working, started = time.process_time(), time.perf_counter()
        status, answer = _answer(handler, asked, token=store.token)
        between, worked = time.perf_counter(), time.process_time()
        found = asked.floor()
        ended = time.perf_counter()
        _check(name, status=status, answer=answer, found=found)
        if number >= warm_up:
            times.append(between - started)
            floors.append(ended - between)
            own.append(worked - working)
        if time.monotonic() > ending and times:
            break
    return {**_figures(times, floors=floors), "processor_p50_ms": round(float(np.median(own)) * 1000, 3)}


def _figures(times: Sequence[float], *, floors: Sequence[float]) -> dict[str, Any]:
    p50, p99 = (float(np.percentile(times, q)) for q in (50, 99))
    floor_p50, floor_p99 = (float(np.percentile(floors, q)) for q in (50, 99))
    return {
        "requests": len(times),
        "per_second": round(len(times) / sum(times), 1),
        "p50_ms": round(p50 * 1000, 3),
        "p99_ms": round(p99 * 1000, 3),
        "floor_p50_ms": round(floor_p50 * 1000, 3),
        "floor_p99_ms": round(floor_p99 * 1000, 3),
        "over_floor": round(p50 / floor_p50, 1),
    }


def _check(name: str, *, status: str, answer: bytes, found: int) -> None:
    if not status.startswith("2"):
        raise WrongAnswer(f"The question {name} was answered with {status}: {answer[:500].decode(errors='replace')}")
    hits = loads(answer).get("entry", ()) if name not in {"read", "create"} else (answer,)
    if not hits or not found:
        raise WrongAnswer(f"The question {name} found {len(hits)} resources over HTTP and {found} by SQL.")


def _answer(handler: WSGIHandler, asked: Asked, *, token: str) -> tuple[str, bytes]:
    """The whole Django stack in this process, as a WSGI server calls it."""
    path, _mark, query = asked.address.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST" if asked.body else "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": f"{BASE}/{path}",
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_AUTHORIZATION": f"Bearer {token}",
        "CONTENT_TYPE": "application/fhir+json" if asked.body else "",
        "CONTENT_LENGTH": str(len(asked.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(asked.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    said: list[str] = []

    def start(status: str, _headers: Any, _error: Any = None, /) -> Callable[[bytes], object]:
        said.append(status)
        return lambda _content: None

    response = handler(environ, start)
    try:
        return said[0], b"".join(response)
    finally:
        response.close()


def _chart(store: Store, dice: random.Random) -> int:
    return dice.randrange(store.charts)


def _patient_and_code(store: Store, dice: random.Random) -> tuple[str, str]:
    """A patient and a code that the patient's chart has: the first Observation that is asked for is read by SQL."""
    patient = patient_id(_chart(store, dice))
    codes = store.raw.rows(
        "SELECT DISTINCT c.code FROM records_resource r JOIN records_tokenindex c ON c.resource_id = r.id "
        "WHERE r.patient_id = %s AND r.type = 'Observation' AND c.parameter = 'code' AND c.system = %s ORDER BY 1",
        [patient, _LOINC],
    )
    return patient, str(dice.choice(codes)[0])


def _read(store: Store, dice: random.Random) -> Asked:
    patient = patient_id(_chart(store, dice))
    rows = store.raw.rows(
        "SELECT logical_id FROM records_resource WHERE patient_id = %s AND type = 'Observation' ORDER BY id LIMIT 50",
        [patient],
    )
    logical_id = str(dice.choice(rows)[0])
    return Asked(f"Observation/{logical_id}", floor=lambda: len(store.raw.rows(_READ, ["Observation", logical_id])))


def _patient_code(store: Store, dice: random.Random) -> Asked:
    patient, code = _patient_and_code(store, dice)
    query = urlencode({"patient": patient, "code": f"{_LOINC}|{code}"})
    return Asked(f"Observation?{query}", floor=lambda: len(store.raw.rows(_PATIENT_CODE, [code, patient])))


def _include(store: Store, dice: random.Random) -> Asked:
    patient, code = _patient_and_code(store, dice)
    query = urlencode({"patient": patient, "code": f"{_LOINC}|{code}", "_include": "Observation:encounter"})

    def floor() -> int:
        return sum(len(store.raw.rows(question, [code, patient])) for question in (_PATIENT_CODE, _INCLUDED))

    return Asked(f"Observation?{query}", floor=floor)


def _name(store: Store, dice: random.Random) -> Asked:
    family = _family(store, dice)
    kind, hashed = BlindIndex().prefix_hash("name", words(family)[0])
    return Asked(f"Patient?name={quote(family)}", floor=lambda: len(store.raw.rows(_NAME, [kind, hashed])))


def _chained(store: Store, dice: random.Random) -> Asked:
    family = _family(store, dice)
    kind, hashed = BlindIndex().prefix_hash("name", words(family)[0])
    code = "55284-4"  # every chart has blood pressures
    query = urlencode({"patient.name": family, "code": f"{_LOINC}|{code}"})
    return Asked(f"Observation?{query}", floor=lambda: len(store.raw.rows(_CHAINED, [code, kind, hashed])))


def _family(store: Store, dice: random.Random) -> str:
    name: str = invented_patient(_chart(store, dice), seed=store.seed)["name"][0]["family"]
    return name


def _create(store: Store) -> Callable[[Store, random.Random], Asked]:
    """POST of one Observation; the floor inserts the rows of a stored one into the empty copy, and commits."""
    tables = floor_tables()
    rows = _rows_of_one(store, tables=tables)
    highest = store.floor.rows("SELECT max(id) FROM records_resource", [])[0][0]
    numbers = itertools.count(max(int(highest) + 1, 1_000_000_000))

    def floor() -> int:
        number = next(numbers)
        for table in tables:
            renamed = [_renamed(row, table=table, number=number, at=at) for at, row in enumerate(rows[table])]
            store.floor.insert(table, renamed)
        store.floor.commit()
        return sum(map(len, rows.values()))

    return lambda own, dice: Asked("Observation", floor=floor, body=dumps(_observation(own, dice)))


def _rows_of_one(store: Store, *, tables: Sequence[Table]) -> dict[Table, list[tuple[Any, ...]]]:
    """The rows of one Observation that was stored; what it needs to stand goes into the empty copy with it."""
    pk = store.raw.rows("SELECT max(id) FROM records_resource WHERE type = 'Observation'", [])[0][0]
    rows = {
        table: table.read(store.raw, where=f"{'id' if table.model is ResourceRow else 'resource_id'} = %s", values=[pk])
        for table in tables
    }
    (row,), (version,) = rows[tables[0]], rows[tables[1]]
    for table, key in (
        (DATA_KEYS, row[tables[0].place("data_key_id")]),
        (PROVENANCES, version[tables[1].place("provenance_id")]),
    ):
        if not table.read(store.floor, where="id = %s", values=[key]):
            store.floor.insert(table, table.read(store.raw, where="id = %s", values=[key]))
    return rows


def _renamed(row: tuple[Any, ...], *, table: Table, number: int, at: int) -> tuple[Any, ...]:
    """The same row of another resource."""
    changed = list(row)
    if table.model is ResourceRow:
        changed[table.place("id")], changed[table.place("logical_id")] = number, f"floor-{number}"
    else:
        changed[table.place("resource_id")] = number
        changed[table.place("id")] = number * 1000 + at
    return tuple(changed)


def _observation(store: Store, dice: random.Random) -> Resource:
    code, display, category, low, high, unit = dice.choice(MEASURED)
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": category}]}
        ],
        "code": {"coding": [{"system": _LOINC, "code": code, "display": display}], "text": display},
        "subject": {"reference": f"Patient/{patient_id(_chart(store, dice))}"},
        "effectiveDateTime": "2024-05-06T07:08:09+00:00",
        "valueQuantity": {
            "value": round(dice.uniform(low, high), 4),
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        },
    }
