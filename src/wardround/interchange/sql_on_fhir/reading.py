"""From a ViewDefinition's JSON to a View; everything that is wrong with it is said at once, each with its place."""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

from wardround.interchange.errors import NotFHIRPath
from wardround.interchange.fhir.definitions import primitive_types, resource_types
from wardround.interchange.fhir.path.compiler import Path, compile_path
from wardround.interchange.fhir.path.nodes import Node
from wardround.interchange.fhir.path.syntax import External
from wardround.interchange.fhir.structure import Problem
from wardround.interchange.sql_on_fhir.errors import ViewRefused
from wardround.interchange.sql_on_fhir.view import Column, Iteration, Select, View

MAX_DEPTH = 16  # selections inside selections
MAX_COLUMNS = 1000
MAX_PROBLEMS = 50
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,254}")
_ITERATIONS: tuple[Iteration, ...] = ("forEach", "forEachOrNull", "repeat")
_KNOWN = frozenset({"resource", "rootResource", "context", "ucum", "sct", "loinc", "rowIndex"})


def read_view(definition: Any) -> View:
    """A View that can be run; raises ViewRefused with a path and a sentence for each thing that is wrong."""
    reader = _Reader()
    view = reader.view(definition)
    if view is None or reader.problems:
        raise ViewRefused(reader.problems[:MAX_PROBLEMS])
    return view


class _Reader:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._constants: dict[str, Node] = {}
        self._columns = 0

    def view(self, definition: Any) -> View | None:
        at = "ViewDefinition"
        if not isinstance(definition, dict):
            self._wrong(at, "A ViewDefinition is a JSON object.")
            return None
        if definition.get("resourceType", at) != at:
            self._wrong(f"{at}.resourceType", "The resourceType is ViewDefinition.")
        resource_type = definition.get("resource")
        if not isinstance(resource_type, str) or resource_type not in resource_types():
            self._wrong(f"{at}.resource", "Name the type the view is over, a resource type of FHIR R4 such as Patient.")
            resource_type = ""
        self._read_constants(definition.get("constant", []), at=f"{at}.constant")
        selects = self._selects(definition.get("select"), at=f"{at}.select", depth=1)
        if not selects:
            self._wrong(f"{at}.select", "A view needs select, a list of at least one selection.")
        where = [
            self._path(self._object(item, at=f"{at}.where[{i}]").get("path"), at=f"{at}.where[{i}].path")
            for i, item in enumerate(self._list(definition.get("where", []), at=f"{at}.where"))
        ]
        whole = Select(selects=tuple(selects))
        self._check_names(whole)
        name = definition.get("name")
        return View(
            name=name if isinstance(name, str) else "",
            resource_type=resource_type,
            select=whole,
            where=tuple(path for path in where if path is not None),
            constants=dict(self._constants),
        )

    def _read_constants(self, content: Any, *, at: str) -> None:
        for index, item in enumerate(self._list(content, at=at)):
            here = f"{at}[{index}]"
            constant = self._object(item, at=here)
            name = constant.get("name")
            if not isinstance(name, str) or _NAME.fullmatch(name) is None:
                self._wrong(f"{here}.name", "A constant's name begins with a letter and has letters, digits and _.")
                continue
            values = [key for key in constant if key.startswith("value")]
            type_name = values[0][5:6].lower() + values[0][6:] if len(values) == 1 else ""
            if type_name not in primitive_types() or isinstance(constant[values[0]], dict | list):
                self._wrong(f"{here}.value[x]", "A constant has one value of a primitive type, such as valueString.")
                # The name is known all the same: its uses are not wrong as well.
                self._constants[name] = Node("", "string")
                continue
            self._constants[name] = Node(constant[values[0]], type_name)

    def _selects(self, content: Any, *, at: str, depth: int) -> list[Select]:
        if depth > MAX_DEPTH:
            self._wrong(at, f"Selections stand at most {MAX_DEPTH} inside each other.")
            return []
        items = self._list([] if content is None else content, at=at)
        return [
            self._select(self._object(item, at=f"{at}[{i}]"), at=f"{at}[{i}]", depth=depth)
            for i, item in enumerate(items)
        ]

    def _select(self, item: dict[str, Any], *, at: str, depth: int) -> Select:
        chosen = [name for name in _ITERATIONS if name in item]
        if len(chosen) > 1:
            self._wrong(at, f"{' and '.join(chosen)} are both there; a selection iterates in one way.")
        iteration: Iteration = chosen[0] if chosen else ""
        branches = self._selects(item.get("unionAll"), at=f"{at}.unionAll", depth=depth + 1)
        self._check_branches(branches, at=f"{at}.unionAll")
        select = Select(
            columns=tuple(self._read_columns(item.get("column", []), at=f"{at}.column")),
            selects=tuple(self._selects(item.get("select"), at=f"{at}.select", depth=depth + 1)),
            branches=tuple(branches),
            iteration=iteration,
            paths=self._iterated(item, iteration, at=at),
        )
        if not (select.columns or select.selects or select.branches):
            self._wrong(at, "A selection needs at least one of column, select and unionAll.")
        return select

    def _iterated(self, item: dict[str, Any], iteration: Iteration, *, at: str) -> tuple[Path, ...]:
        if not iteration:
            return ()
        content = item[iteration]
        if iteration != "repeat":
            path = self._path(content, at=f"{at}.{iteration}")
            return () if path is None else (path,)
        if not isinstance(content, list) or not content:
            self._wrong(f"{at}.repeat", 'repeat is a list of paths, for example ["item"].')
            return ()
        paths = (self._path(text, at=f"{at}.repeat[{i}]") for i, text in enumerate(content))
        return tuple(path for path in paths if path is not None)

    def _read_columns(self, content: Any, *, at: str) -> Iterator[Column]:
        for index, item in enumerate(self._list(content, at=at)):
            here = f"{at}[{index}]"
            column = self._object(item, at=here)
            name, type_name, collection = column.get("name"), column.get("type", ""), column.get("collection", False)
            self._columns += 1
            if self._columns == MAX_COLUMNS + 1:
                self._wrong(here, f"A view has at most {MAX_COLUMNS} columns.")
            if not isinstance(name, str) or _NAME.fullmatch(name) is None:
                self._wrong(f"{here}.name", "A column's name begins with a letter and has letters, digits and _.")
                name = ""
            if not isinstance(type_name, str):
                self._wrong(f"{here}.type", "type names a FHIR type, for example string.")
                type_name = ""
            if not isinstance(collection, bool):
                self._wrong(f"{here}.collection", "collection is true or false.")
            path = self._path(column.get("path"), at=f"{here}.path")
            if path is not None:
                yield Column(name=name, path=path, type=type_name, is_collection=collection is True)

    def _path(self, text: Any, *, at: str) -> Path | None:
        if not isinstance(text, str) or not text.strip():
            self._wrong(at, "This is a FHIRPath expression, a string such as name.family.")
            return None
        try:
            path = compile_path(text)
        except NotFHIRPath as error:
            self._wrong(at, str(error))
            return None
        unknown = sorted(set(_externals(path.tree)) - self._constants.keys() - _KNOWN)
        unknown = [name for name in unknown if not name.startswith(("vs-", "ext-"))]
        if unknown:
            self._wrong(at, f"%{unknown[0][:60]} is no constant of this view; add it to constant.")
            return None
        return path

    def _check_branches(self, branches: list[Select], *, at: str) -> None:
        if not branches:
            return
        first = [column.name for column in branches[0].all_columns]
        for index, branch in enumerate(branches[1:], start=1):
            if [column.name for column in branch.all_columns] != first:
                sentence = "All branches of a union have the same columns in the same order; those of the first are "
                self._wrong(f"{at}[{index}]", f"{sentence}{', '.join(first)[:300]}.")

    def _check_names(self, whole: Select) -> None:
        seen: set[str] = set()
        for column in whole.all_columns:
            if column.name in seen:
                self._wrong("ViewDefinition.select", f"Two columns are called {column.name}; a name stands once.")
            seen.add(column.name)

    def _list(self, content: Any, *, at: str) -> list[Any]:
        if isinstance(content, list):
            return content
        self._wrong(at, "This is a list.")
        return []

    def _object(self, content: Any, *, at: str) -> dict[str, Any]:
        if isinstance(content, dict):
            return content
        self._wrong(at, "This is a JSON object.")
        return {}

    def _wrong(self, at: str, sentence: str) -> None:
        self.problems.append(Problem(at, sentence))


def _externals(tree: Any) -> Iterator[str]:
    """The %names in a tree."""
    if isinstance(tree, External):
        yield tree.name
    elif isinstance(tree, tuple):
        for item in tree:
            yield from _externals(item)
    elif dataclasses.is_dataclass(tree):
        for part in dataclasses.fields(tree):
            yield from _externals(getattr(tree, part.name))
