"""Files within HL7 v2 messages (ED) and pointers to files (RP) as Attachments, after HL7's tables ED[Attachment] and RP[Attachment]."""

import base64
import re

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir.building import Resource
from wardround.interchange.hl7v2.messages import Repetition

# ED.2 by table 0191, and what it is in MIME; other values are MIME's own main types.
_MAIN_TYPES = {
    "AP": "application",
    "AU": "audio",
    "FT": "text",
    "TX": "text",
    "TEXT": "text",
    **dict.fromkeys(("IM", "NS", "SD", "SI"), "image"),
}
TEXTS = ("FT", "TX", "TEXT")
# Subtypes of table 0291 that are MIME's under one main type, whatever stands beside them.
_SUBTYPES = {
    **dict.fromkeys(("dicom", "msword", "octet-stream", "pdf", "postscript", "rtf"), "application"),
    **dict.fromkeys(("gif", "jpeg", "png", "tiff"), "image"),
    **dict.fromkeys(("html", "plain", "xml"), "text"),
}
_SUBTYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*", re.ASCII)
_WHOLE_MIME = re.compile(r"[A-Za-z]+/[A-Za-z0-9.+-]+", re.ASCII)
_UNKNOWN_TYPE = "application/octet-stream"


def encapsulated(value: Repetition) -> Resource:
    """An ED as an Attachment. Raises Unreadable where its data are not in the encoding that it names."""
    encoding, data = value.text(4), value.text(5)
    kind = mime(value.text(2), value.text(3))
    if not data:
        return {"contentType": kind} if kind else {}
    if encoding.casefold() == "base64":
        try:
            data = base64.b64encode(base64.b64decode("".join(data.split()), validate=True)).decode()
        except ValueError:
            raise Unreadable("an OBX-5 of type ED says that it is Base64 and is not") from None
    elif encoding.casefold() == "hex":
        try:
            data = base64.b64encode(bytes.fromhex(data)).decode()
        except ValueError:
            raise Unreadable("an OBX-5 of type ED says that it is hexadecimal and is not") from None
    else:
        data = base64.b64encode(data.encode()).decode()
    return {"contentType": kind or _UNKNOWN_TYPE, "data": data}


def pointed(value: Repetition) -> Resource:
    """An RP as an Attachment: where the document is."""
    url = value.text(1)
    if not url or any(character.isspace() for character in url):
        return {}
    kind = mime(value.text(3), value.text(4))
    return {"url": url} | ({"contentType": kind} if kind else {})


def mime(main: str, subtype: str) -> str:
    """A MIME type of ED.2 and ED.3 (tables 0191 and 0291), or ""."""
    if _WHOLE_MIME.fullmatch(subtype):
        return subtype.lower()
    if not _SUBTYPE.fullmatch(subtype):
        return ""
    written = main.lower() if main.isalpha() and main.isascii() else "application"
    return f"{_SUBTYPES.get(subtype.lower()) or _MAIN_TYPES.get(main.upper(), written)}/{subtype.lower()}"
