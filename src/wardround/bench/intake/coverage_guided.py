"""Atheris, which steers mutants by the code they reach, on one reader: python -m wardround.bench.intake.coverage_guided.

libFuzzer takes its process over and ends it, so each reader has one of its own.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_FILES = {
    "hl7v2": "a.hl7",
    "fhir": "a.ndjson",
    "csv": "a.csv",
    "parquet": "a.parquet",
    "xlsx": "a.xlsx",
    "omop": "person.csv",
    "meds": "meds",
    "ccda": "a.xml",
}
_SLOW_SECONDS = 20
_LARGEST = 20_000  # bytes; what libFuzzer calls -max_len


def coverage_guided(form: str, *, seeds: Sequence[bytes], runs: int, seed: int) -> dict[str, Any]:
    """Run atheris over a reader; `runs` is None where atheris is not installed."""
    try:
        import atheris  # noqa: F401
    except ImportError:
        return {"format": form, "runs": None, "passes": None}
    with tempfile.TemporaryDirectory() as name:
        corpus = Path(name) / "corpus"
        corpus.mkdir()
        for number, raw in enumerate(seeds):
            corpus.joinpath(f"{number}").write_bytes(raw[:_LARGEST])
        command = [sys.executable, "-m", __name__, form, str(corpus), str(runs), str(seed)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=name)  # noqa: S603 - our own
    said = done.stderr.splitlines()
    passes = done.returncode == 0 and any("Done" in line and "runs" in line for line in said)
    # The last place in the traceback, which atheris prints on standard output; its words may hold what the mutant said.
    places = [line.strip() for line in done.stdout.splitlines() if line.startswith("  File")]
    failure = "" if passes else places[-1] if places else "ended early"
    return {"format": form, "runs": runs, "passes": passes, "failure": failure}


def main(form: str, corpus: str, runs: str, seed: str) -> None:
    """The process that atheris takes over."""
    import atheris

    with atheris.instrument_imports(include=["wardround.interchange"]):
        from wardround.bench.intake.samples import READ_AS, mapping_of_format
        from wardround.hospital.intake.formats import reader_of
        from wardround.interchange.draft import Source
        from wardround.interchange.fhir.structure import check

    reader, mapping = reader_of(READ_AS.get(form, form)), mapping_of_format(form)
    name = _FILES[form]

    def read_one(raw: bytes) -> None:
        for reading in reader.read_again(Source(name, "message 1", raw), mapping=mapping):
            for one in getattr(reading, "resources", ()):
                check(one)

    options = [f"-runs={runs}", f"-seed={int(seed) + 1}", f"-max_len={_LARGEST}", f"-timeout={_SLOW_SECONDS}"]
    atheris.Setup([sys.argv[0], corpus, *options], read_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:5])
