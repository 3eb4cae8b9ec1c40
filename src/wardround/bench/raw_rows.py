"""Plain database connections beside Django's, for floors: rows read out as tuples, and put in again elsewhere."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, models

Row = tuple[Any, ...]
_FLOOR = "floor"  # the second database of a PostgreSQL server


class Raw:
    """A driver's own connection, kept open. Statements are written with %s for both drivers."""

    def __init__(self, own: Any, *, is_sqlite: bool) -> None:
        self._own = own
        self.is_sqlite = is_sqlite

    def rows(self, statement: str, values: Sequence[object]) -> list[Row]:
        found: list[Row] = self._own.execute(self._for_driver(statement), values).fetchall()
        return found

    def insert(self, table: "Table", rows: Sequence[Row]) -> None:
        """All rows in one statement: SQLite's executemany, PostgreSQL's COPY."""
        names = ", ".join(f'"{name}"' for name in table.columns)
        if self.is_sqlite:
            places = ", ".join("?" * len(table.columns))
            # Names of tables and columns only; every value is a parameter.
            self._own.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({places})', rows)  # noqa: S608
            return
        with self._own.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)

    def commit(self) -> None:
        self._own.commit()

    def _for_driver(self, statement: str) -> str:
        return statement.replace("%s", "?") if self.is_sqlite else statement


class Table:
    """The columns of a model's table, as they are in the database."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        self.name = model._meta.db_table  # noqa: SLF001
        self.columns = tuple(str(field.column) for field in model._meta.local_concrete_fields)  # noqa: SLF001

    def place(self, column: str) -> int:
        return self.columns.index(column)

    def read(self, raw: Raw, *, where: str = "TRUE", values: Sequence[object] = ()) -> list[Row]:
        """The rows as the driver gives them, fit to be inserted again."""
        names = ", ".join(f'"{name}"' for name in self.columns)
        return raw.rows(f'SELECT {names} FROM "{self.name}" WHERE {where} ORDER BY 1', values)  # noqa: S608 - names


@contextmanager
def raw_connection() -> Iterator[Raw]:
    """A plain connection to the site's own database, with the site's settings of SQLite."""
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        with closing(_sqlite(Path(facts["NAME"]))) as own:
            yield Raw(own, is_sqlite=True)
    else:
        with closing(_psycopg(facts["NAME"])) as own:
            yield Raw(own, is_sqlite=False)


@contextmanager
def empty_copy(folder: Path) -> Iterator[Raw]:
    """A plain connection to an empty database of the same schema. Ask for it before the site's own has rows."""
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(folder / "floor.sqlite3")])
        with closing(_sqlite(folder / "floor.sqlite3")) as own:
            yield Raw(own, is_sqlite=True)
        return
    connection.close()
    with closing(_psycopg("template1")) as server:
        server.autocommit = True
        server.execute(f'CREATE DATABASE {_FLOOR} TEMPLATE "{facts["NAME"]}"')
    with closing(_psycopg(_FLOOR)) as own:
        yield Raw(own, is_sqlite=False)


def _sqlite(path: Path) -> sqlite3.Connection:
    own = sqlite3.connect(path)
    own.executescript(connection.settings_dict["OPTIONS"]["init_command"])
    return own


def _psycopg(name: str) -> psycopg.Connection[Any]:
    facts = connection.settings_dict
    given = {"user": facts["USER"], "password": facts["PASSWORD"], "host": facts["HOST"], "port": facts["PORT"]}
    return psycopg.connect(dbname=name, **{key: value for key, value in given.items() if value})
