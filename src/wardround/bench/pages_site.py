"""One hospital's site for one run of the pages benchmark: made, filled, served by uvicorn in a process of its own, and asked.

python -m wardround.bench.pages_site FOLDER OBSERVATIONS ADMITTED REPEATS SEED. Progress goes to standard error, the report to
standard output as JSON.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import numpy as np
import orjson
from cryptography.hazmat.primitives.asymmetric import ec

from wardround.bench.charts import bundle, invented_patient, patient_id
from wardround.bench.pages_patients import WARD, long_chart, lying_patient, prefetch_of_ten_years
from wardround.bench.running import NotMeasured, Say
from wardround.bench.visitor import Visitor
from wardround.web.command_line import start_django
from wardround.web.home import Home

_USER, _PASSWORD = "d.minta", "seven-green-herons"
_ISS = "https://emr.hospital.example/"
_SERVICE = "/cds-services/heart"
_THEIRS = "their-patient-1"
_WARM_UP = 5
_STARTS_SECONDS = 30
_EMPTY_PAGE = "/password/"  # the whole stack and the frame, and no record
_ROWS = (
    "SELECT * FROM records_standardvalue WHERE patient_id = %s AND is_current",
    """SELECT v.body FROM records_resource r JOIN records_resourceversion v ON v.resource_id = r.id
    AND v.number = r.version WHERE r.patient_id = %s""",
)


@dataclass(frozen=True)
class Asked:
    """One page, what it must hold to count, and what is done beside it."""

    ask: Callable[[], bytes]
    holds: str
    floor: Callable[[], object]
    floor_name: str


def measured(folder: Path, *, observations: int, admitted: int, repeats: int, seed: int, say: Say) -> dict[str, Any]:
    """Every page's figures."""
    home = Home.create(folder / "home", kind="hospital", name="Invented Hospital")
    start_django(home)
    from wardround.bench.raw_rows import raw_connection

    say(f"importing a chart of {observations:,} Observations and {admitted} patients on a ward")
    key = _filled(folder, home=home, observations=observations, admitted=admitted, seed=seed)
    say("starting the site")
    with _served(home) as port, raw_connection() as raw:
        visitor = Visitor(port)
        visitor.log_in(_USER, _PASSWORD)

        def rows() -> int:
            return sum(len(raw.rows(question, [patient_id(0)])) for question in _ROWS)

        body = orjson.dumps(
            {
                "hook": "patient-view",
                "hookInstance": str(uuid.uuid4()),
                "context": {"userId": "Practitioner/1", "patientId": _THEIRS},
                "prefetch": prefetch_of_ten_years(_THEIRS, observations=observations, seed=seed),
            }
        )
        pages = _pages(visitor, rows=rows, seed=seed)
        pages["cds"] = Asked(
            lambda: visitor.post_json(_SERVICE, body, bearer=_token(key, port=port)),
            holds="Model output, not a diagnosis",
            floor=lambda: orjson.loads(body),
            floor_name="parsing the prefetch",
        )
        found = {}
        for name, asked in pages.items():
            say(f"asking for {name}")
            found[name] = _figures(name, asked, repeats=repeats)
    sent = len(orjson.loads(body)["prefetch"]["observations"]["entry"])
    return {"pages": found, "rows_of_chart": rows_count(), "prefetched": sent, "prefetch_bytes": len(body)}


def rows_count() -> int:
    """How many standard values and resources the long chart has."""
    from wardround.hospital.records.models import Resource, StandardValue

    values = StandardValue.objects.filter(patient_id=patient_id(0), is_current=True).count()
    return values + Resource.objects.filter(patient_id=patient_id(0)).count()


def _pages(visitor: Visitor, *, rows: Callable[[], int], seed: int) -> dict[str, Asked]:
    chart = f"/patients/{patient_id(0)}/"
    family: str = invented_patient(0, seed=seed)["name"][0]["family"]
    form = f"{chart}enter/vital-signs/"

    def beside_rows(path: str) -> Asked:
        return Asked(lambda: visitor.get(path), holds=family, floor=rows, floor_name="reading the chart's rows")

    def beside_nothing(ask: Callable[[], bytes], *, holds: str) -> Asked:
        return Asked(ask, holds=holds, floor=lambda: visitor.get(_EMPTY_PAGE), floor_name="a page without records")

    def check() -> bytes:
        typed = {"check": "systolic_pressure", "systolic_pressure": "12"}
        return visitor.post(f"{form}check/", typed)

    return {
        "chart": beside_rows(chart),
        "vital_signs": beside_rows(f"{chart}vital-signs/"),
        "laboratory": beside_rows(f"{chart}laboratory/"),
        "patients": beside_nothing(
            lambda: visitor.post("/patients/", {"search": family[:5]}, part="patient-list"), holds=family
        ),
        "worklist": beside_nothing(lambda: visitor.get("/worklist/"), holds=WARD),
        "ward": beside_nothing(lambda: visitor.get(f"/wards/{_ward_key()}/"), holds=WARD),
        "form": beside_nothing(lambda: visitor.get(form), holds=family),
        "check": beside_nothing(check, holds="systolic"),
    }


def _ward_key() -> str:
    from wardround.hospital.wards.queries import wards
    from wardround.web.audit.actor import system_actor

    return str(next(ward.key for ward in wards(system_actor("benchmark"))))


def _figures(name: str, asked: Asked, *, repeats: int) -> dict[str, Any]:
    times, floors = [], []
    for number in range(repeats + _WARM_UP):
        started = time.perf_counter()
        answer = asked.ask()
        between = time.perf_counter()
        asked.floor()
        ended = time.perf_counter()
        if asked.holds.lower() not in answer.decode(errors="replace").lower():
            raise NotMeasured(f"The page {name} does not show what it should, so its time would mean nothing.")
        if number >= _WARM_UP:
            times.append(between - started)
            floors.append(ended - between)
    p50, p95 = (float(np.percentile(times, q)) * 1000 for q in (50, 95))
    floor = float(np.percentile(floors, 50)) * 1000
    return {
        "requests": len(times),
        "p50_ms": round(p50, 2),
        "p95_ms": round(p95, 2),
        "floor": asked.floor_name,
        "floor_p50_ms": round(floor, 3),
        "over_floor": round(p50 / floor, 2),
    }


def _filled(folder: Path, *, home: Home, observations: int, admitted: int, seed: int) -> ec.EllipticCurvePrivateKey:
    """Everything that is asked for; the key of the record that asks over CDS Hooks."""
    from django.core.management import call_command

    from wardround.bench.heart_model import put_in_use
    from wardround.hospital.cds.clients import add_client
    from wardround.hospital.intake.importing import import_files
    from wardround.web.accounts.actions import add_user
    from wardround.web.audit.actor import system_actor

    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    by = system_actor("benchmark")
    messages = folder / "messages"
    messages.mkdir()
    charts = [long_chart(observations=observations, seed=seed)]
    charts += [lying_patient(number, seed=seed) for number in range(1, admitted + 1)]
    for number, chart in enumerate(charts):
        (messages / f"{number:06d}.json").write_bytes(bundle(chart))
    report = import_files([messages], by=by)
    if report.quarantined_messages:
        raise NotMeasured(f"{report.quarantined_messages} of the invented messages were refused.")
    add_user(_USER, role="doctor", password=_PASSWORD, full_name="Dr Minta", by=by)
    put_in_use(home)
    key = ec.generate_private_key(ec.SECP384R1())
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    jwks = json.dumps({"keys": [{**public, "kid": "k1", "alg": "ES384", "use": "sig"}]}).encode()
    add_client(_ISS, jwks=jwks, name="The other record", by=by)
    return key


def _token(key: ec.EllipticCurvePrivateKey, *, port: int) -> str:
    now = int(time.time())
    claims = {"iss": _ISS, "aud": f"http://127.0.0.1:{port}{_SERVICE}", "iat": now, "exp": now + 300}
    claims["jti"] = str(uuid.uuid4())
    return jwt.encode(claims, key, algorithm="ES384", headers={"kid": "k1", "typ": "JWT"})


@contextmanager
def _served(home: Home) -> Iterator[int]:
    """The site in a process of its own; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "uvicorn", "wardround.hospital.asgi:application", "--port", str(port)]
    with (home.path / "bench.log").open("w") as log:
        server = subprocess.Popen(  # noqa: S603 - this program's own site
            [*command, "--log-level", "warning"],
            env={**os.environ, "WARDROUND_HOME": str(home.path)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/login/", server=server)
            yield port
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait_for(url: str, *, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _STARTS_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own site
                return
        except OSError:
            time.sleep(0.1)
    raise NotMeasured("The site did not start.")


def main(arguments: Sequence[str]) -> None:
    folder, observations, admitted, repeats, seed = arguments
    report = measured(
        Path(folder),
        observations=int(observations),
        admitted=int(admitted),
        repeats=int(repeats),
        seed=int(seed),
        say=lambda line: print(line, file=sys.stderr, flush=True),  # noqa: T201 - read by who started it
    )
    print(json.dumps(report))  # noqa: T201 - this is the answer


if __name__ == "__main__":
    main(sys.argv[1:])
