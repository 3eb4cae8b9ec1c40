"""What an operator has ordered of a run, as a file in the run's folder: the pages write it, whoever leads the run obeys. No Django."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from wardround.federation.durable import write_whole

ORDERS = "orders.json"
BEFORE_THE_START = -1  # the round of an order that is given while a run waits for its hospitals to connect


@dataclass(frozen=True, kw_only=True)
class Order:
    """Who ordered it, why and when. `round` is the one it was given in."""

    by: str
    reason: str
    given: datetime
    round: int


@dataclass(frozen=True, kw_only=True)
class RunOrders:
    """All that is ordered at present. `resume` is the last time a pause was ended."""

    pause: Order | None = None
    resume: Order | None = None
    close: Order | None = None
    stop: Order | None = None


def read_orders(folder: Path) -> RunOrders:
    """What is ordered now; nothing where nobody ever ordered anything."""
    try:
        written = json.loads((folder / ORDERS).read_text("utf-8"))
    except FileNotFoundError:
        return RunOrders()
    return RunOrders(**{name: _order(entry) for name, entry in written.items()})


def write_orders(folder: Path, orders: RunOrders) -> None:
    """Returns when the disk has it, whole."""
    written = {name: entry and {**entry, "given": entry["given"].isoformat()} for name, entry in asdict(orders).items()}
    write_whole(folder / ORDERS, json.dumps(written, indent=1).encode())


def _order(entry: dict[str, Any] | None) -> Order | None:
    return None if entry is None else Order(**{**entry, "given": datetime.fromisoformat(entry["given"])})
