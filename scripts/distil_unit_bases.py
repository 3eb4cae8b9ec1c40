"""Distil how common UCUM units reduce to base units, so that nobody waits for the unit registry to be made.

    python scripts/distil_unit_bases.py FOLDER

FOLDER holds valuesets.json (FHIR R4 4.0.1, CC0-1.0) with the value set ucum-common. Writes
src/wardround/clinical/unit_bases.json: base unit -> unit -> factor, or [factor, offset]. Units that do not reduce are
there under "".
"""

import json
import sys
from pathlib import Path
from typing import Any

from wardround.clinical.base_units import computed_reduction

TARGET = Path(__file__).parents[1] / "src" / "wardround" / "clinical" / "unit_bases.json"
VALUE_SET = "http://hl7.org/fhir/ValueSet/ucum-common"


def main(folder: Path, target: Path = TARGET) -> None:
    """Read the value set and write the table."""
    entries = json.loads((folder / "valuesets.json").read_text("utf-8"))["entry"]
    value_set = next(e["resource"] for e in entries if e["resource"].get("url") == VALUE_SET)
    codes = {concept["code"] for include in value_set["compose"]["include"] for concept in include["concept"]}
    table: dict[str, dict[str, Any]] = {}
    for code in sorted(codes):
        reduction = computed_reduction(code)
        if reduction is None:
            table.setdefault("", {})[code] = 0
        else:
            numbers = [reduction.factor, reduction.offset]
            table.setdefault(reduction.base_unit, {})[code] = numbers if reduction.offset else reduction.factor
    lines = ",\n".join(f"{_compact(base)}:{_compact(table[base])}" for base in sorted(table))
    target.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    print(f"{target.name}: {len(codes)} units, {len(table)} base units, {target.stat().st_size} bytes")


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
