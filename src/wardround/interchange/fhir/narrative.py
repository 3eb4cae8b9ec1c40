"""Rules txt-1 and txt-2: a narrative is one XHTML div of plain text elements, and says something."""

import re
from xml.parsers import expat

# HTML 4.0 chapters 7 to 11 (but 9.4) and 15, and img, as FHIR R4's narrative.html allows them.
_ALLOWED = """
    a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd del dfn div dl dt em
    font h1 h2 h3 h4 h5 h6 hr i img ins kbd li map ol p pre q samp small span strike strong sub sup s table
    tbody td tfoot th thead tr tt u ul var
"""
_ELEMENTS = frozenset(_ALLOWED.split())
_XHTML = "http://www.w3.org/1999/xhtml"
_SCRIPT = re.compile(r"[\s\x00]*(?:javascript|vbscript|data\s*:\s*text/html)", re.IGNORECASE)
_MAX_DEPTH = 200


class _NotPlain(Exception):
    pass


def narrative_fault(text: str) -> str | None:
    """What would be right instead, or None."""
    reader = _Reader()
    try:
        reader.parser.Parse(text.encode("utf-8", "replace"), True)  # noqa: FBT003
    except expat.ExpatError:
        return "is well-formed XHTML: every element is closed, and & is written &amp;"
    except _NotPlain as error:
        return str(error)
    if not reader.says_something:
        return "may not be empty: it says in words what the resource says"
    return None


class _Reader:
    """Looks at each element and attribute once; entities of HTML are passed over, none is expanded."""

    def __init__(self) -> None:
        self.says_something = False
        self._depth = 0
        self.parser = expat.ParserCreate("utf-8")
        self.parser.UseForeignDTD(True)  # noqa: FBT003  so that &nbsp; is skipped, not refused
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.SkippedEntityHandler = self._entity
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.ProcessingInstructionHandler = self._instruction

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth == 0 and name != "div":
            raise _NotPlain("is one XHTML div")
        self._depth += 1
        if name not in _ELEMENTS or self._depth > _MAX_DEPTH:
            raise _NotPlain("may hold only text, lists, tables, links and images: no scripts, forms, frames or styles")
        if name == "img":
            self.says_something = True
        for attribute, value in attributes.items():
            if attribute.lower().startswith("on") or (attribute in ("href", "src") and _SCRIPT.match(value)):
                raise _NotPlain("may not hold scripts, forms, frames or event handlers")
            if attribute == "xmlns" and value != _XHTML:
                raise _NotPlain(f"is XHTML: its namespace is {_XHTML}")

    def _end(self, _name: str) -> None:
        self._depth -= 1

    def _characters(self, data: str) -> None:
        self.says_something = self.says_something or bool(data.strip())

    def _entity(self, _name: str, _is_parameter: bool) -> None:  # noqa: FBT001
        self.says_something = True

    def _doctype(self, *_what: object) -> None:
        raise _NotPlain("is one XHTML div, without a DOCTYPE")

    def _instruction(self, *_what: object) -> None:
        raise _NotPlain("is one XHTML div, without processing instructions")
