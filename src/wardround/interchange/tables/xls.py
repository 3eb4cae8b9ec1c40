"""Old Excel workbooks (.xls: BIFF) by python-calamine, which runs in a process of its own (xls_worker)."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from wardround.interchange.errors import Unreadable
from wardround.interchange.tables.cell_text import DecimalSign
from wardround.interchange.tables.sheets import Sheet, SheetRow

_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an OLE compound file
MAX_BYTES = 256 * 1024 * 1024
_WORKER = "wardround.interchange.tables.xls_worker"
_DAMAGED = "it is damaged, locked by a password, or takes more memory or time than a workbook does"


class XlsBook:
    """An opened workbook. Number formats and hidden rows are not in what the library gives. Raises Unreadable."""

    def __init__(self, file: BinaryIO, *, decimal: DecimalSign | None) -> None:
        if file.read(len(_MARK)) != _MARK:
            raise Unreadable("it is no Excel workbook of the .xls kind; what kind it is its ending should say")
        if file.seek(0, 2) > MAX_BYTES:
            raise Unreadable(f"it is larger than {MAX_BYTES // 1024**2} MiB; save the sheet as CSV")
        self._file = file
        self._decimal = decimal or "point"
        self.sheets = [
            Sheet(str(name), bool(is_hidden), lambda name=name: self._rows(str(name)))  # type: ignore[misc]
            for name, is_hidden in self._ask("sheets")
        ]

    def _rows(self, name: str) -> Iterator[SheetRow]:
        for number, cells, fault in self._ask("rows", self._decimal, name):
            yield SheetRow(number, tuple(cells), fault)

    def _ask(self, *arguments: str) -> Iterator[Any]:
        """The worker's lines, one by one. What it does not survive is Unreadable."""
        with tempfile.TemporaryFile() as given:
            self._file.seek(0)
            shutil.copyfileobj(self._file, given)
            given.seek(0)
            command = [sys.executable, "-m", _WORKER, *arguments]
            worker = subprocess.Popen(command, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603
            assert worker.stdout is not None  # noqa: S101 - it is a pipe
            try:
                for line in worker.stdout:
                    yield json.loads(line)
                if worker.wait() != 0:
                    raise Unreadable(_DAMAGED)
            except ValueError:
                raise Unreadable(_DAMAGED) from None
            finally:
                worker.stdout.close()
                worker.kill()
                worker.wait()
