"""The notice that a demonstration or training system shows on every page, so that nobody takes it for the real one."""

from functools import cache
from pathlib import Path

from wardround.web.home import Home

FILE_NAME = "notice.txt"


def notice_of(home: Home) -> str:
    """The text of `notice.txt` in the home; empty for a home that has none. Read once per process."""
    return _read(home.path / FILE_NAME)


@cache
def _read(path: Path) -> str:
    return path.read_text("utf-8").strip() if path.is_file() else ""
