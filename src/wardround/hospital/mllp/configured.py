"""The listeners that `serve` keeps running: `listeners.toml` in the home. No Django.

[[listener]]
port = 2575
mapping = "laboratory.toml"      # beside this file, or a whole path
host = "127.0.0.1"
certificate = "node.pem"         # with key: TLS; with clients: only senders whose certificate it signed
key = "node.key"
clients = "senders.pem"
"""

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from wardround.web.home import Home
from wardround.web.processes import Child

FILE = "listeners.toml"
_FILES = ("mapping", "certificate", "key", "clients")


class BadListener(Exception):
    """listeners.toml cannot be used; the message says where and what would be right."""


@dataclass(frozen=True)
class ConfiguredListener:
    """One listener as the file has it."""

    port: int
    host: str = "127.0.0.1"
    mapping: str = ""
    certificate: str = ""
    key: str = ""
    clients: str = ""


def listeners_of(home: Home) -> list[ConfiguredListener]:
    """The listeners of this home; none without the file. Raises `BadListener`."""
    path = home.path / FILE
    if not path.is_file():
        return []
    try:
        entries = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadListener(f"{path} is not readable TOML: {error}.") from error
    tables = entries.get("listener", [])
    if set(entries) - {"listener"} or not isinstance(tables, list):
        raise BadListener(f"{path} holds [[listener]] tables and nothing else.")
    found = [_listener(table, number=number, home=home) for number, table in enumerate(tables, 1)]
    ports = [one.port for one in found]
    if twice := sorted({port for port in ports if ports.count(port) > 1}):
        raise BadListener(f"{path} names the port {twice[0]} twice; each listener has one of its own.")
    return found


def listener_child(home: Home, listener: ConfiguredListener) -> Child:
    """A listener as one of the hospital's processes."""
    words = ["hospital", "listen", "--home", str(home.path), "--host", listener.host, "--port", str(listener.port)]
    for name in _FILES:
        if file := getattr(listener, name):
            words += [f"--{name}", file]
    command = (sys.executable, "-m", "wardround.cli", *words)
    return Child(name=f"listener-{listener.port}", command=lambda: command)


def _listener(table: object, *, number: int, home: Home) -> ConfiguredListener:
    where = f"Listener {number} of {home.path / FILE}"
    if not isinstance(table, dict):
        raise BadListener(f"{where} is no table; write [[listener]].")
    if unknown := sorted(set(table) - {"port", "host", *_FILES}):
        raise BadListener(f"{where} has {unknown[0]!r}; it may have port, host, {', '.join(_FILES)}.")
    port = table.get("port")
    if not isinstance(port, int) or isinstance(port, bool) or not 0 < port < 65_536:
        raise BadListener(f"{where} needs a port from 1 to 65535, for example port = 2575.")
    texts = {name: table.get(name, "") for name in ("host", *_FILES) if name in table}
    if wrong := [name for name, text in texts.items() if not isinstance(text, str) or not text]:
        raise BadListener(f"{where} has a {wrong[0]} that is no text.")
    if ("certificate" in texts) != ("key" in texts):
        raise BadListener(f"{where} needs certificate and key together for TLS.")
    for name in _FILES:
        if name in texts:
            file = home.path / Path(texts[name])  # a whole path stays what it is
            if not file.is_file():
                raise BadListener(f"{where} names a {name} that is not there: {file}.")
            texts[name] = str(file)
    return ConfiguredListener(port=port, **texts)
