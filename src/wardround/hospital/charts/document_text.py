"""Documents as plain text that is safe to show: a letter as it is written, and the words of an XML or HTML document without its marks."""

import re
from html.parser import HTMLParser

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
_UNSEEN = frozenset({"script", "style", "head"})


def shown_text(content: bytes, *, kind: str, stated: str = "") -> str:
    """The words of a text, XML or HTML document; of anything else nothing."""
    if kind in _PLAIN:
        return _decoded(content, stated=stated)
    if kind in _MARKED:
        return words_of(_decoded(content, stated=stated))
    return ""


def words_of(marked: str) -> str:
    """The text between the marks of XML or HTML, a line for each paragraph, row or item. No entity is resolved but characters."""
    reader = _Words()
    reader.feed(marked)
    reader.close()
    lines = (re.sub(r"[ \t\r\f\v]+", " ", line).strip(" |") for line in "".join(reader.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Words(HTMLParser):
    """Collects what a reader of the document would see: of a C-CDA its titles and narratives, of HTML its body."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        name = tag.rpartition(":")[2]
        if name in _UNSEEN:
            self._hidden += 1
        elif name in _BREAKS:
            self.parts.append("\n")
        elif name in _CELLS:
            self.parts.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name in _UNSEEN:
            self._hidden = max(self._hidden - 1, 0)
        elif name in _BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(re.sub(r"\s+", " ", data))


def _decoded(content: bytes, *, stated: str) -> str:
    named = _CHARSET.search(stated)
    for charset in filter(None, (named.group(1) if named else "", "utf-8")):
        try:
            return content.decode(charset)
        except (LookupError, UnicodeDecodeError):
            continue
    return content.decode("latin-1")
