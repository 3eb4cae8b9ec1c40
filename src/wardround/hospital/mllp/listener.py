"""The MLLP listener: connections, their limits and time-outs, answers in order, and a graceful end."""

import asyncio
import contextlib
import itertools
import logging
import socket
import ssl
import uuid
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import close_old_connections
from django.utils import timezone

from wardround.hospital.mllp.arrivals import Arrivals
from wardround.interchange.hl7v2.acknowledgements import Header, Result, acknowledgements
from wardround.interchange.hl7v2.mllp import MOST_BYTES, Broken, Frames, Whole, framed

T = TypeVar("T")
_READ_BYTES = 64 * 1024
_HANDSHAKE_SECONDS = 10.0
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """How much one listener bears."""

    connections: int = 32
    message_bytes: int = MOST_BYTES
    idle_seconds: float = 3600.0  # between two messages
    frame_seconds: float = 60.0  # from a message's first byte to its last, and for an answer to be taken


class Listener:
    """Serves a listening socket until `stop` is called."""

    def __init__(self, arrivals: Arrivals, *, limits: Limits, tls: ssl.SSLContext | None = None) -> None:
        self._arrivals = arrivals
        self._limits = limits
        self._tls = tls
        self._stopping = asyncio.Event()
        self._connections: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)
        # One thread writes: messages of all connections are stored one after the other, as the records are written anyway.
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mllp")

    def stop(self) -> None:
        """Take no more messages; the one under way is finished and acknowledged."""
        self._stopping.set()

    async def run(self, listening: socket.socket, *, on_started: Callable[[], None]) -> None:
        """Returns when `stop` was called and the last message is answered."""
        handshake = _HANDSHAKE_SECONDS if self._tls else None
        server = await asyncio.start_server(
            self._accept, sock=listening, ssl=self._tls, ssl_handshake_timeout=handshake
        )
        try:
            on_started()
            while not await self._stopped_within(1.0):
                await self._in_thread(self._arrivals.seal)
        finally:
            self._stopping.set()
            server.close()
            await asyncio.gather(*self._connections, return_exceptions=True)
            await self._in_thread(self._arrivals.leave)
            self._writer.shutdown()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self._stopping.is_set() or len(self._connections) >= self._limits.connections:
            _LOG.warning("A connection was closed: %d are open, which is as many as may be.", len(self._connections))
            writer.close()
            return
        self._connections.add(task)
        try:
            await self._serve(reader, writer)
        except (
            OSError,
            TimeoutError,
        ) as error:  # the other side went away; what it sent is stored or it sends it again
            _LOG.info("A connection ended: %s.", type(error).__name__)
        finally:
            self._connections.discard(task)
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), _HANDSHAKE_SECONDS)
            writer.transport.abort()  # who does not take an answer does not keep the listener from ending

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = Frames(most_bytes=self._limits.message_bytes)
        peer = (writer.get_extra_info("peername") or ("?",))[0]
        connection, number = next(self._numbers), 0
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._limits.idle_seconds
        while not frames.is_over:
            was_inside = frames.is_inside
            data = await self._unless_stopped(reader.read(_READ_BYTES), seconds=deadline - loop.time())
            if not data:
                return
            blocks = frames.feed(data)
            for block in blocks:
                if self._stopping.is_set():
                    return
                number += 1
                position = f"connection {connection}, message {number}"
                await self._answer(block, writer, file=f"MLLP from {peer}", position=position)
            if blocks or was_inside != frames.is_inside:
                seconds = self._limits.frame_seconds if frames.is_inside else self._limits.idle_seconds
                deadline = loop.time() + seconds
        if writer.can_write_eof():
            writer.write_eof()
        # Closing with bytes unread would reset the connection, and the refusal might not reach the sender.
        deadline = loop.time() + self._limits.frame_seconds
        while await self._unless_stopped(reader.read(_READ_BYTES), seconds=deadline - loop.time()):
            pass

    async def _answer(self, block: Whole | Broken, writer: asyncio.StreamWriter, *, file: str, position: str) -> None:
        if isinstance(block, Broken):
            _LOG.warning("Not a whole message (%s): %s", position, block.fault)
            if not Header(block.head).is_readable:
                return
            raw, result = block.head, Result("rejected", f"{block.fault} Nothing of it is stored; send it again.")
        elif not block.content.strip() or Header(block.content).is_acknowledgement:
            # An empty frame is how some senders ask whether anybody is there; and who answers an answer never ends.
            return
        else:
            raw = block.content
            result = await self._in_thread(lambda: self._arrivals.take(raw, file=file, position=position))
        for answer in acknowledgements(raw, result, time=timezone.localtime(), control_id=uuid.uuid4().hex[:17]):
            writer.write(framed(answer))
        await asyncio.wait_for(writer.drain(), self._limits.frame_seconds)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        def done() -> T:
            try:
                return work()
            finally:
                close_old_connections()  # one that is broken is made anew for the next message

        return await asyncio.get_running_loop().run_in_executor(self._writer, done)

    async def _stopped_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        return self._stopping.is_set()

    async def _unless_stopped(self, reading: Coroutine[Any, Any, bytes], *, seconds: float) -> bytes:
        """The bytes that arrive in time; none when they do not, or when the listener stops."""
        tasks = (asyncio.ensure_future(reading), asyncio.ensure_future(self._stopping.wait()))
        try:
            await asyncio.wait(tasks, timeout=max(0.0, seconds), return_when=asyncio.FIRST_COMPLETED)
            is_read = tasks[0].done() and not self._stopping.is_set()
            return tasks[0].result() if is_read else b""
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def tls_context(certificate: str, key: str, *, clients: str = "") -> ssl.SSLContext:
    """TLS 1.2 or newer with this certificate; with `clients`, only for senders whose certificate that file has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    if clients:
        context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
