"""Many rows of one table, inserted without making SQL for each: what a model's bulk_create does at a third of its cost."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from django.db import connection, models

Row = Sequence[Any]


def insert_many(model: type[models.Model], *, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows as the database takes them (`instant` for times). Inside the caller's transaction.

    PostgreSQL reads them by COPY, SQLite by one prepared statement.
    """
    if not rows:
        return
    quote = connection.ops.quote_name
    table, names = quote(model._meta.db_table), ", ".join(map(quote, columns))  # noqa: SLF001
    # Names of tables and columns only; every value is a parameter.
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608


def insert_objects(objects: Iterable[models.Model], *, have_keys: bool = False) -> None:
    """Insert new objects of one model. Keys that they do not have yet (`new_keys`) are not read back."""
    objects = list(objects)
    if not objects:
        return
    model = type(objects[0])
    fields = [f for f in model._meta.local_concrete_fields if have_keys or not f.primary_key]  # noqa: SLF001
    names = [field.attname for field in fields]
    adapted = [(place, to_column) for place, field in enumerate(fields) if (to_column := _adapter(field)) is not None]
    rows = []
    for one in objects:
        row = [getattr(one, name) for name in names]
        for place, to_column in adapted:
            row[place] = to_column(row[place])
        rows.append(row)
    insert_many(model, columns=[str(field.column) for field in fields], rows=rows)


def new_keys(model: type[models.Model], number: int) -> list[int]:
    """Keys for so many new rows of a table with counted keys, which nobody else gets.

    SQLite counts them when a row comes, so there the caller's transaction must be the one that writes.
    """
    table = model._meta.db_table  # noqa: SLF001
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, number]
            )
            return [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
    last = row[0] if row else 0
    return list(range(last + 1, last + 1 + number))


def instant(moment: datetime | None) -> Any:
    """A time as the database takes it: SQLite keeps text."""
    return connection.ops.adapt_datetimefield_value(moment)


def _adapter(field: "models.Field[Any, Any]") -> Any:
    """What a value of this kind needs before the driver takes it; None when nothing."""
    if isinstance(field, models.DateTimeField):
        return cache(instant)  # one write has one time for all its rows
    if isinstance(field, models.JSONField):
        return lambda value: orjson.dumps(value).decode()
    if isinstance(field, models.UUIDField) and not connection.features.has_native_uuid_field:
        return lambda value: value.hex
    return None
