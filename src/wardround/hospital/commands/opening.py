"""How a command of the hospital opens its home: refusals become sentences, and the audit trail is sealed at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from wardround.web.command_line import open_site, sentences
from wardround.web.home import Home

if TYPE_CHECKING:
    from wardround.web.audit.actor import Actor


@contextmanager
def opened(home: Path, *, as_json: bool, refusals: Callable[[], tuple[type[Exception], ...]] = tuple) -> Iterator[Home]:
    """Open the home; refuse with a sentence; seal what the command wrote in the audit trail.

    `refusals` gives what else may be refused; it is asked when Django has started, before which nothing can be imported.
    """
    with sentences(as_json=as_json):
        site = open_site(home, kind="hospital")
        from django.db import OperationalError

        from wardround.clinical.errors import ClinicalError
        from wardround.hospital.intake.errors import IntakeError
        from wardround.hospital.records.access import AccessError
        from wardround.hospital.records.errors import RecordError
        from wardround.hospital.records.keyring import KeyringError
        from wardround.interchange.errors import InterchangeError
        from wardround.web.accounts.actions import AccountError
        from wardround.web.accounts.scopes import ScopeError

        known = (ClinicalError, IntakeError, AccessError, RecordError, KeyringError, InterchangeError)
        everywhere = (AccountError, ScopeError, OperationalError, OSError)
        with sentences(*known, *everywhere, *refusals(), as_json=as_json):
            try:
                yield site
            finally:
                seal()


def seal() -> None:
    """Chain and sign what the command wrote in the audit trail."""
    from wardround.web.audit.sealing import seal_pending

    seal_pending()


def by_command(command: str) -> "Actor":
    """The system as the actor of a command."""
    from wardround.web.audit.actor import system_actor

    return system_actor(f"command {command}")


def mapping_text(path: Path) -> str:
    """The text of a mapping file; a mistake in it is refused with its place, before anything is written."""
    from wardround.interchange.mapping import read_mapping

    read_mapping(path)
    return path.read_text("utf-8")
