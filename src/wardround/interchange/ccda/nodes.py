"""XML as a document of nodes that remember what was read of them; hostile XML ends in a sentence."""

from collections import defaultdict
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from wardround.interchange.errors import Unreadable

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 100
MAX_ELEMENTS = 1_000_000
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_MATTERS = ("value", "code", "displayName", "extension", "unit", "negationInd")
STRUCTURE = ("templateId", "typeId", "realmCode")
_PIECE_BYTES = 64 * 1024


class _Bounded(TreeBuilder):
    """Builds the tree and stops at the first element that is too deep or too many."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH:
            raise Unreadable(f"it is nested more than {MAX_DEPTH} levels deep")
        if self._elements > MAX_ELEMENTS:
            raise Unreadable(f"it has more than {MAX_ELEMENTS} elements")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def parsed(raw: bytes) -> Element:
    """The root element; raises Unreadable for what is no XML, has a DTD or is too large."""
    if len(raw) > MAX_BYTES:
        raise Unreadable(f"it is larger than {MAX_BYTES // 1024**2} MiB")
    parser = DefusedXMLParser(target=_Bounded(), forbid_dtd=True)
    try:
        for at in range(0, len(raw), _PIECE_BYTES):
            parser.feed(raw[at : at + _PIECE_BYTES])
        root: Element = parser.close()
    except DefusedXmlException:
        raise Unreadable("it has a document type declaration, which a C-CDA document has not") from None
    except ParseError as error:
        line, column = error.position
        raise Unreadable(f"it is no XML at line {line}, column {column}") from None
    except (ValueError, LookupError):  # the encoding that it claims
        raise Unreadable("its encoding is not known here; write it in UTF-8") from None
    return root


class Marks:
    """What was read of a document: of each element the attributes, and "" for its text."""

    def __init__(self) -> None:
        self._read: defaultdict[int, set[str]] = defaultdict(set)

    def mark(self, element: Element, name: str) -> None:
        self._read[id(element)].add(name)

    def was_read(self, element: Element) -> bool:
        return id(element) in self._read

    def is_unread(self, element: Element) -> bool:
        """Does this element itself carry data that nobody read?"""
        read = self._read.get(id(element), set())
        for name in _MATTERS:
            if (
                name not in read
                and element.get(name, "").strip()
                and (name, element.get(name)) != ("negationInd", "false")
            ):
                return True
        if name_of(element) == "id" and element.get("root") and not read:
            return True
        return "" not in read and bool((element.text or "").strip())


class Node:
    """An element, or the absence of one: asking further of what is absent gives absence."""

    __slots__ = ("_marks", "element")

    def __init__(self, element: Element | None, marks: Marks) -> None:
        self.element = element
        self._marks = marks

    def __bool__(self) -> bool:
        return self.element is not None

    @property
    def name(self) -> str:
        return name_of(self.element) if self.element is not None else ""

    @property
    def type(self) -> str:
        """The xsi:type without its prefix."""
        return self.element.get(_TYPE, "").rpartition(":")[2] if self.element is not None else ""

    def get(self, attribute: str) -> str:
        """An attribute's text, "" when it is not there; it counts as read."""
        if self.element is None:
            return ""
        self._marks.mark(self.element, attribute)
        return self.element.get(attribute, "").strip()

    def peek(self, attribute: str) -> str:
        """An attribute's text that does not count as read."""
        return self.element.get(attribute, "").strip() if self.element is not None else ""

    def text(self) -> str:
        """All text below, spaces folded; it counts as read."""
        if self.element is None:
            return ""
        for inner in self.element.iter():
            self._marks.mark(inner, "")
        return " ".join("".join(self.element.itertext()).split())

    def skip(self) -> None:
        """Count all of it as read: what it says is said elsewhere."""
        if self.element is not None:
            for inner in self.element.iter():
                for attribute in ("", *inner.attrib):
                    self._marks.mark(inner, attribute)

    def all(self, *steps: str) -> list["Node"]:
        """The elements that these steps lead to, by local name."""
        found = [self.element] if self.element is not None else []
        for step in steps:
            found = [child for element in found for child in element if name_of(child) == step]
        return [Node(element, self._marks) for element in found]

    def one(self, *steps: str) -> "Node":
        """The first of `all`."""
        return next(iter(self.all(*steps)), Node(None, self._marks))

    def every(self, name: str) -> list["Node"]:
        """All elements below with this local name, in the order of the document."""
        if self.element is None:
            return []
        return [Node(each, self._marks) for each in self.element.iter() if name_of(each) == name]

    def children(self) -> list["Node"]:
        inner = list(self.element) if self.element is not None else []
        return [Node(element, self._marks) for element in inner if isinstance(element.tag, str)]

    def templates(self) -> set[str]:
        """The roots of its template ids."""
        return {child.peek("root") for child in self.all("templateId")}

    def has_data(self) -> bool:
        """Does anything here or below say something, read or not?"""
        return bool(Node(self.element, Marks()).unread())

    def unread(self) -> list[str]:
        """The places here and below that carry data nobody read, as paths of element names; what is wholly unread is one."""
        return _unread(self.element, self.name, self._marks)[0] if self.element is not None else []


def _unread(element: Element, path: str, marks: Marks) -> tuple[list[str], bool]:
    places = [path] if marks.is_unread(element) else []
    was_read = marks.was_read(element)
    for child in element:
        if isinstance(child.tag, str) and (name := name_of(child)) not in STRUCTURE:
            found, read_below = _unread(child, f"{path}/{name}", marks)
            places += found
            was_read = was_read or read_below
    return ([path] if places and not was_read else places), was_read


def name_of(element: Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]
