"""The resources of one document as they come together: each known by the source's own id, none twice, none of another chart."""

from typing import Any, NamedTuple

from wardround.interchange.ccda.code_systems import system_of
from wardround.interchange.ccda.datatypes import Datatypes
from wardround.interchange.ccda.nodes import Node
from wardround.interchange.fhir.building import Key
from wardround.interchange.fhir.json import dumps
from wardround.interchange.mapping import Mapping

Resource = dict[str, Any]
_EVENTS = ("DiagnosticReport", "DocumentReference", "Immunization", "Observation", "Procedure")
_MAX_SAID = 50  # telephone numbers, addresses of one person


class _Named(NamedTuple):
    basis: tuple[str, str]
    content: bytes


class Drafting:
    """What is made of one document; `subject` is set once the patient is known."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.types = Datatypes(mapping)
        self.subject: Resource = {}
        self.patient_number = ""
        self.people: dict[tuple[str, str], Resource] = {}  # practitioners and organisations, by type and identifier
        self._kept: list[tuple[_Named, Resource]] = []
        self._names: dict[tuple[str, str], dict[bytes, str]] = {}  # (type, id of the source) -> content -> name

    @property
    def resources(self) -> list[Resource]:
        return [resource for _named, resource in self._kept]

    def state(self) -> int:
        """How much is kept so far, to return to."""
        return len(self._kept)

    def since(self, state: int) -> list[Resource]:
        return [resource for _named, resource in self._kept[state:]]

    def restore(self, state: int) -> None:
        for named, _resource in self._kept[state:]:
            del self._names[named.basis][named.content]
        del self._kept[state:]

    def keep(self, resource: Resource, node: Node) -> Resource:
        """Keep a resource of the patient's chart that was made of this node; gives the reference to it.

        Its identifier is made of the patient's number and the node's id: systems copy ids from their templates, so that an
        id alone may be another patient's, or another entry's. What happens once is known by its code and time, too, so that
        the next result under the same id does not take the place of the last one; a condition under its id is the same one.
        """
        ids = [text for each in node.all("id") if (text := _id_text(each))]
        made = {name: value for name, value in resource.items() if value not in (None, "", [], {})}
        what, type_name, content = _what(made), str(made["resourceType"]), dumps(made)
        known_by = f"{ids[0]}:{what}" if ids and type_name in _EVENTS else ids[0] if ids else what
        basis = f"ccda:{self.patient_number}:{known_by}"
        names = self._names.setdefault((type_name, basis), {})
        if content not in names:
            number = len(names) + 1
            told_apart = what if number == 2 and what not in known_by else str(number)
            names[content] = basis if number == 1 else f"{basis}:{told_apart}"
            identifier = Key(self.mapping.record_system, names[content]).identifier()
            entry = {"resourceType": type_name, "identifier": [identifier]} | made
            self._kept.append((_Named((type_name, basis), content), entry))
        return Key(self.mapping.record_system, names[content]).reference(type_name)

    def person(self, resource: Resource) -> Resource | None:
        """Keep a practitioner or organisation under its own number; None where it has none. What is said twice is joined."""
        identifiers = resource.get("identifier", [])
        first = next((i for i in identifiers if i.get("system") and i.get("value")), None)
        if first is None:
            return None
        type_name = str(resource["resourceType"])
        key = Key(first["system"], first["value"])
        name = f"{key.system}|{key.value}"
        known = self.people.setdefault((type_name, name), resource)
        for element, value in resource.items():
            if isinstance(value, list) and element in known:
                if len(known[element]) > _MAX_SAID:
                    continue
                known[element] = known[element] + [item for item in value if item not in known[element]]
            else:
                known.setdefault(element, value)
        return key.reference(type_name)

    def known_person(self, root: str, extension: str) -> Resource | None:
        """The reference to a practitioner whom the document named already."""
        system = system_of(root, mapping=self.mapping)
        key = Key(system, extension)
        return key.reference("Practitioner") if ("Practitioner", f"{system}|{extension}") in self.people else None


def _id_text(node: Node) -> str:
    if node.peek("nullFlavor"):
        return ""
    return "^".join(part for part in (node.get("root"), node.get("extension")) if part)


def _what(resource: Resource) -> str:
    """The code and the time that tell two entries with one id apart."""
    concept: Resource = next(
        (resource[name] for name in ("code", "medicationCodeableConcept", "vaccineCode") if name in resource), {}
    )
    codings = concept.get("coding")
    code = codings[0]["code"] if codings else concept.get("text", "")
    if resource["resourceType"] == "DocumentReference":
        return str(resource["content"][0]["attachment"].get("creation", ""))
    for name, value in resource.items():
        if name.endswith(("DateTime", "Period")) or name == "period":
            time = value if isinstance(value, str) else "/".join(value.values())
            return f"{code}:{time}"
    return str(code)
