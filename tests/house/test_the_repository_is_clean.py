"""What must never be in the repository: paths of a machine, secrets, pickles, long files, unfinished work."""

import re
import subprocess
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]


def tracked(*patterns: str) -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=HOUSE, capture_output=True, text=True, check=False
    )
    if listing.returncode != 0:
        pytest.skip("This is not a git checkout, so there is no list of files to read.")
    return [HOUSE / name for name in listing.stdout.split("\0") if name and (HOUSE / name).is_file()]


def matches(pattern: str, *patterns: str) -> list[str]:
    found = []
    for path in tracked(*patterns):
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{path.relative_to(HOUSE)}:{number}")
    return found


def test_no_source_file_is_longer_than_400_lines():
    long = {
        str(path.relative_to(HOUSE)): lines
        for path in tracked("src/**/*.py", "tests/**/*.py")
        if (lines := len(path.read_text("utf-8").splitlines())) > 400
    }
    assert long == {}


def test_nothing_unfinished_stays_behind():
    assert matches(r"\b(TODO|FIXME|XXX)\b|NotImplementedError", "src/*.py", "src/**/*.py", "tests/**/*.py") == []


def test_no_path_of_a_machine_is_written_down():
    assert (
        matches(
            r"/root/|/home/[a-z]+/|/work/(main|shared)|/opt/(wheels|pypi)",
            "src/**",
            "tests/**",
            "docs/**/*.md",
            "scripts/**",
            "*.md",
            "Makefile",
            ".ci/run",
        )
        == []
    )


def test_nothing_received_is_ever_unpickled():
    assert matches(r"^\s*(import|from) pickle\b|torch\.load\(|allow_pickle=True|yaml\.load\(", "src/**/*.py") == []


def test_no_private_key_is_committed():
    assert matches(r"BEGIN ([A-Z]+ )?PRIVATE KEY", "*") == []
