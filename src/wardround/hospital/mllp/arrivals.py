"""What becomes of a message that arrived: the intake stores or quarantines it, and only then is there a result to send."""

import io
import logging
import time
from datetime import date

from django.db import OperationalError, connections
from django.utils import timezone

from wardround.hospital.intake.errors import NeedsMapping, NoSuchBatch
from wardround.hospital.intake.importing import Import, mapping_from
from wardround.hospital.intake.models import QuarantineItem
from wardround.interchange import hl7v2
from wardround.interchange.draft import Draft, Reject, Source
from wardround.interchange.hl7v2.acknowledgements import Result
from wardround.interchange.hl7v2.messages import pieces
from wardround.web.audit.actor import Actor
from wardround.web.audit.sealing import seal_pending

_FORM = "hl7v2"
_SEAL_SECONDS = 1.0
_BUSY = Result("rejected", "The records are busy. Nothing of this message is stored; send it again.", error="206")
_FAULT = Result("rejected", "The node could not store this message. Nothing of it is stored; send it again later.")


class Arrivals:
    """Takes messages one at a time, from one thread.

    One batch per day and run of the listener: a connection lasts for one message with some senders and for months with
    others, and a day is what a steward would want to look at, or to undo, as a whole.
    """

    def __init__(self, *, mapping_text: str, by: Actor) -> None:
        if mapping_from(mapping_text, form=_FORM).format != _FORM:
            raise NeedsMapping('The mapping is of another format; a listener\'s has format = "hl7v2".')
        self._mapping_text = mapping_text
        self._by = by
        self._batch: Import | None = None
        self._day: date | None = None
        self._sealed = 0.0

    def take(self, content: bytes, *, file: str, position: str) -> Result:
        """Store or quarantine one message. Never raises: what went wrong is a result that accepts nothing."""
        try:
            return self._take(Source(file, position, content))
        except OperationalError:
            logging.getLogger(__name__).warning("The database was busy or away; a message was sent back.")
            return _BUSY
        except Exception as error:  # noqa: BLE001 - a sender is answered whatever happens; its text may hold patient data
            logging.getLogger(__name__).error("A message could not be stored: %s.", type(error).__name__)  # noqa: TRY400
            return _FAULT

    def seal(self) -> None:
        """Chain what was written in the audit trail, at most once in a second."""
        if time.monotonic() - self._sealed >= _SEAL_SECONDS:
            self._sealed = time.monotonic()
            try:
                seal_pending()
            except OperationalError:  # the next one seals it
                logging.getLogger(__name__).warning("The database was busy; the audit trail is sealed later.")

    def finish(self) -> None:
        """Write down that the batch is complete."""
        if self._batch is not None:
            self._batch.finish()
            self._batch = None

    def leave(self) -> None:
        """The last call of this thread: finish, and give the database connection back."""
        try:
            self.finish()
        except OperationalError:
            logging.getLogger(__name__).warning("The database was busy; the batch stays without its counts.")
        finally:
            connections.close_all()

    def _take(self, source: Source) -> Result:
        batch = self._open_batch()
        reading = _read(source, batch)
        if isinstance(reading, Reject) and reading.is_unwanted:
            return Result("rejected", reading.reason, error="202")
        try:
            report, item = batch.take_one(reading)
        except NoSuchBatch:  # it was undone while the listener ran; what arrives now is not part of it
            self._batch = None
            report, item = self._open_batch().take_one(reading)
        if item is not None and item.state == QuarantineItem.State.OPEN:
            return Result("error", f"Refused, and kept as number {item.pk} in quarantine. {item.reason}")
        if item is None and report.quarantined:
            return _FAULT
        return Result("accepted")  # stored now or before, or a steward has replayed it since

    def _open_batch(self) -> Import:
        today = timezone.localdate()
        if self._batch is None or self._day != today:
            self.finish()
            batch = Import(form=_FORM, mapping_text=self._mapping_text, by=self._by, goes_on=True)
            batch.start([f"MLLP, {today.isoformat()}"])
            self._batch, self._day = batch, today
        return self._batch


def _read(source: Source, batch: Import) -> Draft | Reject:
    number = sum(1 for _ in pieces(io.BytesIO(source.raw)))
    if number != 1:
        return Reject(source, f"The frame holds {number or 'no'} messages; it may hold one, which begins with MSH.")
    return next(hl7v2.read_again(source, mapping=batch.mapping))
