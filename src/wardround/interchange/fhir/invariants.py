"""The published rules of FHIR R4 (invariants.json) as compiled FHIRPath, by the type or element they stand on.

`IN_PYTHON` names those that are written out in Python, `LEFT_OUT` those that are not checked, each with its reason.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from wardround.interchange.errors import FHIRPathError
from wardround.interchange.fhir.definitions import type_rule
from wardround.interchange.fhir.path.compiler import Path, compile_path
from wardround.interchange.fhir.path.nodes import Node
from wardround.interchange.fhir.path.scope import Context
from wardround.interchange.fhir.settled import sufficient_absences, sufficient_presences

IN_PYTHON: dict[str, str] = {
    "ele-1": "structure: it holds on every element",
    "ext-1": "structure: it holds on every extension",
    "dom-2": "containment",
    "dom-3": "containment",
    "dom-4": "containment",
    "dom-5": "containment",
    "dom-6": "containment",
    "ref-1": "references",
    "per-1": "periods: a day and a time on it cannot be ordered, so only a clear end before the start is refused",
    "sqty-1": "structure: on the elements of which the definitions say that they are a SimpleQuantity",
    "txt-1": "narrative",
    "txt-2": "narrative",
}
LEFT_OUT: dict[str, str] = {
    "dom-r4b": "R4B's, carried back into the package; it belongs to SubscriptionStatus",
    "sst-1": "R4B's, carried back into the package; it belongs to SubscriptionStatus",
    "evv-1": "R5's, carried back into the package; R4's EvidenceVariable.characteristic has definition[x] 1..1",
    "mqty-1": "MoneyQuantity is a profile that no element of R4 has",
}
_NO_PRACTITIONER = ("PractitionerRole", "RelatedPerson", "Patient", "Organization", "CareTeam")
REWRITTEN: dict[str, tuple[str, str]] = {
    "ctm-1": (
        "onBehalfOf.empty() or member.empty() or ("
        + " or ".join(f"member.resolve() is {name}" for name in _NO_PRACTITIONER)
        + ").not()",
        "the published text reads the member's resource; what the reference says of itself is enough",
    ),
    "que-7": (
        "operator = 'exists' implies (answer is boolean)",
        "the published text asks for System's Boolean, which an element of FHIR never is",
    ),
    "ras-2": (
        "probability.empty() or (probability is decimal implies (probability as decimal) <= 100)",
        "the published text is empty, neither true nor false, where there is no probability",
    ),
}
_SURELY_THERE = (str, dict)
# An ordering of values of different precision or unit is neither true nor false; nobody can call it broken.
_MAY_BE_UNDECIDED = frozenset({"inv-1", "mdd-1", "rng-2", "eld-2"})


@dataclass(frozen=True, slots=True)
class Invariant:
    """One rule. It surely holds where an element of `needs` (JSON names, one of each) is absent, or one of `enough` there."""

    key: str
    severity: Literal["error", "warning"]
    sentence: str
    path: Path
    needs: tuple[tuple[str, ...], ...]
    enough: tuple[str, ...]

    def is_broken(self, value: Any, *, type_name: str, context: Context) -> bool:
        """Is it false of this item? What cannot be evaluated is broken as well: the rule has no meaning for it."""
        try:
            answer = self.path.boolean(Node(value, type_name), context=context)
        except FHIRPathError:
            return True
        if answer is None:
            # name.matches(...) of rules such as que-0 says nothing about a name that is not there.
            return self.key not in _MAY_BE_UNDECIDED and not self.key.endswith("-0")
        return not answer

    def is_settled(self, value: Any) -> bool:
        """Whether it surely holds of this item, by what is there and what is not: `is_broken` need not be asked."""
        if type(value) is not dict:
            return False
        for name in self.enough:
            if type(value.get(name)) in _SURELY_THERE:
                return True
        for names in self.needs:
            for name in names:
                if name in value:
                    break
            else:
                return True
        return False


@cache
def invariants_of(type_name: str) -> tuple[Invariant, ...]:
    """The rules on every value of a resource type, complex type or backbone path."""
    return _compiled(_file()["types"].get(type_name, []), type_name)


@cache
def invariants_at(defined_as: str) -> tuple[Invariant, ...]:
    """The rules on one element whose type has no such rule itself, such as Organization.address."""
    return _compiled(_file()["elements"].get(defined_as, []), "")


def _compiled(rules: list[list[str]], type_name: str) -> tuple[Invariant, ...]:
    return tuple(_invariant(rule, type_name) for rule in rules if _is_run(rule[0]))


def _is_run(key: str) -> bool:
    return key not in IN_PYTHON and key not in LEFT_OUT


def _invariant(rule: list[str], type_name: str) -> Invariant:
    key, severity, text, human = rule
    path = compile_path(REWRITTEN[key][0] if key in REWRITTEN else text)
    absent = sufficient_absences(path.tree) if type_name else ()
    there = sufficient_presences(path.tree) if type_name else ()
    return Invariant(
        key=key,
        severity="error" if severity == "error" else "warning",
        sentence=f"Rule {key}: {(SENTENCES.get(key) or human).rstrip('.')}.",
        path=path,
        needs=tuple(found for name in absent if (found := _json_names(type_name, name))),
        enough=tuple(found for name in there for found in _json_names(type_name, name)),
    )


def _json_names(type_name: str, name: str) -> tuple[str, ...]:
    """The JSON names under which an element may stand, values and what stands beside them."""
    own = [r.name for r in type_rule(type_name).elements.values() if (r.choice.removesuffix("[x]") or r.name) == name]
    return (*own, *(f"_{found}" for found in own))


@cache
def _file() -> dict[str, dict[str, list[list[str]]]]:
    text = resources.files("wardround.interchange.fhir").joinpath("invariants.json").read_text("utf-8")
    loaded: dict[str, dict[str, list[list[str]]]] = json.loads(text)
    return loaded


# Where the published sentence does not say what would be right.
SENTENCES: dict[str, str] = {
    "app-2": "start and end stand together; give both or neither",
    "app-3": "an appointment that is not proposed, cancelled or on the waiting list has a start and an end",
    "ait-1": "clinicalStatus is there unless verificationStatus is entered-in-error",
    "ait-2": "an allergy entered in error has no clinicalStatus; leave it out",
    "bdl-1": "total stands only in a searchset or a history",
    "bdl-2": "entry.search stands only in a searchset",
    "bdl-3": "each entry of a batch, transaction or history has a request, and in other bundles none has",
    "bdl-4": "each entry of a batch-response, transaction-response or history has a response, and in other bundles none has",
    "bdl-5": "an entry has a resource, a request or a response",
    "bdl-7": "a fullUrl stands once in a bundle, or each time with another meta.versionId",
    "bdl-8": "fullUrl names the resource, not one version of it; leave /_history/ out",
    "cnt-3": "a Count is a whole number with the code 1 of UCUM",
    "con-4": "a condition that has abated has the clinicalStatus inactive, remission or resolved",
    "con-5": "a condition entered in error has no clinicalStatus; leave it out",
    "cpt-2": "a contact point with a value has a system, for example phone",
    "csd-1": "each code stands once in a code system",
    "obs-3": "a reference range has a low, a high or a text",
    "obs-6": "dataAbsentReason says why there is no value; leave one of the two out",
    "obs-7": "a component does not repeat the code of an observation that has a value",
    "org-1": "an organization has a name or an identifier",
    "org-2": "an address of an organization is not of use home",
    "org-3": "a telecom of an organization is not of use home",
    "pat-1": "a contact has a name, a telecom, an address or an organization",
    "qty-3": "a quantity with a code has a system, for example http://unitsofmeasure.org",
    "que-2": "each linkId stands once in a questionnaire",
    "rng-2": "low is not above high",
    "rat-1": "a ratio has a numerator and a denominator, or neither and an extension",
    "sev-1": "an entity has a name or a query, not both",
}
