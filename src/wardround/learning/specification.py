"""What a study says about its inputs and its model: the nouns that the study document is read into."""

from dataclasses import dataclass
from typing import Literal

FeatureKind = Literal["numeric", "boolean", "category"]


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One input of a study, named by the MEDS code its events carry.

    ``numeric``: ``code`` is the whole MEDS code (``LOINC//8480-6``), the value is the event's ``numeric_value``.
    The code ``MEDS_BIRTH`` means age: index year minus birth year, in whole years.
    ``boolean``: ``code`` is a prefix; the events are ``code//true`` and ``code//false``; ``answers`` may stay empty.
    ``category``: ``code`` is a prefix; the events are ``code//ANSWER`` for the ANSWERs of ``answers``
    (``GENDER`` with ``female`` and ``male`` is one: its events have no time).
    """

    name: str
    kind: FeatureKind
    code: str
    title: str
    unit: str = ""
    answers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name or not self.code or not self.title:
            raise ValueError(f"Feature {self.name!r} needs a name, a code and a title.")
        if self.kind not in ("numeric", "boolean", "category"):
            raise ValueError(f"Feature {self.name!r} is {self.kind!r}; it can be numeric, boolean or category.")
        if self.kind == "category" and len(self.answers) < 2:
            raise ValueError(f"Feature {self.name!r} is a category, so it needs at least two answers.")
        if len(set(self.answers)) != len(self.answers):
            raise ValueError(f"Feature {self.name!r} lists an answer twice.")
        if self.kind == "numeric" and self.answers:
            raise ValueError(f"Feature {self.name!r} is numeric, so it has no answers.")
        if self.kind == "boolean" and self.answers not in ((), ("false", "true")):
            raise ValueError(f"Feature {self.name!r} is boolean: its answers are false and true, in this order.")

    @property
    def choices(self) -> tuple[str, ...]:
        """The answers in code order; a boolean's are always ``("false", "true")``, a numeric feature has none."""
        return ("false", "true") if self.kind == "boolean" else self.answers


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """The model of a study: logistic regression with shared weights, and what each hospital may keep for itself.

    ``ridge``: strength (in log-likelihood units, not divided by the patients) of the penalty on shared weights;
    intercepts bear none of it.
    ``site_intercept``: each hospital may have an intercept of its own around the mean one.
    ``intercept_strength``: how strongly a site intercept is held at the mean one; more than 0, so that a hospital
    with one outcome only still has a finite one.
    ``deviation_strengths``: strengths at which a hospital's weights may deviate from the shared ones. Besides them
    the candidates are always "no site part" and (with ``site_intercept``) "intercept only";
    federated validation chooses.
    """

    family: Literal["logistic"] = "logistic"
    ridge: float = 1.0
    site_intercept: bool = True
    intercept_strength: float = 0.1
    deviation_strengths: tuple[float, ...] = (50.0, 20.0, 5.0)

    def __post_init__(self) -> None:
        if self.family != "logistic":
            raise ValueError(f"Model family {self.family!r} is not known; it can be logistic.")
        if not 0 < self.ridge < 1e6:
            raise ValueError("The model's ridge must be more than 0 and less than a million.")
        if not 0 < self.intercept_strength < 1e6:
            raise ValueError("The model's intercept strength must be more than 0 and less than a million.")
        if any(not 0 < strength < 1e6 for strength in self.deviation_strengths):
            raise ValueError("Each deviation strength must be more than 0 and less than a million.")
        if len(set(self.deviation_strengths)) != len(self.deviation_strengths):
            raise ValueError("A deviation strength is listed twice.")
        if self.deviation_strengths and not self.site_intercept:
            raise ValueError("A study with site deviations needs the site intercept too.")
