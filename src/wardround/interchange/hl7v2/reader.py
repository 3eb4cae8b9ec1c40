"""Files of HL7 v2 messages, and what each message brings: one Draft or Reject per message."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from wardround.interchange.draft import Draft, Readings, Reject, Source
from wardround.interchange.errors import Unreadable
from wardround.interchange.files import Paths, empty_folders, named_files
from wardround.interchange.hl7v2.content import CONTENT, content_of
from wardround.interchange.hl7v2.context import context_of
from wardround.interchange.hl7v2.kept_segments import kept_segments
from wardround.interchange.hl7v2.merges import merge_of
from wardround.interchange.hl7v2.messages import Message, parse, pieces
from wardround.interchange.hl7v2.unmapped import unmapped_places
from wardround.interchange.mapping import Mapping

_VERSION = re.compile(r"2\.[1-8](\.\d{1,2})?", re.ASCII)
_PROCESSING = {"P": "as production", "T": "as training", "D": "as debugging"}
ENDINGS = (".hl7", ".hl7v2", ".txt", ".msg")


def read(paths: Paths, *, mapping: Mapping) -> Readings:
    """One Draft or Reject per message, in the order of files (by name) and messages."""
    yield from empty_folders(paths, endings=ENDINGS)
    for path in named_files(paths, endings=ENDINGS):
        try:
            with path.open("rb") as file:
                yield from _read_file(file, path.name, mapping)
        except OSError:
            yield Reject(Source(path.name, "file", path.name.encode()), "The file cannot be opened.")


def read_again(source: Source, *, mapping: Mapping) -> Readings:
    """Read one message from a quarantined, perhaps corrected Source; it keeps its place."""
    for reading in _read_file(io.BytesIO(source.raw), source.file, mapping):
        yield replace(reading, source=Source(source.file, source.position, reading.source.raw))


def _read_file(file: BinaryIO, name: str, mapping: Mapping) -> Iterator[Draft | Reject]:
    for number, piece in enumerate(pieces(file), 1):
        source = Source(name, f"message {number}", piece.raw)
        if piece.fault:
            yield Reject(source, f"The message cannot be read: {piece.fault}.")
            continue
        try:
            message = parse(piece.raw, encoding=mapping.encoding)
            unwanted = _unwanted(message, mapping)
            if unwanted:
                yield Reject(source, unwanted, is_unwanted=True)
                continue
            yield _draft(message, source, mapping)
        except Unreadable as error:
            yield Reject(source, f"The message cannot be read: {error}.")


def _unwanted(message: Message, mapping: Mapping) -> str:
    """Why a message is none for these records: MSH-11 marks training and debugging. Raises Unreadable for another version."""
    version = message.header.text(12)
    if version and _VERSION.fullmatch(version) is None:
        raise Unreadable("its version in MSH-12 is not one of 2.1 to 2.8")
    processing = message.header.text(11)
    if not processing or processing in mapping.processing_ids:
        return ""
    marked = _PROCESSING.get(processing)
    if marked is None:
        raise Unreadable("its processing id in MSH-11 is not P, T or D of HL7's table 0103")
    allowed = ", ".join(f'"{one}"' for one in mapping.processing_ids)
    return f"The message is marked {marked} (MSH-11). Those for these records are in the mapping's processing_ids: [{allowed}]."


def _draft(message: Message, source: Source, mapping: Mapping) -> Draft:
    """What a message brings, and the places that carry data and went nowhere. Raises Unreadable."""
    kind, event = message.kind
    readers = content_of(kind, event)
    if readers is None:
        known = ", ".join(f"{k} ({', '.join(sorted(events))})" for k, events in CONTENT.items())
        raise Unreadable(f"its type in MSH-9 is not one of {known}")
    context = context_of(message, mapping=mapping)
    resources = [resource for reader in (*readers, kept_segments) for resource in reader(context)]
    amendments = {n: context.amendments[id(r)] for n, r in enumerate(resources) if id(r) in context.amendments}
    merge = merge_of(context)
    return Draft(tuple(resources), source, unmapped=unmapped_places(message), merge=merge, amendments=amendments)
