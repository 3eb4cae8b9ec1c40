"""The resources of one document as they come together: each known by the source's own id, none twice, none of another chart."""

from typing import Any

from wardround.interchange.ccda.code_systems import system_of
from wardround.interchange.ccda.datatypes import Datatypes
from wardround.interchange.ccda.nodes import Node
from wardround.interchange.fhir.building import Key
from wardround.interchange.mapping import Mapping

Resource = dict[str, Any]
_EVENTS = ("DiagnosticReport", "DocumentReference", "Immunization", "Observation", "Procedure")


class Drafting:
    """What is made of one document; `subject` is set once the patient is known."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.types = Datatypes(mapping)
        self.subject: Resource = {}
        self.patient_number = ""
        self.people: dict[tuple[str, str], Resource] = {}  # practitioners and organisations, by type and identifier
        self._kept: dict[tuple[str, str], Resource] = {}

    @property
    def resources(self) -> list[Resource]:
        return list(self._kept.values())

    def state(self) -> set[tuple[str, str]]:
        """What is kept so far, to return to."""
        return set(self._kept)

    def since(self, state: set[tuple[str, str]]) -> list[Resource]:
        return [resource for key, resource in self._kept.items() if key not in state]

    def restore(self, state: set[tuple[str, str]]) -> None:
        self._kept = {key: resource for key, resource in self._kept.items() if key in state}

    def keep(self, resource: Resource, node: Node) -> Resource:
        """Keep a resource of the patient's chart that was made of this node; gives the reference to it.

        Its identifier is made of the patient's number and the node's id: systems copy ids from their templates, so that an
        id alone may be another patient's, or another entry's. What happens once is known by its code and time, too, so that
        the next result under the same id does not take the place of the last one; a condition under its id is the same one.
        """
        ids = [text for each in node.all("id") if (text := _id_text(each))]
        made = {name: value for name, value in resource.items() if value not in (None, "", [], {})}
        what = _what(made)
        type_name = str(made["resourceType"])
        named = f"{ids[0]}:{what}" if ids and type_name in _EVENTS else ids[0] if ids else what
        basis = f"ccda:{self.patient_number}:{named}"
        number, name = 1, basis
        while (known := self._kept.get((type_name, name))) is not None:
            if {k: v for k, v in known.items() if k != "identifier"} == made:
                break
            number += 1
            name = f"{basis}:{what}" if number == 2 and what not in named else f"{basis}:{number}"
        key = Key(self.mapping.record_system, name)
        self._kept[type_name, name] = {"resourceType": type_name, "identifier": [key.identifier()]} | made
        return key.reference(type_name)

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
