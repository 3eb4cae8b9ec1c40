"""Documents as plain text that is safe to show: a letter as it is written, and the words of an XML or HTML document without its marks."""

import html
import re
from collections.abc import Iterator

_PLAIN = ("text/plain", "text/markdown")
_MARKED = (
    "text/xml",
    "application/xml",
    "text/html",
    "application/hl7-v3+xml",
    "application/xhtml+xml",
    "text/cda+xml",
)
_CHARSET = re.compile(r"charset=\"?([\w-]+)", re.IGNORECASE)
_BREAKS = frozenset({"br", "p", "tr", "li", "item", "div", "paragraph", "title", "section", "caption", "table", "list"})
_CELLS = frozenset({"td", "th"})
_SCRIPTS = frozenset({"script", "style"})
_NAME = re.compile(r"<(/?)([A-Za-z][\w:.-]*)")
_IN_TAG = re.compile(r">|=\s*+[\"']")
# Codecs of Python that are no character sets of documents, and slow or lossy for what is not meant for them.
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "charmap", "mbcs"})


def shown_text(content: bytes, *, kind: str, stated: str = "") -> str:
    """The words of a text, XML or HTML document; of anything else nothing."""
    if kind in _PLAIN:
        return _decoded(content, stated=stated)
    if kind in _MARKED:
        return words_of(_decoded(content, stated=stated))
    return ""


def words_of(marked: str) -> str:
    """The text between the marks of XML or HTML, a line for each paragraph, row or item. No entity is resolved but characters."""
    lines = (re.sub(r"[ \t\r\f\v]+", " ", line).strip(" |") for line in "".join(_parts(marked)).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _parts(marked: str) -> Iterator[str]:
    """What a reader of the document would see: of a C-CDA its titles and narratives, of HTML its body.

    Every step goes on from where the last one stopped, or ends the document: whoever wrote it cannot make the reading long.
    """
    at, hidden = 0, 0
    while at < len(marked):
        mark = marked.find("<", at)
        words = html.unescape(marked[at:] if mark < 0 else marked[at:mark])
        if mark < 0:
            at = len(marked)
        elif named := _NAME.match(marked, mark):
            closes, name = named[1] == "/", named[2].rpartition(":")[2].lower()
            at = _end_of_tag(marked, named.end())
            is_empty = marked.startswith("/>", at - 2)
            if name in _SCRIPTS and not closes and not is_empty:
                at = _end_of_script(marked, name, at)
        else:
            named, (at, plain) = None, _unnamed(marked, mark)
            words += plain
        if words and not hidden:
            yield re.sub(r"\s+", " ", words)
        if mark >= 0 and named:
            yield _between(name, closes=closes)
            hidden = _hidden(hidden, name, closes=closes, is_empty=is_empty)


def _unnamed(marked: str, mark: int) -> tuple[int, str]:
    """Where what begins with a mark and names no element ends, and what of it is text."""
    if marked.startswith("<![CDATA[", mark):
        end = _behind(marked, "]]>", mark)
        return end, marked[mark + 9 : end].removesuffix("]]>")
    if marked.startswith("<!--", mark):
        return _behind(marked, "-->", mark), ""
    if marked.startswith(("<!", "<?"), mark):
        return _behind(marked, ">", mark), ""
    return mark + 1, "<"


def _between(name: str, *, closes: bool) -> str:
    if name in _BREAKS:
        return "\n"
    return " | " if name in _CELLS and not closes else ""


def _hidden(depth: int, name: str, *, closes: bool, is_empty: bool) -> int:
    """The head of an HTML document is not shown."""
    if name != "head" or is_empty:
        return depth
    return max(depth - 1, 0) if closes else depth + 1


def _end_of_script(marked: str, name: str, at: int) -> int:
    ends = re.compile(f"</{name}", re.IGNORECASE).search(marked, at)
    return _end_of_tag(marked, ends.end()) if ends else len(marked)


def _behind(marked: str, end: str, start: int) -> int:
    found = marked.find(end, start)
    return len(marked) if found < 0 else found + len(end)


def _end_of_tag(marked: str, at: int) -> int:
    """Behind the tag's closing mark; one inside a quoted value closes nothing."""
    while found := _IN_TAG.search(marked, at):
        if found[0] == ">":
            return found.end()
        at = _behind(marked, found[0][-1], found.end())
    return len(marked)


def _decoded(content: bytes, *, stated: str) -> str:
    named = _CHARSET.search(stated)
    for charset in filter(None, (named.group(1) if named else "", "utf-8")):
        try:
            if charset.lower().replace("_", "-") in _NO_CHARSETS:
                continue
            # What is half a character is shown as such: it could not be sent to a browser.
            return content.decode(charset).encode("utf-8", "replace").decode()
        except (LookupError, UnicodeError):
            continue
    return content.decode("latin-1")
