"""What this hospital is called in its federation, as the engine's kit has it. No Django."""

import json
from pathlib import Path

from wardround.web.home import Home


def kit_folder(home: Home) -> Path:
    """Where the engine's client finds its key, its certificate and what it may do here."""
    return home.engine / "site"


def startup_file(home: Home) -> Path:
    """Written last: its presence says that the kit is whole."""
    return kit_folder(home) / "startup" / "fed_client.json"


def is_joined(home: Home) -> bool:
    return startup_file(home).exists()


def name_in_federation(home: Home) -> str:
    """How the federation calls this hospital. Raises OSError before it has joined."""
    startup = json.loads(startup_file(home).read_text("utf-8"))
    return str(startup["client"]["fqsn"])
