"""Invitations that were written and not yet answered, encrypted under the coordinator's own key: each holds a secret."""

from pathlib import Path

from wardround.web.home import Home
from wardround.web.sealed_file import read_sealed, write_sealed


def keep_invitation(home: Home, *, name: str, letter: bytes) -> None:
    """Until the hospital has asked to join, the letter can be handed out again."""
    path = _path(home, name=name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_sealed(path, letter, home=home, purpose=_purpose(name))


def kept_invitation(home: Home, *, name: str) -> bytes | None:
    """The letter, or None where there is none (any more). Raises SealedFileError when the file was changed."""
    path = _path(home, name=name)
    return read_sealed(path, home=home, purpose=_purpose(name)) if path.exists() else None


def forget_invitation(home: Home, *, name: str) -> None:
    """The secret has done its work."""
    _path(home, name=name).unlink(missing_ok=True)


def _path(home: Home, *, name: str) -> Path:
    return home.engine / "invitations" / f"{name}.sealed"


def _purpose(name: str) -> str:
    return f"invitation of {name}"
