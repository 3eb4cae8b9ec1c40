"""Bytes to text, and numbers and local times written as text: strictly, or not at all."""

import codecs
import re
from datetime import datetime, tzinfo
from typing import Literal

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir.json import MAX_NUMBER_LENGTH, Number

# HL7 v2 table 0211 and the names that systems write instead.
_HL7_CHARSETS = {
    "ASCII": "ascii",
    **{f"8859/{part}": f"iso8859_{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)},
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UNICODE UTF-16": "utf-16",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "GB 18030-2000": "gb18030",
    "BIG-5": "big5",
    "KS X 1001": "euc_kr",
    "8859/11": "iso8859_11",
    # The registered sets by their number (ISO IR); Japan's are switched by ISO 2022, which this codec does.
    "ISO IR6": "ascii",
    **{f"ISO IR{number}": f"iso8859_{part}" for number, part in ((100, 1), (101, 2), (109, 3), (110, 4), (144, 5))},
    **{f"ISO IR{number}": f"iso8859_{part}" for number, part in ((127, 6), (126, 7), (138, 8), (148, 9), (166, 11))},
    **dict.fromkeys(("ISO IR13", "ISO IR14", "ISO IR87", "ISO IR159"), "iso2022_jp_ext"),
    "ISO IR192": "utf-8",
}
_TEXT_CODECS = {
    *(
        "ascii",
        "mac_roman",
        "koi8-r",
        "koi8-u",
        "cp437",
        "cp850",
        "cp852",
        "cp866",
        "tis-620",
        "gbk",
        "gb2312",
        "gb18030",
    ),
    *("big5", "big5hkscs", "shift_jis", "cp932", "euc_jp", "euc_kr", "cp949", "johab"),
    *(f"cp{number}" for number in range(1250, 1259)),
}
_POINT = re.compile(r"[+-]?(\d{1,30})(\.\d{1,30})?", re.ASCII)
_COMMA = re.compile(r"[+-]?(\d{1,30})(,\d{1,30})?", re.ASCII)
_LOCAL_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?: ?(Z|[+-]\d\d:?[0-5]\d))?)?", re.ASCII
)


def charset(name: str) -> str | None:
    """Python's codec for a character set as HL7's table 0211 or a mapping file names it; None when it is not known."""
    known = _HL7_CHARSETS.get(name.strip().upper())
    if known is not None:
        return known
    try:
        codec = codecs.lookup(name.strip()).name
    except (LookupError, ValueError):
        return None
    is_text = codec.startswith(("utf", "iso8859", "iso2022")) or codec in _TEXT_CODECS
    return codec if is_text else None


def number_of(text: str, *, decimal: Literal["comma", "point"] | None) -> Number | None:
    """The number that a text is, in JSON's spelling with the digits kept; None when it is no plain number.

    Without a decimal sign only a point counts: "1,234" may be a thousand and more or one and a bit.
    """
    text = text.strip()
    pattern = _COMMA if decimal == "comma" else _POINT
    match = pattern.fullmatch(text)
    if match is None or len(text) > MAX_NUMBER_LENGTH:
        return None
    sign = "-" if text[0] == "-" else ""
    return Number(sign + (match[1].lstrip("0") or "0") + (match[2] or "").replace(",", "."))


def local_time(text: str, *, zone: tzinfo, date_format: str | None = None) -> str:
    """A local date or time as FHIR writes it, with the zone's offset on that day; raises Unreadable.

    A date without a time stays a date. The form is `date_format` (strptime) or YYYY-MM-DD[ hh:mm[:ss]]; a time that names its
    own offset (Z, +01:00) keeps that.
    """
    text = text.strip()
    if date_format is not None:
        return _by_format(text, zone, date_format)
    match = _LOCAL_TIME.fullmatch(text)
    if match is None:
        raise Unreadable("a time is not in the form YYYY-MM-DD hh:mm")
    try:
        own = datetime.strptime(match[7], "%z").tzinfo if match[7] else zone
        moment = datetime(*(int(part or 0) for part in match.groups()[:6]), tzinfo=own)  # type: ignore[arg-type,misc]
        return moment.date().isoformat() if match[4] is None else moment.isoformat()
    except (ValueError, OverflowError):
        raise Unreadable("a time is not on the calendar") from None


def _by_format(text: str, zone: tzinfo, date_format: str) -> str:
    try:
        moment = datetime.strptime(text, date_format).replace(tzinfo=zone)
        return moment.isoformat() if "%H" in date_format or "%I" in date_format else moment.date().isoformat()
    except (ValueError, OverflowError):
        raise Unreadable("a time is not in the mapping's date_format or not on the calendar") from None
