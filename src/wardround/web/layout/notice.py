"""The notice that a demonstration or training system shows on every page, so that nobody takes it for the real one."""

from functools import cache
from pathlib import Path

from wardround.web.home import Home

FILE_NAME = "notice.txt"


def notice_of(home: Home) -> str:
    """The text of `notice.txt` in the home; empty for a home that has none. Read once per process."""
    return _read(home.path / FILE_NAME)


def say_on_every_page(home_path: Path, text: str) -> None:
    """Let every page of this home say so from its next start on."""
    (home_path / FILE_NAME).write_text(f"{text}\n", "utf-8")


@cache
def _read(path: Path) -> str:
    return path.read_text("utf-8").strip() if path.is_file() else ""
