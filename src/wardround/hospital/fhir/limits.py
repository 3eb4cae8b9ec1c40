"""How long one request may take: a statement that runs on is interrupted by the database itself, and the rest refused."""

import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection

from wardround.hospital.fhir.errors import FhirError

_SQLITE_STEPS = 20_000  # of its virtual machine, between two looks at the clock: some milliseconds
_ENDS = ("ROLLBACK", "RELEASE", "SAVEPOINT", "SET STATEMENT_TIMEOUT")  # what ends a transaction is never refused
_log = logging.getLogger(__name__)


class TookTooLong(FhirError):
    status = 503
    code = "too-costly"


class Busy(FhirError):
    status = 503
    code = "throttled"


class TimeLimit:
    """The clock of one request."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._set_to = 0.0
        self._is_setting = False

    @property
    def left(self) -> float:
        return self._until - time.monotonic()

    def check(self) -> None:
        """Raises `TookTooLong` once the time is over."""
        if self.left <= 0:
            raise TookTooLong(
                f"This took longer than {self._seconds:g} seconds and was stopped. "
                "Narrow it: fewer criteria, a smaller page, or fewer entries."
            )

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: Any, context: dict[str, Any]) -> Any:
        """Around every statement (a Django execute wrapper)."""
        if not self._is_setting and not str(sql).upper().startswith(_ENDS):
            self.check()
            self._tell_the_database()
        return execute(sql, params, many, context)

    def _tell_the_database(self) -> None:
        left = self.left
        if self._set_to and (connection.vendor != "postgresql" or left > self._set_to / 2):
            return
        self._set_to = left
        if connection.vendor == "sqlite":
            connection.connection.set_progress_handler(lambda: self.left <= 0, _SQLITE_STEPS)
            return
        self._is_setting = True
        try:
            with connection.cursor() as cursor:
                # Rounded up: when the database stops a statement, the clock of the request is over too.
                cursor.execute("SET statement_timeout = %s", [max(1, math.ceil(left * 1000) + 1)])
        finally:
            self._is_setting = False

    def end(self) -> None:
        """Take back what the database was told."""
        if not self._set_to or connection.connection is None:
            return
        if connection.vendor == "sqlite":
            connection.connection.set_progress_handler(None, 0)
            return
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")


@contextmanager
def within_time() -> Iterator[TimeLimit]:
    """Raises `TookTooLong`, and `Busy` where the database itself could not take its turn in time."""
    limit = TimeLimit(settings.FHIR_MOST_SECONDS)
    try:
        with connection.execute_wrapper(limit):
            yield limit
    except OperationalError as error:
        # An interrupted statement says so in each database's own words; the clock says it in one.
        limit.check()
        _log.error("The database did not answer a request: %s", type(error.__cause__ or error).__name__)
        raise Busy(
            "The database is busy. Send the same again in a few seconds.", headers={"Retry-After": "5"}
        ) from None
    finally:
        limit.end()
