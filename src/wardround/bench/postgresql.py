"""A PostgreSQL of its own for one run of a benchmark or of the tests: made, started, and gone with its folder."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PROGRAMS = ("initdb", "pg_ctl", "postgres")
_DEBIAN = Path("/usr/lib/postgresql")
_OWNERS = ("postgres", "nobody")  # the server refuses to run as root
_DATABASE = "wardround"


class NoPostgreSQL(Exception):
    """This machine has no PostgreSQL server to start; the message says what to install."""


def programs() -> Path:
    """The folder of the newest server's programs. Raises `NoPostgreSQL`."""
    on_path = shutil.which("initdb")
    debian = sorted(_DEBIAN.glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    for folder in [*debian, *([Path(on_path).resolve().parent] if on_path else [])]:
        if all((folder / name).is_file() for name in _PROGRAMS):
            return folder
    raise NoPostgreSQL("initdb and pg_ctl are missing. Install the system's PostgreSQL server, on Debian: postgresql.")


@contextmanager
def private_postgresql(*, durable: bool) -> Iterator[str]:
    """The address (WARDROUND_DATABASE_URL) of a fresh server that listens on a socket in a folder of its own only.

    `durable` False is for tests: a commit does not wait for the disk.
    """
    bin_folder, folder = programs(), Path(tempfile.mkdtemp(prefix="wardround-pg-"))
    own = _Unprivileged(folder)
    try:
        own.run(bin_folder / "initdb", "-D", "data", "-U", _DATABASE, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        own.run(bin_folder / "pg_ctl", "-D", "data", "-w", "-l", "server.log", "-o", _options(folder, durable), "start")
        try:
            yield f"postgresql://{_DATABASE}@/postgres?host={folder}"
        finally:
            own.run(bin_folder / "pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _options(folder: Path, durable: bool) -> str:  # noqa: FBT001 - one setting, passed on
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "fsync": "on" if durable else "off",
        "synchronous_commit": "on" if durable else "off",
        "shared_buffers": "512MB" if durable else "64MB",
        "max_wal_size": "4GB",
    }
    return " ".join(f"-c {name}='{value}'" for name, value in settings.items())


class _Unprivileged:
    """Runs programs in a folder as a user who is not root."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._user: int | None = None
        self._group: int | None = None
        if os.geteuid() == 0:
            owner = next((entry for name in _OWNERS if (entry := _entry(name))), None)
            if owner is None:
                raise NoPostgreSQL("root may not run a PostgreSQL server, and there is no user postgres or nobody.")
            self._user, self._group = owner.pw_uid, owner.pw_gid
            os.chown(folder, owner.pw_uid, owner.pw_gid)

    def run(self, program: Path, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603 - the system's own programs, found above
            [program, *arguments],
            cwd=self._folder,
            user=self._user,
            group=self._group,
            extra_groups=[] if self._user is not None else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=120,
        )
        if done.returncode:
            raise NoPostgreSQL(f"{program.name} failed: {done.stderr.strip()[-500:]}")


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
