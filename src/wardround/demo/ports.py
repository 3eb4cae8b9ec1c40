"""Ports for the five sides on this machine."""

import socket

from wardround.demo.folder import COORDINATOR, DemoError
from wardround.demo.source import PLACES

_SEARCHED = 200


def ports_from(first: int) -> dict[str, int]:
    """A free port for every side, the coordinator's first, as near behind ``first`` as there are free ones."""
    ports: dict[str, int] = {}
    port = first
    for side in (COORDINATOR, *PLACES):
        while not _is_free(port):
            port += 1
            if port > min(first + _SEARCHED, 65_000):
                raise DemoError(f"There are not five free ports from {first} on. Choose another range with --port.")
        ports[side] = port
        port += 1
    return ports


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
