"""Redraws the map at the end of ARCHITECTURE.md: every file of the package with the first sentence of its docstring."""

import ast
import re
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[1]
PACKAGE = HOUSE / "src" / "wardround"
PLAN = HOUSE / "ARCHITECTURE.md"
SUFFIXES = {".py", ".toml", ".yaml"}
UNLISTED = {"__init__.py", "apps.py"}
HIDDEN = {"migrations", "__pycache__", "static"}
WIDTH = 28  # of the column that holds the names
# From the ground up; a floor that is not named here comes last.
FLOORS = ("clinical", "interchange", "learning", "federation", "web", "hospital", "coordinator", "demo", "bench")


def sentence_of(path: Path) -> str:
    """The first sentence of a module's docstring, or of the comment that a data file begins with."""
    if path.suffix == ".py":
        text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    else:
        comments = [line.lstrip("# ").strip() for line in path.read_text("utf-8").splitlines() if line.startswith("#")]
        text = comments[0] if comments else ""
    return text.strip().split("\n")[0]


def lines_of(folder: Path, *, depth: int = 0) -> list[str]:
    """A folder's own files, then its folders."""
    indent = "  " * depth
    files = sorted(p for p in folder.iterdir() if p.suffix in SUFFIXES and p.name not in UNLISTED)
    lines = [f"{indent}{path.name:<{WIDTH}}{sentence_of(path)}".rstrip() for path in files]
    for path in sorted((p for p in folder.iterdir() if p.is_dir() and p.name not in HIDDEN), key=_place):
        below = lines_of(path, depth=depth + 1)
        about = sentence_of(path / "__init__.py") if (path / "__init__.py").exists() else ""
        if below:
            lines += [f"{indent}{path.name + '/':<{WIDTH}}{about}".rstrip(), *below]
    return lines


def _place(folder: Path) -> tuple[int, str]:
    is_floor = folder.parent == PACKAGE and folder.name in FLOORS
    return (FLOORS.index(folder.name) if is_floor else len(FLOORS), folder.name)


def main() -> None:
    """Rewrite the block between the fences of the map."""
    text = PLAN.read_text("utf-8")
    drawn = "```map\n" + "\n".join(lines_of(PACKAGE)) + "\n```"
    PLAN.write_text(re.sub(r"^```map\n.*?^```", lambda _: drawn, text, flags=re.DOTALL | re.MULTILINE), "utf-8")


if __name__ == "__main__":
    main()
