"""What a ViewDefinition says, as a tree of compiled paths (SQL on FHIR v2, "ViewDefinition")."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from wardround.interchange.fhir.path.compiler import Path
from wardround.interchange.fhir.path.nodes import Node

Iteration = Literal["", "forEach", "forEachOrNull", "repeat"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: a value for each row, or a list of them where `is_collection`."""

    name: str
    path: Path
    type: str  # as the definition declares it, "" where it does not
    is_collection: bool


@dataclass(frozen=True, slots=True)
class Select:
    """Columns, further selections and unions, once for each item that the iteration gives.

    Every row of the columns is combined with every row of each selection and of the union of all `branches`.
    """

    columns: tuple[Column, ...] = ()
    selects: tuple["Select", ...] = ()
    branches: tuple["Select", ...] = ()
    iteration: Iteration = ""
    paths: tuple[Path, ...] = ()  # one for forEach and forEachOrNull, one or more for repeat

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The columns of a row, in their order; every branch of a union has the same."""
        below = tuple(column for select in self.selects for column in select.all_columns)
        union = self.branches[0].all_columns if self.branches else ()
        return self.columns + below + union


@dataclass(frozen=True, slots=True)
class View:
    """A view over one type of resource. `where` are conditions that a resource must meet, all of them."""

    name: str
    resource_type: str
    select: Select
    where: tuple[Path, ...] = ()
    constants: Mapping[str, Node] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.select.all_columns
