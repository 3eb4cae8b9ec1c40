"""The home folder of one side: its configuration, keys, database and everything it keeps."""

import os
import re
import secrets
import shutil
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

Kind = Literal["hospital", "coordinator"]
SymmetricKey = Literal["kek", "index", "mac", "django"]

FOLDERS = ("keys", "cohorts", "models", "receipts", "engine", "logs", "run")
SYMMETRIC_KEYS: tuple[SymmetricKey, ...] = ("kek", "index", "mac", "django")
_UNFINISHED = ".unfinished"


class HomeError(Exception):
    """The folder cannot be used as a home; the message says what to do."""


class NotAHome(HomeError):
    """The folder is not a finished home."""


class AlreadyAHome(HomeError):
    """The folder already holds something, so no new home is made there."""


@dataclass(frozen=True)
class Home:
    """One side's folder. Make it with `Home.create`, open it with `Home.load`."""

    path: Path
    id: str
    kind: Kind
    name: str
    slug: str
    locale: str = "en"
    time_zone: str = "UTC"
    ports: dict[str, int] = field(default_factory=dict)

    @classmethod
    def create(
        cls,
        path: Path | str,
        *,
        kind: Kind,
        name: str,
        locale: str = "en",
        time_zone: str = "UTC",
        slug: str = "",
        ports: dict[str, int] | None = None,
        prepare: "Callable[[Home], None] | None" = None,
    ) -> "Home":
        """Make a new home. `prepare(home)` may fill it (the database); when anything fails nothing of it remains."""
        folder = Path(path).expanduser().resolve()
        if not name.strip():
            raise HomeError('A home needs a name, for example --name "Budapest".')
        _clear_unfinished(folder)
        if (folder / "config.toml").exists():
            raise AlreadyAHome(f"{folder} is already a home. Choose another folder, or delete this one first.")
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise AlreadyAHome(f"{folder} is not an empty folder. Choose a folder that is empty or does not exist yet.")
        home = cls(
            path=folder,
            id=secrets.token_hex(6),
            kind=kind,
            name=name.strip(),
            slug=slug or slug_of(name),
            locale=locale,
            time_zone=time_zone,
            ports=dict(ports or {}),
        )
        try:
            _lay_out(home)
            if prepare is not None:
                prepare(home)
            (folder / _UNFINISHED).unlink()
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise HomeError(f"{folder} could not be made: {error.strerror or error}.") from error
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return home

    @classmethod
    def load(cls, path: Path | str, *, unfinished: bool = False) -> "Home":
        """Open an existing home; `unfinished` is for the settings of the process that is making it."""
        folder = Path(path).expanduser().resolve()
        config_path = folder / "config.toml"
        if not config_path.is_file() or ((folder / _UNFINISHED).exists() and not unfinished):
            raise NotAHome(
                f"{folder} is not a home. Make one with `wardround hospital init --home {folder} --name NAME`."
            )
        try:
            config = tomllib.loads(config_path.read_text("utf-8"))
            return cls(
                path=folder,
                id=config["id"],
                kind=config["kind"],
                name=config["name"],
                slug=config["slug"],
                locale=config["locale"],
                time_zone=config["time_zone"],
                ports=dict(config.get("ports", {})),
            )
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise NotAHome(f"{config_path} is not readable TOML: {error}.") from error
        except KeyError as error:
            raise NotAHome(f"{config_path} lacks the entry {error.args[0]!r}.") from error

    @property
    def database(self) -> Path:
        return self.path / "wardround.sqlite3"

    @property
    def keys(self) -> Path:
        return self.path / "keys"

    @property
    def cohorts(self) -> Path:
        return self.path / "cohorts"

    @property
    def models(self) -> Path:
        return self.path / "models"

    @property
    def receipts(self) -> Path:
        return self.path / "receipts"

    @property
    def engine(self) -> Path:
        return self.path / "engine"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def identity_path(self) -> Path:
        """The Ed25519 identity (PKCS#8 PEM) that signs what this side sends and seals its audit trail."""
        return self.keys / "identity.pem"

    @property
    def sealing_path(self) -> Path:
        """The X25519 key (PKCS#8 PEM) to which models are sealed for this side."""
        return self.keys / "sealing.pem"

    def key(self, name: SymmetricKey) -> bytes:
        """A 32-byte key: kek wraps data keys, index hashes search keys, mac authenticates audit, django signs cookies."""
        try:
            key = (self.keys / f"{name}.key").read_bytes()
        except OSError as error:
            raise NotAHome(f"The key {name} of {self.path} cannot be read: {error.strerror}.") from error
        if len(key) != 32:
            raise NotAHome(
                f"The key {name} of {self.path} has {len(key)} bytes instead of 32. Restore it from the backup."
            )
        return key

    def identity_key(self) -> Ed25519PrivateKey:
        key = serialization.load_pem_private_key(self.identity_path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise NotAHome(f"{self.identity_path} is not an Ed25519 key.")
        return key

    def sealing_key(self) -> X25519PrivateKey:
        key = serialization.load_pem_private_key(self.sealing_path.read_bytes(), password=None)
        if not isinstance(key, X25519PrivateKey):
            raise NotAHome(f"{self.sealing_path} is not an X25519 key.")
        return key


def slug_of(name: str) -> str:
    """A name as it may stand in a URI: "Zürich / Basel" -> "zurich-basel"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "home"


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read (0600 from the first byte)."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _lay_out(home: Home) -> None:
    home.path.mkdir(parents=True, exist_ok=True)
    home.path.chmod(0o700)
    (home.path / _UNFINISHED).touch()
    for folder in FOLDERS:
        (home.path / folder).mkdir(mode=0o700)
    for name in SYMMETRIC_KEYS:
        write_private(home.keys / f"{name}.key", secrets.token_bytes(32))
    write_private(home.identity_path, _pem(Ed25519PrivateKey.generate()))
    write_private(home.sealing_path, _pem(X25519PrivateKey.generate()))
    (home.path / "config.toml").write_text(_config_text(home), "utf-8")


def _pem(key: Ed25519PrivateKey | X25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _config_text(home: Home) -> str:
    entries = ("id", "kind", "name", "slug", "locale", "time_zone")
    lines = [f"{entry} = {_toml_string(getattr(home, entry))}" for entry in entries]
    ports = [f"{name} = {port:d}" for name, port in sorted(home.ports.items())]
    return "\n".join([*lines, "", "[ports]", *ports, ""])


def _toml_string(text: str) -> str:
    escaped = "".join(f"\\u{ord(c):04x}" if ord(c) < 0x20 or c in '"\\\x7f' else c for c in text)
    return f'"{escaped}"'


def _clear_unfinished(folder: Path) -> None:
    # A start that was killed leaves its marker; nobody can have used that home, so it is made anew.
    if (folder / _UNFINISHED).exists():
        shutil.rmtree(folder)
