"""Runs a View over resources: the rows, in the order of the definition (SQL on FHIR v2, "Processing algorithm")."""

from collections.abc import Iterator
from typing import Any

from wardround.interchange.fhir.path.compiler import Path
from wardround.interchange.fhir.path.nodes import Node, Nodes, node_of
from wardround.interchange.fhir.path.scope import Context
from wardround.interchange.sql_on_fhir.errors import ViewFailed
from wardround.interchange.sql_on_fhir.view import Column, Select, View

Row = dict[str, Any]
MAX_ROWS = 100_000  # of one resource
MAX_DEPTH = 64  # of a repeat; a resource is no deeper
_FIRST = Node(0, "System.Integer")


def rows_of(view: View, resource: dict[str, Any]) -> Iterator[Row]:
    """The rows of one resource: JSON values by column name, None where there is no value.

    A resource of another type, or one that does not meet `where`, has none. Raises PathFailed, or ViewFailed for a
    condition that is no boolean, several values in a column that is no collection, or more than MAX_ROWS rows.
    """
    if resource.get("resourceType") != view.resource_type:
        return
    run = _Run(view, resource)
    focus = [node_of(resource)]
    if all(run.holds(path, focus) for path in view.where):
        yield from run.rows(view.select, focus, _FIRST)


class _Run:
    """One view over one resource."""

    def __init__(self, view: View, resource: dict[str, Any]) -> None:
        self._resource = resource
        self._constants = dict(view.constants)
        self._contexts: dict[int, Context] = {}

    def holds(self, path: Path, focus: Nodes) -> bool:
        found = path.over(focus, context=self._context(_FIRST))
        if not found:
            return False
        if len(found) > 1 or not isinstance(found[0].value, bool):
            raise ViewFailed("A path of where gives something that is neither true nor false; compare it with a value.")
        return found[0].value

    def rows(self, select: Select, focus: Nodes, index: Node) -> list[Row]:
        if not select.iteration:
            return self._rows_of_one(select, focus, index)
        items = self._items(select, focus, index)
        if not items and select.iteration == "forEachOrNull":
            return self._rows_of_one(select, [], _FIRST)
        rows: list[Row] = []
        for position, item in enumerate(items):
            rows += self._rows_of_one(select, [item], Node(position, "System.Integer"))
            _check_number(len(rows))
        return rows

    def _items(self, select: Select, focus: Nodes, index: Node) -> Nodes:
        context = self._context(index)
        if select.iteration != "repeat":
            return select.paths[0].over(focus, context=context)
        found: Nodes = []

        def follow(start: Nodes, depth: int) -> None:
            if depth > MAX_DEPTH:
                raise ViewFailed(f"A repeat goes more than {MAX_DEPTH} levels deep; its paths must lead downwards.")
            for path in select.paths:
                for below in path.over(start, context=context):
                    found.append(below)
                    _check_number(len(found))
                    follow([below], depth + 1)

        follow(focus, 0)
        return found

    def _rows_of_one(self, select: Select, focus: Nodes, index: Node) -> list[Row]:
        context = self._context(index)
        rows: list[Row] = [{column.name: _value(column, focus, context) for column in select.columns}]
        for below in select.selects:
            rows = _combined(rows, self.rows(below, focus, index))
        if select.branches:
            rows = _combined(rows, [row for branch in select.branches for row in self.rows(branch, focus, index)])
        return rows

    def _context(self, index: Node) -> Context:
        position: int = index.value
        if position not in self._contexts:
            self._contexts[position] = Context(
                resource=self._resource, variables={**self._constants, "rowIndex": index}
            )
        return self._contexts[position]


def _value(column: Column, focus: Nodes, context: Context) -> Any:
    values = [node.value for node in column.path.over(focus, context=context) if node.value is not None]
    if column.is_collection:
        return values
    if len(values) > 1:
        raise ViewFailed(
            f"Column {column.name} has several values in one row. Say collection: true, take one of them with first(), "
            "or give each a row with forEach."
        )
    return values[0] if values else None


def _combined(rows: list[Row], others: list[Row]) -> list[Row]:
    if len(others) == 1:
        return [row | others[0] for row in rows]
    _check_number(len(rows) * len(others))
    return [row | other for row in rows for other in others]


def _check_number(rows: int) -> None:
    if rows > MAX_ROWS:
        raise ViewFailed(f"One resource gives more than {MAX_ROWS} rows; use fewer forEach side by side.")
