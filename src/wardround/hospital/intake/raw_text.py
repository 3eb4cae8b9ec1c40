"""The raw bytes of a message in a box where people type, and back, with the line ends that they came with."""

import re

_LINE_END = re.compile(r"\r\n|\r|\n")
# A box of a browser cannot hold these and give them back.
_UNTYPABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def text_of(raw: bytes) -> str | None:
    """The bytes as text; None where they are no UTF-8 text, or hold signs that cannot be typed."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if _UNTYPABLE.search(text) else text


def bytes_of(typed: str, *, like: bytes) -> bytes | None:
    """What was typed with the line ends of `like` (a browser sends CR LF for each); None where nothing was changed."""
    before = text_of(like) or ""
    if _LINE_END.sub("\n", typed) == _LINE_END.sub("\n", before):
        return None
    ends = _LINE_END.findall(before)
    end = max(("\n", "\r", "\r\n"), key=ends.count)
    return _LINE_END.sub(lambda _found: end, typed).encode("utf-8")
