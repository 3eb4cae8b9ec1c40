"""What a view can be refused for, and how it can fail on a resource; no sentence holds patient data."""

from collections.abc import Iterable

from wardround.interchange.errors import InterchangeError
from wardround.interchange.fhir.structure import Problem


class ViewRefused(InterchangeError):
    """A ViewDefinition cannot be meant; `problems` has a path and a sentence for each thing that is wrong."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(f"{problem.path}: {problem.sentence}" for problem in self.problems))


class ViewFailed(InterchangeError):
    """A view has no rows on a resource: a condition or a column is not what it must be, or there are too many rows."""
