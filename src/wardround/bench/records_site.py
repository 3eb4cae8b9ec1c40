"""One hospital's site for one run of the records benchmark: made, filled size by size, asked, and gone.

A Django process is one site on one database, so `bench.records` starts this module in a process for each database:
python -m wardround.bench.records_site FOLDER SIZES SEED REPEATS. Progress goes to standard error, the report to standard
output as JSON.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wardround.bench.running import Say
from wardround.web.command_line import start_django
from wardround.web.home import Home


def measured(folder: Path, *, sizes: Sequence[int], seed: int, repeats: int, say: Say) -> dict[str, Any]:
    """Everything about one database; `sizes` are Observations, growing."""
    start_django(Home.create(folder / "home", kind="hospital", name="Invented Hospital"))
    from django.core.management import call_command

    from wardround.bench.charts import OBSERVATIONS
    from wardround.bench.copied_charts import copy_charts
    from wardround.bench.import_speed import import_speed
    from wardround.bench.questions import Store, measured_questions
    from wardround.bench.raw_rows import empty_copy, raw_connection
    from wardround.web.accounts.actions import make_token
    from wardround.web.audit.actor import system_actor

    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    token = make_token("benchmark", scopes="system/*.cruds", days=1, by=system_actor("benchmark"))
    templates = max(2, sizes[0] // OBSERVATIONS)
    with empty_copy(folder) as floor:
        say(f"importing {templates} charts")
        imported = import_speed(folder, charts=templates, seed=seed, floor=floor)
        found = []
        charts = templates
        for size in sizes:
            wanted = max(templates, -(-size // OBSERVATIONS))
            copy_charts(range(charts, wanted), templates=templates, seed=seed, say=say)
            charts = wanted
            say(f"asking {charts * OBSERVATIONS:,} Observations")
            with raw_connection() as raw:
                refresh_statistics()
                store = Store(charts=charts, seed=seed, raw=raw, floor=floor, token=token)
                questions = measured_questions(store, repeats=repeats)
            found.append({"observations": charts * OBSERVATIONS, "patients": charts, "questions": questions})
    return {"version": _version(), "import": imported, "sizes": found}


def refresh_statistics() -> None:
    """What a server's autovacuum does by itself after a while; SQLite has nothing of the kind and gets nothing."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _version() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sqlite_version()")
            return f"SQLite {cursor.fetchone()[0]}"
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {str(cursor.fetchone()[0]).partition(' ')[0]}"


def main(arguments: Sequence[str]) -> None:
    folder, sizes, seed, repeats = arguments
    report = measured(
        Path(folder),
        sizes=[int(size) for size in sizes.split(",")],
        seed=int(seed),
        repeats=int(repeats),
        say=lambda line: print(line, file=sys.stderr, flush=True),  # noqa: T201 - read by who started it
    )
    print(json.dumps(report))  # noqa: T201 - this is the answer


if __name__ == "__main__":
    main(sys.argv[1:])
