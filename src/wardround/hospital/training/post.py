"""Letters over HTTP: to the coordinator's site and back. Outbound only; every letter is checked by its signature."""

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime
from urllib.parse import urlsplit

from wardround.federation.joining import LARGEST, write_proof
from wardround.web.home import Home

_SECONDS = 10


class PostError(Exception):
    """The coordinator's site did not take or give the letter; the message says why."""


def send_request(web: str, *, letter: bytes) -> str:
    """Hand in a join request; where the coordinator now has it ("requested", "member")."""
    reply = json.loads(_ask(web, path="/federation/join", body=letter))
    return str(reply["standing"])


def fetch_admission(web: str, *, hospital: str) -> bytes:
    """The signed admission. Raises PostError while the operator has not admitted the hospital."""
    return _ask(web, path=f"/federation/admissions/{hospital}")


def fetch_publications(web: str, *, home: Home) -> list[bytes]:
    """The signed publications for this hospital, oldest first."""
    path = f"{urlsplit(web).path.rstrip('/')}/federation/studies"
    proof = write_proof(path, key=home.identity_key(), now=datetime.now(UTC))
    reply = json.loads(_ask(web, path="/federation/studies", headers={"Authorization": f"Wardround {proof}"}))
    return [str(letter).encode() for letter in reply["publications"]]


def _ask(web: str, *, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
    if urlsplit(web).scheme not in ("https", "http"):
        raise PostError(f"{web!r} is not a web address of the coordinator, such as https://coordinator.example.")
    request = urllib.request.Request(web.rstrip("/") + path, data=body, headers=headers or {})  # noqa: S310 - checked above
    if body is not None:
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as reply:  # noqa: S310 - checked above
            data: bytes = reply.read(LARGEST * 50)
            return data
    except urllib.error.HTTPError as error:
        raise PostError(_refusal(error)) from error
    except (urllib.error.URLError, OSError, TimeoutError) as error:
        raise PostError(
            f"The coordinator's site at {web} does not answer: {getattr(error, 'reason', error)}."
        ) from error


def _refusal(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read(100_000))["refused"])
    except (ValueError, LookupError, TypeError):
        return f"The coordinator's site answered with status {error.code}."
