"""Attachments: files that a record holds itself, files that lie beside it in a Binary, and addresses that nobody here opens.

What a record says of the size and the SHA-1 hash of a file is checked (R4, Attachment.size and hash), and a difference is
said: a file that was cut or exchanged on its way looks like any other.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from wardround.hospital.charts.document_text import shown_text
from wardround.hospital.charts.opened import Record, of_binaries
from wardround.hospital.records.models import Resource
from wardround.hospital.records.security_context import security_context

_BINARY = re.compile(r"Binary/([A-Za-z0-9.-]{1,64})(?:/_history/(\d{1,9}))?", re.ASCII)
_KIND = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,80}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}", re.ASCII)
_MOST = 200_000  # characters shown; the whole is a download
_LONGEST_ADDRESS = 500
# A browser shows these and runs nothing in them.
_SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"})
# Nor does it run these, which it saves. What is on neither list (HTML, SVG, XML, scripts) is sent as bytes without a kind.
_SAVED = frozenset({"application/pdf", "application/dicom", "application/zip", "application/rtf", "image/tiff"})
_SAVED_FAMILIES = ("audio/", "video/")
_ENDINGS = {
    "text/plain": "txt",
    "text/xml": "xml",
    "application/xml": "xml",
    "text/html": "html",
    "image/jpeg": "jpg",
    "image/svg+xml": "svg",
    "application/dicom": "dcm",
}


@dataclass(frozen=True)
class File:
    """One file that is here: in the record itself, or in a Binary beside it."""

    number: int  # of the attachment in its record
    kind: str  # "text/plain"
    title: str
    size: int
    text: str  # what can be shown; empty for pictures, PDF and other files
    is_cut: bool
    content: bytes
    doubts: tuple[str, ...] = ()  # sentences: the size, the hash or the kind is not what the record says

    @property
    def name(self) -> str:
        """A file name for a download that says nothing about the patient."""
        ending = _ENDINGS.get(self.kind) or self.kind.rpartition("/")[2].rpartition("+")[2]
        return f"document-{self.number + 1}.{ending if re.fullmatch('[a-z0-9]{2,5}', ending) else 'bin'}"

    @property
    def is_shown(self) -> bool:
        """May a browser open it as a page of its own?"""
        return self.kind in _SHOWN

    @property
    def served_as(self) -> str:
        """The kind that a browser is told: none that it could run."""
        is_passive = self.kind in _SHOWN | _SAVED or self.kind.startswith(_SAVED_FAMILIES)
        return self.kind if is_passive else "application/octet-stream"


@dataclass(frozen=True)
class Elsewhere:
    """An attachment whose content is not here: its address as text, and why it is not opened."""

    title: str
    kind: str
    address: str
    is_missing: bool  # it should lie in this store, and does not, or not in this chart


@dataclass(frozen=True)
class Binary:
    """A stored file: what it is, its bytes, and which version of it."""

    kind: str
    content: bytes
    version: int


Binaries = Mapping[str, Binary]


def attachments_of(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every attachment of a document, a report or a picture, in its order."""
    content = body.get("content", ())
    parts = [content] if isinstance(content, Mapping) else [part.get("attachment") for part in content]
    return [one for one in (*parts, *body.get("presentedForm", ())) if isinstance(one, Mapping)]


def files_of(
    attachments: Sequence[Mapping[str, Any]], *, binaries: Binaries, base: str
) -> tuple[tuple[File, ...], tuple[Elsewhere, ...]]:
    """What is here, and what is not; `base` is the address of this site's FHIR interface."""
    files, elsewhere = [], []
    for number, attachment in enumerate(attachments):
        made = _own(attachment, number=number) or _beside(attachment, number=number, binaries=binaries, base=base)
        if made is not None:
            files.append(made)
        elif attachment.get("url"):
            address = str(attachment["url"])
            elsewhere.append(
                Elsewhere(
                    title=str(attachment.get("title", "")),
                    kind=_kind(attachment),
                    address=address if len(address) <= _LONGEST_ADDRESS else f"{address[:_LONGEST_ADDRESS]} …",
                    is_missing=binary_at(address, base=base) is not None,
                )
            )
    return tuple(files), tuple(elsewhere)


def binaries_for(patient_id: str, attachments: Collection[Mapping[str, Any]], *, base: str) -> dict[str, Binary]:
    """The Binaries that these attachments name, by id, as far as they may be opened from this patient's chart."""
    addresses = [binary_at(str(one.get("url", "")), base=base) for one in attachments]
    wanted = {found.group(1) for found in addresses if found is not None}
    return {
        record.id: Binary(
            _stated(record.body.get("contentType")), _bytes(record.body.get("data")) or b"", record.version
        )
        for record in (of_binaries(patient_id, wanted) if wanted else ())
        if _is_for(record, patient_id=patient_id)
    }


def binary_at(address: str, *, base: str) -> re.Match[str] | None:
    """The Binary of this store that an address means; None for every other address."""
    return _BINARY.fullmatch(address.removeprefix(f"{base}/") if base else address)


def _is_for(record: Record, *, patient_id: str) -> bool:
    """A Binary is read as what its security context is (R4, Binary.securityContext): only where that is in this chart."""
    context = security_context(record.body)
    if context is None:
        return True
    type_name, logical_id = context
    rows = Resource.objects.filter(type=type_name, logical_id=logical_id, patient_id=patient_id, is_deleted=False)
    return rows.exists()


def _own(attachment: Mapping[str, Any], *, number: int) -> File | None:
    content = _bytes(attachment.get("data"))
    stated = str(attachment.get("contentType", ""))
    return _file(attachment, number=number, content=content, stated=stated) if content else None


def _beside(attachment: Mapping[str, Any], *, number: int, binaries: Binaries, base: str) -> File | None:
    found = binary_at(str(attachment.get("url", "")), base=base)
    binary = binaries.get(found.group(1)) if found is not None else None
    if found is None or binary is None:
        return None
    stated = str(attachment.get("contentType", ""))
    more = []
    if binary.kind and stated and _kind(attachment) != _plain_kind(binary.kind):
        more.append(
            gettext("The record says that it is %(stated)s; the file says %(found)s.")
            % {"stated": _kind(attachment), "found": _plain_kind(binary.kind)}
        )
    if found.group(2) and int(found.group(2)) != binary.version:
        more.append(
            gettext("The record names version %(named)s of the file; this is version %(found)s.")
            % {"named": found.group(2), "found": binary.version}
        )
    return _file(attachment, number=number, content=binary.content, stated=binary.kind or stated, more=more)


def _file(attachment: Mapping[str, Any], *, number: int, content: bytes, stated: str, more: Sequence[str] = ()) -> File:
    kind = _plain_kind(stated)
    text = shown_text(content, kind=kind, stated=stated)
    return File(
        number=number,
        kind=kind,
        title=str(attachment.get("title", "")),
        size=len(content),
        text=text[:_MOST],
        is_cut=len(text) > _MOST,
        content=content,
        doubts=(*_doubts(attachment, content=content), *more),
    )


def _doubts(attachment: Mapping[str, Any], *, content: bytes) -> Iterator[str]:
    size = attachment.get("size")
    if size is not None and int(size) != len(content):
        yield (
            gettext("The record says that the file has %(stated)s bytes; it has %(found)s. Part of it may be missing.")
            % {"stated": int(size), "found": len(content)}
        )
    stated = attachment.get("hash")
    digest = hashlib.sha1(content, usedforsecurity=False).digest()  # the hash that R4 names
    if stated is not None and _bytes(stated) != digest:
        yield gettext(
            "The file's SHA-1 hash is not the one that the record states: it may be another file than the one that was"
            " recorded."
        )


def _kind(attachment: Mapping[str, Any]) -> str:
    return _plain_kind(str(attachment.get("contentType", "")))


def _plain_kind(stated: str) -> str:
    """text/plain; charset=utf-8 -> text/plain. What is no media type is bytes."""
    kind = stated.partition(";")[0].strip().lower()
    return kind if _KIND.fullmatch(kind) else "application/octet-stream"


def _stated(kind: Any) -> str:
    return kind if isinstance(kind, str) else ""


def _bytes(text: Any) -> bytes | None:
    """Base64 as bytes; None for what is none."""
    try:
        return base64.b64decode("".join(str(text).split()), validate=True) if text else None
    except (binascii.Error, ValueError):
        return None
