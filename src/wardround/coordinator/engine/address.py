"""Where hospitals reach this coordinator."""

import json
from dataclasses import asdict, dataclass

from wardround.federation.durable import write_whole
from wardround.web.home import Home


@dataclass(frozen=True)
class Address:
    """The engine's host and port, and the web address (empty when studies travel as files)."""

    host: str
    port: int
    web: str


def address_of(home: Home) -> Address:
    return Address(**json.loads((home.engine / "address.json").read_text("utf-8")))


def set_address(home: Home, address: Address) -> None:
    write_whole(home.engine / "address.json", json.dumps(asdict(address)).encode())
