"""Which database a side keeps its tables in: the file in its home, or the PostgreSQL that WARDROUND_DATABASE_URL names."""

from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from wardround.web.home import Home

VARIABLE = "WARDROUND_DATABASE_URL"
EXAMPLE = f"{VARIABLE}=postgresql://wardround:secret@db.hospital.example:5432/budapest"
_SCHEMES = frozenset({"postgresql", "postgres"})
# A host in the query is a folder of sockets: postgresql:///budapest?host=/var/run/postgresql
_IN_THE_QUERY = frozenset({"host", "port", "user", "sslmode", "sslrootcert", "sslcert", "sslkey", "passfile"})

# A statement that takes longer is stopped by the database; a write waits as long for another as SQLite's would.
STATEMENT_TIMEOUT_SECONDS = 60
LOCK_TIMEOUT_SECONDS = 20


def database_of(home: Home, *, url: str) -> dict[str, Any]:
    """Django's settings of the database. Raises `ImproperlyConfigured`, with an example and without the password."""
    return _postgresql(url) if url else _sqlite(home)


def _sqlite(home: Home) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": home.database,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # 64 MiB of pages in memory: an import touches pages all over a large store, and 2 MiB would be read and
            # written several times in one transaction.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; "
            "PRAGMA cache_size=-65536;",
        },
    }


def _postgresql(url: str) -> dict[str, Any]:
    parts, port = _parts(url)
    query = dict(parse_qsl(parts.query))
    if unknown := sorted(query.keys() - _IN_THE_QUERY):
        raise _bad(f"does not know {', '.join(unknown)}; after the question mark may stand {_listed()}")
    name = unquote(parts.path.removeprefix("/"))
    if not name or "/" in name:
        raise _bad("does not name one database after the host")
    timeouts = {
        "statement_timeout": STATEMENT_TIMEOUT_SECONDS,
        "lock_timeout": LOCK_TIMEOUT_SECONDS,
        "idle_in_transaction_session_timeout": STATEMENT_TIMEOUT_SECONDS,
    }
    connecting = {key: value for key, value in query.items() if key not in {"host", "port", "user"}}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": query.get("user", unquote(parts.username or "")),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": query.get("port", str(port or "")),
        # Each request of the ASGI server has a thread of its own, so a connection kept for the next one would be lost.
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            "connect_timeout": 10,
            "application_name": "wardround",
            # Read committed: whoever writes records holds other writers off first (records/one_writer.py), so each
            # statement of a write sees all that was written before it.
            "options": " ".join(f"-c {key}={seconds}s" for key, seconds in timeouts.items()),
            **connecting,
        },
    }


def _parts(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _bad("is not an address") from None
    if parts.scheme not in _SCHEMES:
        raise _bad("does not begin with postgresql://")
    return parts, port


def _listed() -> str:
    return ", ".join(sorted(_IN_THE_QUERY))


def _bad(wrong: str) -> ImproperlyConfigured:
    # The address holds a password, so the sentence does not repeat it.
    return ImproperlyConfigured(f"{VARIABLE} {wrong}. For example: {EXAMPLE}. Leave it out to use the home's own file.")
