"""Parquet files as rows of texts: batch by batch, so that memory does not grow with the file."""

import datetime as dt
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wardround.interchange.errors import Unreadable
from wardround.interchange.tables.cell_text import DecimalSign, clock_text, moment_text, number_text

_BATCH = 1000
_ROWS_A_BYTE = 64  # columns of one value pack well, but every row has a patient
_FREE_ROWS = 100_000


class ParquetTable:
    """An opened file: its column names, and its rows. Raises Unreadable with a part of a sentence."""

    def __init__(self, file: BinaryIO, *, decimal: DecimalSign | None, zone: dt.tzinfo | None) -> None:
        size = file.seek(0, 2)
        file.seek(0)
        try:
            self._file = pq.ParquetFile(file, memory_map=False, pre_buffer=False)
            schema = self._file.schema_arrow
        except (pa.ArrowException, OSError, ValueError, RuntimeError):
            raise Unreadable("it is damaged, encrypted, or no Parquet file") from None
        if self._file.metadata.num_rows > _FREE_ROWS + _ROWS_A_BYTE * size:
            raise Unreadable("it says that it has more rows than a file of its size can hold")
        self.names = tuple(schema.names)
        self.nested = tuple(f.name for f in schema if pa.types.is_nested(f.type) or pa.types.is_union(f.type))
        self._decimal = decimal
        self._zone = zone

    def rows(self, columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """The texts of these columns, row by row."""
        try:
            for batch in self._file.iter_batches(batch_size=_BATCH, columns=list(columns), use_threads=False):
                values = [self._texts(batch.column(batch.schema.get_field_index(name))) for name in columns]
                yield from zip(*values, strict=True)
        except (pa.ArrowException, OSError, ValueError, OverflowError, RuntimeError, KeyError):
            raise Unreadable("it is damaged from here on, or holds texts that are not UTF-8") from None

    def _texts(self, column: Any) -> list[str]:
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        if pa.types.is_float32(kind) or pa.types.is_float16(kind):
            exact = [None if value is None else np.float32(value) for value in column.to_pylist()]
            return ["" if value is None else self._float(float(str(value))) for value in exact]
        if pa.types.is_timestamp(kind) and kind.unit == "ns":
            column = column.cast(pa.timestamp("us", kind.tz), safe=False)
        return [self._text(value) for value in column.to_pylist()]

    def _float(self, value: float) -> str:
        return "" if math.isnan(value) else number_text(value, decimal=self._decimal)

    def _text(self, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, float):
            return self._float(value)
        if isinstance(value, Decimal):  # its scale is what was typed
            text = f"{value:f}"
            return text.replace(".", ",") if self._decimal == "comma" else text
        if isinstance(value, dt.datetime):
            moment = value.astimezone(self._zone).replace(tzinfo=None) if value.tzinfo else value
            return moment_text(moment, with_time=True)
        if isinstance(value, dt.date):
            return value.isoformat()
        if isinstance(value, dt.time):
            return value.strftime("%H:%M:%S")
        if isinstance(value, dt.timedelta):
            return clock_text(value)
        if isinstance(value, bytes):
            return value.decode("utf-8")
        return str(value)
