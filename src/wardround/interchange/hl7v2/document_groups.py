"""Which segments belong to a document of a message: TXA with the texts, files and comments around it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from wardround.interchange.hl7v2.messages import Segment


@dataclass
class Document:
    """A TXA with its content."""

    header: Segment
    content: list[Segment] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)


def documents_apart(segments: Iterable[Segment], *, content_follows: bool) -> tuple[list[Segment], list[Document]]:
    """(what belongs to no document, the documents). In MDM the content follows its TXA, in OUL one OBX stands before it."""
    rest: list[Segment] = []
    documents: list[Document] = []
    last = ""
    for segment in segments:
        if segment.name == "TXA":
            documents.append(Document(segment))
            if not content_follows:
                documents[-1].content = _taken_back(rest)
        elif documents and segment.name == "NTE" and (content_follows or last in ("TXA", "NTE of TXA")):
            documents[-1].notes.append(segment)
            last = "NTE of TXA"
            continue
        elif documents and segment.name == "OBX" and content_follows:
            documents[-1].content.append(segment)
        else:
            rest.append(segment)
        last = segment.name
    return rest, documents


def _taken_back(rest: list[Segment]) -> list[Segment]:
    """The OBX that ends what was read so far, with what is said of it between."""
    at = len(rest)
    while at and rest[at - 1].name in ("PRT", "NTE"):
        at -= 1
    return [rest.pop(at - 1)] if at and rest[at - 1].name == "OBX" else []
