"""CDA's data types as FHIR's: identifiers, codes, quantities, times, names, addresses. Digits and texts stay as written."""

import re
from typing import Any
from zoneinfo import ZoneInfo

from wardround.interchange.ccda.code_systems import NULL_FLAVOR, UCUM, system_of
from wardround.interchange.ccda.nodes import Node
from wardround.interchange.errors import NotADate, Unreadable
from wardround.interchange.fhir.dates import interval
from wardround.interchange.mapping import Mapping
from wardround.interchange.texts import local_time, number_of

Resource = dict[str, Any]
_TIME = re.compile(r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(\d\d)(?:(\d\d)(\.\d{1,9})?)?)?)?)?([+-]\d{4})?", re.ASCII)
# HL7 v3 EntityNameUse, AddressUse and TelecommunicationAddressUse, as the C-CDA on FHIR guide maps them.
_NAME_USE = {"L": "usual", "ASGN": "usual", "C": "official", "P": "nickname", "A": "anonymous"}
_ADDRESS_USE = {
    "H": "home",
    "HP": "home",
    "HV": "temp",
    "TMP": "temp",
    "WP": "work",
    "DIR": "work",
    "PUB": "work",
    "BAD": "old",
}
_TELECOM_USE = {
    "H": "home",
    "HP": "home",
    "HV": "home",
    "WP": "work",
    "DIR": "work",
    "PUB": "work",
    "MC": "mobile",
    "TMP": "temp",
}
_SCHEMES = {"tel": "phone", "fax": "fax", "mailto": "email", "http": "url", "https": "url", "sms": "sms", "ftp": "url"}
_DIALLED = re.compile(r"[+()\d][\d\s().+x-]{4,}", re.ASCII)


class Datatypes:
    """Reads values; knows the source's zone and systems, and the narrative that codes point into."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self._narrative: dict[str, str] = {}

    def enter_section(self, text: Node) -> None:
        """What references in the entries of this section point to."""
        self._narrative = {}
        if text.element is not None:
            for element in text.element.iter():
                name = element.get("ID")
                if name:
                    self._narrative[name] = " ".join("".join(element.itertext()).split())

    def identifier(self, node: Node) -> Resource | None:
        """An identifier with system and value; None where the id says that it is not known."""
        root, extension = node.get("root"), node.get("extension")
        system = system_of(root, mapping=self.mapping)
        if node.peek("nullFlavor") or not (system or extension):
            return None
        if extension:
            return {"system": system, "value": extension} if system else {"value": extension}
        return {"system": "urn:ietf:rfc:3986", "value": system}

    def coding(self, node: Node) -> Resource | None:
        code = node.get("code")
        if not code:
            return None
        system = system_of(node.peek("codeSystem"), mapping=self.mapping)
        parts = (("system", system), ("code", " ".join(code.split())), ("display", node.get("displayName")))
        return {name: value for name, value in parts if value}

    def concept(self, node: Node) -> Resource:
        """Code and translations, with the original text; {} where nothing is said."""
        codings = [coding for each in (node, *node.all("translation")) if (coding := self.coding(each))]
        unique = [coding for number, coding in enumerate(codings) if coding not in codings[:number]]
        result: Resource = {"coding": unique} if unique else {}
        text = self.narrative(node.one("originalText")) or ("" if unique else node.get("displayName"))
        return result | ({"text": text} if text else {})

    def narrative(self, node: Node) -> str:
        """The text itself, or what it refers to in the section's narrative."""
        reference = node.one("reference").get("value")
        if reference.startswith("#") and reference[1:] in self._narrative:
            node.text()
            return self._narrative[reference[1:]]
        return node.text()

    def time(self, node: Node, *, what: str = "a time") -> str | None:
        """A FHIR date or time; a time without an offset is of the mapping's zone. Raises Unreadable."""
        text = node.get("value")
        if not text or node.peek("nullFlavor"):
            return None
        match = _TIME.fullmatch(text)
        if match is None:
            raise Unreadable(f"{what} is not in the form YYYYMMDDhhmmss+ZZzz")
        year, month, day, hour, minute, second, fraction, offset = match.groups()
        date = "-".join(part for part in (year, month, day) if part)
        clock = f"{hour}:{minute}:{second or '00'}"
        if hour is None or offset:
            whole = date if hour is None or not offset else f"{date}T{clock}{fraction or ''}{offset[:3]}:{offset[3:]}"
            try:
                interval(whole)
            except NotADate:
                raise Unreadable(f"{what} is not on the calendar") from None
            return whole
        local = local_time(f"{date} {clock}", zone=self.mapping.zone or ZoneInfo("UTC"))
        return local[:19] + (fraction or "") + local[19:]

    def date(self, node: Node, *, what: str) -> str | None:
        time = self.time(node, what=what)
        return time[:10] if time else None

    def period(self, node: Node, *, what: str = "a time") -> Resource:
        """start and end of an interval; a single point is both ends' business of the caller."""
        parts = (("start", self.time(node.one("low"), what=what)), ("end", self.time(node.one("high"), what=what)))
        return {name: time for name, time in parts if time}

    def when(self, name: str, node: Node, *, what: str = "a time") -> Resource:
        """{nameDateTime} of a point in time, {namePeriod} of an interval, {} where neither is known."""
        point = self.time(node, what=what) or self.time(node.one("center"), what=what)
        if point:
            return {f"{name}DateTime": point}
        period = self.period(node, what=what)
        return {f"{name}Period": period} if period else {}

    def start(self, node: Node, *, what: str) -> str | None:
        """When it began: the point in time, or the interval's low."""
        return self.time(node, what=what) or self.time(node.one("low"), what=what)

    def quantity(self, node: Node, *, comparator: str = "") -> Resource | None:
        """value and unit as written; CDA's units are UCUM, so the unit is its code, too."""
        number = number_of(node.peek("value"), decimal="point")
        if number is None or node.peek("nullFlavor"):
            return None
        node.get("value")
        unit = node.get("unit")
        result: Resource = {"value": number} | ({"comparator": comparator} if comparator else {})
        return result | ({"unit": unit, "system": UCUM, "code": unit} if unit else {})

    def interval(self, node: Node) -> Resource:
        """low and high as quantities, where they are numbers."""
        parts = (("low", self.quantity(node.one("low"))), ("high", self.quantity(node.one("high"))))
        return {name: quantity for name, quantity in parts if quantity}

    def value(self, node: Node) -> Resource:
        """What an observation found, as value[x] or dataAbsentReason; {} where it cannot be said in FHIR."""
        kind = node.type
        if node.peek("nullFlavor") and not (node.all("originalText") or node.all("translation") or node.text()):
            return {"dataAbsentReason": {"coding": [{"system": NULL_FLAVOR, "code": node.get("nullFlavor")}]}}
        if kind in ("PQ", "REAL", "MO"):
            quantity = self.quantity(node)
            return {"valueQuantity": quantity} if quantity else self._stated(node)
        if kind == "INT":
            number = number_of(node.get("value"), decimal="point")
            return {"valueInteger": int(number)} if number is not None and "." not in number.text else {}
        if kind in ("CD", "CE", "CV", "CO", "CS", "SC"):
            concept = self.concept(node)
            return {"valueCodeableConcept": concept} if concept else {}
        if kind in ("ST", "ED"):
            text = "" if node.peek("representation") == "B64" else self.narrative(node)
            return {"valueString": text} if text else {}
        if kind == "BL":
            return {"valueBoolean": node.get("value") == "true"} if node.peek("value") in ("true", "false") else {}
        if kind == "TS":
            time = self.time(node, what="an observation's value")
            return {"valueDateTime": time} if time else {}
        if kind == "IVL_TS":
            return {f"value{name[1:]}": value for name, value in self.when("x", node).items()}
        if kind == "RTO" or kind.startswith("RTO_"):
            ratio = {name: q for name in ("numerator", "denominator") if (q := self.quantity(node.one(name)))}
            return {"valueRatio": ratio} if len(ratio) == 2 else {}
        return self._limits(node) if kind in ("IVL_PQ", "IVL_INT", "IVL_REAL") else {}

    def _limits(self, node: Node) -> Resource:
        low, high = node.one("low"), node.one("high")
        limits = self.interval(node)
        if len(limits) == 2:
            return {"valueRange": limits}
        if "low" in limits:
            return {"valueQuantity": self.quantity(low, comparator=">" if low.peek("inclusive") == "false" else ">=")}
        if "high" in limits:
            return {"valueQuantity": self.quantity(high, comparator="<" if high.peek("inclusive") == "false" else "<=")}
        point = self.quantity(node)
        return {"valueQuantity": point} if point else {}

    def _stated(self, node: Node) -> Resource:
        """A quantity that is no number, in its own words ("<5 mg/dL") or those of its translation."""
        text = " ".join(part for part in (node.get("value"), node.get("unit")) if part) if node.peek("value") else ""
        text = (
            text or self.narrative(node.one("translation", "originalText")) or self.narrative(node.one("originalText"))
        )
        return {"valueString": text} if text else {}

    def name(self, node: Node) -> Resource | None:
        parts: Resource = {}
        use = _NAME_USE.get(node.peek("use"))
        families = [text for each in node.all("family") if (text := each.text())]
        for field, step in (("given", "given"), ("prefix", "prefix"), ("suffix", "suffix")):
            found = [text for each in node.all(step) if (text := each.text())]
            parts |= {field: found} if found else {}
        if families:
            parts["family"] = " ".join(families)
        if not parts and not node.children() and (text := node.text()):
            parts["text"] = text
        return ({"use": use} if use else {}) | parts if parts else None

    def address(self, node: Node) -> Resource | None:
        parts: Resource = {}
        lines = [text for each in node.all("streetAddressLine") if (text := each.text())]
        for field, step in (
            ("city", "city"),
            ("district", "county"),
            ("state", "state"),
            ("postalCode", "postalCode"),
            ("country", "country"),
        ):
            if said := node.one(step).text():
                parts[field] = said
        if lines:
            parts["line"] = lines
        if not parts and not node.children() and (text := node.text()):
            parts["text"] = text
        use = _ADDRESS_USE.get(node.peek("use").partition(" ")[0])
        return ({"use": use} if use else {}) | parts if parts else None

    def telecom(self, node: Node) -> Resource | None:
        value = node.get("value")
        if not value or node.peek("nullFlavor"):
            return None
        scheme, colon, rest = value.partition(":")
        system = _SCHEMES.get(scheme.lower()) if colon else None
        if system is None:
            system, rest = ("phone" if _DIALLED.fullmatch(value) else "other"), value
        use = _TELECOM_USE.get(node.peek("use").partition(" ")[0])
        shown = value if system == "url" else rest.strip()
        return {"system": system, "value": shown} | ({"use": use} if use else {}) if shown else None
