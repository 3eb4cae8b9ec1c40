"""What an operator must know of this home: processes, database, disk, the sealer, keys, and how it is kept safe."""

import hashlib
import hmac
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext

from wardround import __version__
from wardround.federation.identity import fingerprint
from wardround.hospital.mllp.configured import BadListener, listeners_of
from wardround.hospital.records.models import DataKey
from wardround.hospital.roles import require
from wardround.web.audit.queries import ChainEnd, chain_end
from wardround.web.audit.trail import record_one
from wardround.web.home import SymmetricKey
from wardround.web.layout.said import said
from wardround.web.processes import running

_SEAL_SECONDS = 60  # the sealer works each second; so long after it nothing seals
_FREE_SHARE = 0.1
_GIGABYTE = 1e9


@dataclass(frozen=True)
class Process:
    """One process that `serve` keeps running."""

    name: str
    pid: int | None  # None: it should run and does not


@dataclass(frozen=True)
class Key:
    """A key of this home by its name and a short id; never the key."""

    name: str
    purpose: str
    id: str
    made: datetime | None


@dataclass(frozen=True)
class Health:
    """One look at the home."""

    version: str
    processes: tuple[Process, ...]
    listeners: int
    listeners_wrong: str
    database: str
    database_bytes: int | None
    free_gigabytes: float
    total_gigabytes: float
    disk_is_low: bool
    chain: ChainEnd
    seals: bool
    keys: tuple[Key, ...]
    patient_keys: int


def health(somebody: object) -> Health:
    """Raises `NotAllowed`."""
    actor = require(somebody, "operate")
    home = settings.HOME
    disk = shutil.disk_usage(home.path)
    chain = chain_end()
    listeners, wrong = _listeners()
    looked = Health(
        version=__version__,
        processes=_processes(),
        listeners=listeners,
        listeners_wrong=wrong,
        database="PostgreSQL" if connection.vendor == "postgresql" else "SQLite",
        database_bytes=_size(home.database),
        free_gigabytes=disk.free / _GIGABYTE,
        total_gigabytes=disk.total / _GIGABYTE,
        disk_is_low=disk.free < disk.total * _FREE_SHARE,
        chain=chain,
        seals=not chain.unsealed or _is_fresh(chain.signed),
        keys=tuple(_keys()),
        patient_keys=DataKey.objects.exclude(subject="").count(),
    )
    record_one(actor, "health.read")
    return looked


def _processes() -> tuple[Process, ...]:
    home = settings.HOME
    names = sorted({path.stem for path in home.run.glob("*.pid")} | {"serve", "web", "worker"})
    found = [(name, running(home, name=name)) for name in names]
    return tuple(Process(name=name, pid=one.pid if one else None) for name, one in found)


def _listeners() -> tuple[int, str]:
    try:
        return len(listeners_of(settings.HOME)), ""
    except BadListener as error:
        return 0, said(error)


def _size(path: Path) -> int | None:
    files = [path, path.with_name(f"{path.name}-wal")]
    return sum(file.stat().st_size for file in files if file.exists()) if path.exists() else None


def _is_fresh(signed: datetime | None) -> bool:
    return signed is not None and (timezone.now() - signed).total_seconds() < _SEAL_SECONDS


def _keys() -> list[Key]:
    """A symmetric key's id is a keyed hash of a fixed text: it tells two keys apart and says nothing of either."""
    home = settings.HOME
    purposes: dict[SymmetricKey, str] = {
        "kek": gettext("wraps the data key of every patient"),
        "index": gettext("makes the search keys of names, numbers and birth dates"),
        "mac": gettext("authenticates every event of the audit trail"),
        "django": gettext("signs cookies"),
    }
    keys = [
        Key(name, purpose, hmac.new(home.key(name), b"wardround key id", hashlib.sha256).hexdigest()[:8], _made(path))
        for name, purpose in purposes.items()
        for path in [home.keys / f"{name}.key"]
    ]
    identity = fingerprint(home.identity_key().public_key())
    sealing = fingerprint(home.sealing_key().public_key())
    keys.append(
        Key(
            "identity",
            gettext("signs what leaves this hospital and the audit trail"),
            identity,
            _made(home.identity_path),
        )
    )
    keys.append(
        Key("sealing", gettext("opens the models that are sealed for this hospital"), sealing, _made(home.sealing_path))
    )
    return keys


def _made(path: Path) -> datetime | None:
    return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC) if path.exists() else None
