"""The files of OMOP tables as plain text that can be read at any place: unpacked or converted into files without a name."""

import csv
import io
import shutil
import tempfile
from contextlib import ExitStack
from datetime import tzinfo
from pathlib import Path
from typing import BinaryIO

from wardround.interchange.packed import GZIP_MARK, gunzipped
from wardround.interchange.tables.parquet import ParquetTable

ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")
_PIECE = 1024 * 1024


def table_of(path: Path | str) -> str:
    """The table that a file holds, by its name."""
    return Path(path).name.lower().split(".")[0]


def plain(path: Path, *, zone: tzinfo | None) -> BinaryIO:
    """The file's bytes as CSV. What was packed lies in a file that has no name and is gone when it is closed.

    Raises OSError, and Unreadable with a part of a sentence for damage and for bombs.
    """
    file = path.open("rb")
    if path.name.lower().endswith(".parquet"):
        with file:
            return _from_parquet(file, zone)
    is_packed = file.read(len(GZIP_MARK)) == GZIP_MARK
    file.seek(0)
    if not is_packed:
        return file
    with file, ExitStack() as stack:
        unpacked = stack.enter_context(tempfile.TemporaryFile())
        shutil.copyfileobj(gunzipped(file), unpacked, _PIECE)
        unpacked.seek(0)
        stack.pop_all()
    return unpacked


def _from_parquet(file: BinaryIO, zone: tzinfo | None) -> BinaryIO:
    table = ParquetTable(file, decimal=None, zone=zone)
    names = tuple(name for name in table.names if name not in table.nested)
    with ExitStack() as stack:
        unpacked = stack.enter_context(tempfile.TemporaryFile())
        text = io.TextIOWrapper(unpacked, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(table.rows(names))
        text.detach()
        unpacked.seek(0)
        stack.pop_all()
    return unpacked
