"""One hospital's site for one run of the identity benchmark: records are imported, looked through, and it is gone.

`bench.identity` starts this module in a process for each set of records: python -m wardround.bench.identity_site FOLDER. In the
folder stands records.ndjson, and nothing that says who is who. The pairs found go to standard output as JSON.
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wardround.web.command_line import start_django
from wardround.web.home import Home


def found_in(folder: Path, *, estimating: bool) -> dict[str, Any]:
    """Import what is there, and report every pair that was noted at entry and by the search through the store."""
    start_django(Home.create(folder / "home", kind="hospital", name="Invented Hospital"))
    from django.core.management import call_command

    from wardround.hospital.identity.models import CandidatePair
    from wardround.hospital.identity.searching import search_everybody
    from wardround.hospital.intake.importing import import_files
    from wardround.web.audit.actor import system_actor

    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    actor = system_actor("benchmark")
    started = time.perf_counter()
    imported = import_files([folder / "records.ndjson"], by=actor, form="fhir")
    import_seconds = time.perf_counter() - started
    at_entry = CandidatePair.objects.count()
    started = time.perf_counter()
    searched = search_everybody(actor, estimating=estimating)
    pairs = CandidatePair.objects.values_list("one", "other", "grade", "score")
    return {
        "stored": imported.created,
        "import_seconds": round(import_seconds, 2),
        "pairs_at_entry": at_entry,
        "search_seconds": round(time.perf_counter() - started, 2),
        "compared": searched.compared,
        "pairs": [list(pair) for pair in pairs],
    }


def main(arguments: Sequence[str]) -> None:
    folder, *options = arguments
    print(json.dumps(found_in(Path(folder), estimating="estimate" in options)))  # noqa: T201 - this is the answer


if __name__ == "__main__":
    main(sys.argv[1:])
