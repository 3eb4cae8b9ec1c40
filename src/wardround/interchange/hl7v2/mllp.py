r"""MLLP framing of HL7 v2 over TCP: bytes come in, whole messages and broken frames go out (HL7's transport specification, MLLP R1).

A frame is 0x0B, the message, 0x1C 0x0D. What is not a whole frame is never handed out as a message:

- bytes before a start byte, other than line ends and spaces, are passed over and reported;
- two frames in one packet are two messages, one frame in many packets is one;
- 0x0B and `MSH` inside a frame begin a new one, and the frame before is broken (another 0x0B there is content);
- 0x1C without 0x0D after it is content, so a frame that lacks the 0x0D is broken by the next frame, or never ends;
- a frame of more than `most_bytes` breaks the stream: it cannot be told where the next one begins.
"""

from dataclasses import dataclass

MOST_BYTES = 16 * 1024 * 1024
_START, _END = b"\x0b", b"\x1c\r"
_NEXT = b"\x0bMSH"
_SPACE = b"\r\n \t\x00"
_HEAD_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Whole:
    """The content of one frame, as it was sent."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """Bytes that are no whole frame. `head` is how a broken frame began; bytes outside of frames have none."""

    fault: str  # a sentence
    head: bytes = b""


def framed(content: bytes) -> bytes:
    """The content in a frame."""
    return _START + content + _END


class Frames:
    """The frames of one connection. How long to wait for the rest of one is the caller's decision."""

    def __init__(self, *, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._buffer = bytearray()  # inside a frame: what follows its start byte
        self._looked = 0  # so far no end and no next start was found in the buffer
        self._stray = 0
        self.is_inside = False
        self.is_over = False  # the stream is broken: nothing more is read from it

    def feed(self, data: bytes) -> list[Whole | Broken]:
        """What these bytes complete, in the order of their arrival."""
        found: list[Whole | Broken] = []
        self._buffer += data
        while not self.is_over and self._step(found):
            pass
        if self.is_over:
            self._buffer.clear()
        return found

    def _step(self, found: list[Whole | Broken]) -> bool:
        """Take one thing from the buffer; False when the rest has to arrive first."""
        return self._step_inside(found) if self.is_inside else self._step_outside(found)

    def _step_outside(self, found: list[Whole | Broken]) -> bool:
        start = self._buffer.find(_START)
        before = self._buffer if start < 0 else self._buffer[:start]
        self._stray += len(before) - sum(before.count(byte) for byte in _SPACE)
        del self._buffer[: len(before) + 1]
        is_too_much = self._stray > self._most_bytes
        if self._stray and (start >= 0 or is_too_much):
            found.append(Broken(f"{self._stray} bytes stand outside of a frame, which begins with 0x0B."))
            self._stray = 0
        self.is_over = is_too_much
        self.is_inside = start >= 0
        return self.is_inside

    def _step_inside(self, found: list[Whole | Broken]) -> bool:
        end = self._buffer.find(_END, self._looked)
        following = self._buffer.find(_NEXT, self._looked, end if end >= 0 else len(self._buffer))
        # What may be the beginning of an end or of a start is not counted yet, so packets' borders make no difference.
        arrived = len(self._buffer) - len(_NEXT) + 1
        size = following if following >= 0 else end if end >= 0 else arrived
        if size > self._most_bytes:
            found.append(Broken(f"The message is longer than {self._most_bytes} bytes.", self._head()))
            self.is_over = True
            return False
        if following >= 0:
            found.append(Broken("The frame breaks off: another begins before 0x1C 0x0D.", self._head(following)))
            self._go_on(following + 1)
            return True
        if end >= 0:
            found.append(Whole(bytes(self._buffer[:end])))
            self._go_on(end + len(_END))
            self.is_inside = False
            return True
        self._looked = max(0, arrived)
        return False

    def _go_on(self, place: int) -> None:
        del self._buffer[:place]
        self._looked = 0

    def _head(self, end: int = _HEAD_BYTES) -> bytes:
        return bytes(self._buffer[: min(end, _HEAD_BYTES)])
