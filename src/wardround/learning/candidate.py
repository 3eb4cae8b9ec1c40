"""The candidates of a study: how strongly a hospital may deviate from the shared weights. No torch here."""

from dataclasses import dataclass
from typing import Literal

from wardround.learning.specification import ModelSpec


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One strength of the site part: kind "shared", "intercept", or "deviation" with its strength."""

    kind: Literal["shared", "intercept", "deviation"]
    strength: float = 0.0

    @property
    def name(self) -> str:
        """``shared``, ``intercept``, ``deviation 20``."""
        return f"deviation {self.strength:g}" if self.kind == "deviation" else self.kind


def candidates(spec: ModelSpec) -> tuple[Candidate, ...]:
    """All candidates of a study, simplest first: the order in which ties are decided."""
    found = [Candidate(kind="shared")]
    if spec.site_intercept:
        found.append(Candidate(kind="intercept"))
    strongest_first = sorted(spec.deviation_strengths, reverse=True)
    found += [Candidate(kind="deviation", strength=strength) for strength in strongest_first]
    return tuple(found)
