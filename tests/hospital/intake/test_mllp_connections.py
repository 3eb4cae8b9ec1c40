"""The listener's connections: what ends one, and what is not answered. The records are played by a list."""

import asyncio

from wardround.hospital.mllp.listener import Limits, Listener
from wardround.interchange.hl7v2.acknowledgements import Result
from wardround.interchange.hl7v2.mllp import framed
from wardround.web.processes import listen

MESSAGE = b"MSH|^~\\&|LAB|A|EMR|B|20260203083000||ADT^A04|17|P|2.5.1\rPID|1\r"


class Kept:
    """Takes every message and keeps it."""

    def __init__(self):
        self.contents = []
        self.has_left = False

    def take(self, content, *, file, position):
        self.contents.append(content)
        return Result("accepted")

    def seal(self):
        pass

    def leave(self):
        self.has_left = True


def sent(*packets, limits=None, wait=True):
    """(all that came back until the listener closed, what was kept)"""
    kept = Kept()

    async def converse():
        listening = listen("127.0.0.1", port=0)
        started = asyncio.Event()
        listener = Listener(kept, limits=limits or Limits(idle_seconds=0.5, frame_seconds=0.5))
        running = asyncio.create_task(listener.run(listening, on_started=started.set))
        await started.wait()
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        for packet in packets:
            writer.write(packet)
            await writer.drain()
        back = await asyncio.wait_for(reader.read(), 30) if wait else b""
        writer.close()
        listener.stop()
        await asyncio.wait_for(running, 30)
        return back

    back = asyncio.run(converse())
    assert kept.has_left
    return back, kept.contents


def test_a_frame_that_never_ends_is_closed_and_nothing_of_it_is_kept():
    assert sent(framed(MESSAGE)[:-2], limits=Limits(idle_seconds=3600, frame_seconds=0.3)) == (b"", [])


def test_a_message_that_is_too_long_is_refused_by_name_and_the_connection_ends():
    back, kept = sent(framed(MESSAGE + b"x" * 1000), framed(MESSAGE), limits=Limits(message_bytes=500))

    assert b"MSA|AR|17|The message is longer than 500 bytes." in back
    assert back.count(b"MSA|") == 1
    assert kept == []


def test_an_empty_frame_and_an_acknowledgement_are_not_answered():
    acknowledgement = b"MSH|^~\\&|A|B|C|D|20260203083000||ACK^A04|9|P|2.5.1\rMSA|AA|1\r"

    assert sent(framed(b"\r"), framed(acknowledgement)) == (b"", [])


def test_a_sender_that_leaves_without_waiting_has_its_whole_message_taken_or_not_at_all():
    _, kept = sent(framed(MESSAGE), wait=False)

    assert kept in ([], [MESSAGE])
