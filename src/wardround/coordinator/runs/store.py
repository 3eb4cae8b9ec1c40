"""Where a study's run is remembered between two steps: encrypted, whole or not at all. No Django."""

from wardround.web.home import Home
from wardround.web.sealed_file import read_sealed, write_sealed


class StudyStore:
    """federation's StateStore. All runs of one study share it: a study's sums are revealed once."""

    def __init__(self, home: Home, *, study_hash: str) -> None:
        self._home = home
        self._path = home.engine / "studies" / f"{study_hash}.sealed"
        self._purpose = f"run of study {study_hash}"
        self._path.parent.mkdir(mode=0o700, exist_ok=True)

    def load(self) -> bytes | None:
        """What was saved last, or None. Raises SealedFileError when the file was changed."""
        if not self._path.exists():
            return None
        return read_sealed(self._path, home=self._home, purpose=self._purpose)

    def save(self, data: bytes) -> None:
        """Returns when the bytes are on the disk."""
        write_sealed(self._path, data, home=self._home, purpose=self._purpose)
