"""From the name and value of a search parameter to a typed condition: modifiers, chains, reverse chains."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from wardround.hospital.fhir.authentication import require_scope
from wardround.hospital.fhir.errors import FhirError
from wardround.hospital.fhir.searching.limits import MOST_ALTERNATIVES, MOST_CRITERIA
from wardround.hospital.fhir.searching.values import split_at, target_of, token_of, unescaped, value_of
from wardround.hospital.records.search.query import Address, Chain, Condition, Criterion, ReverseChain, Value
from wardround.interchange.fhir.definitions import resource_types, value_set
from wardround.interchange.fhir.search_parameters import SearchParameter, parameters_of
from wardround.web.accounts.scopes import allows
from wardround.web.audit.actor import Actor

DEEPEST_CHAIN = 3
_MOST_UNTYPED_TARGETS = 10
_MODIFIERS: dict[str, tuple[str, ...]] = {
    "token": ("not", "in", "not-in", "missing"),
    "string": ("exact", "contains", "missing"),
    "reference": ("identifier", "missing"),
}
# Of R4, and not offered here; each is refused by a sentence of its own.
_NOT_OFFERED = {
    "text": "texts are encrypted and are not searched in full",
    "above": "no code system's hierarchy is held here",
    "below": "no code system's hierarchy is held here",
    "of-type": "the type of an identifier is not indexed",
}
SPECIAL = frozenset({"_text", "_content", "_list", "_query", "_filter", "near"})


class UnknownParameter(FhirError):
    """The type has no such parameter; with `Prefer: handling=lenient` it is left out."""


@dataclass
class ConditionReader:
    """Reads the conditions of one request for one caller, and counts them."""

    actor: Actor
    base: str  # this server's own address
    criteria: int = 0
    alternatives: int = 0
    read_types: set[str] = field(default_factory=set)

    def read(self, types: Sequence[str], name: str, text: str) -> Condition:
        """Raises `UnknownParameter` and `FhirError`; `Forbidden` when a type is read through that the token's scopes
        do not open to a search."""
        self.criteria += 1
        if self.criteria > MOST_CRITERIA:
            raise FhirError(f"A search has at most {MOST_CRITERIA} criteria. Ask in several searches.")
        return self._condition(types, name, text, depth=0)

    def may_search(self, type_name: str) -> bool:
        """May the caller search this type?"""
        return self.actor.kind != "service" or allows(self.actor.scopes, resource_type=type_name, letter="s")

    def require_search(self, type_name: str) -> None:
        if type_name not in self.read_types:
            require_scope(self.actor, type_name=type_name, letter="s")
            self.read_types.add(type_name)

    def _condition(self, types: Sequence[str], name: str, text: str, *, depth: int) -> Condition:
        if depth > DEEPEST_CHAIN:
            raise FhirError(f"A chain has at most {DEEPEST_CHAIN} links. Ask in several searches.", path=name[:60])
        if name.startswith("_has:"):
            return self._reverse(types, name, text, depth=depth)
        head, dot, rest = name.partition(".")
        code, _colon, modifier = head.partition(":")
        parameter = parameter_of(types, code)
        if dot:
            return self._chain(parameter, modifier, rest, text, depth=depth)
        return self._criterion(types[0], parameter, modifier, text)

    def _chain(self, parameter: SearchParameter, modifier: str, rest: str, text: str, *, depth: int) -> Chain:
        code = parameter.code
        if parameter.type != "reference":
            raise FhirError(f"{code} is no reference, so nothing can be chained to it.", path=code)
        targets = [modifier] if modifier else self._untyped_targets(parameter, rest)
        if modifier and modifier not in parameter.targets:
            raise FhirError(f"{code} does not refer to this type; {_listed(parameter.targets)}.", path=code)
        branches = []
        for target in targets:
            self.require_search(target)
            branches.append((target, self._condition((target,), rest, text, depth=depth + 1)))
        return Chain(parameter, tuple(branches))

    def _untyped_targets(self, parameter: SearchParameter, rest: str) -> list[str]:
        """The types that the rest of the chain fits, among those that the caller may search."""
        inner = rest.partition(".")[0].partition(":")[0]
        fitting = [t for t in sorted(parameter.targets) if inner == "_has" or inner in parameters_of(t)]
        if not fitting:
            raise UnknownParameter(
                f"No type that {parameter.code} refers to has this parameter; {_listed(parameter.targets)}.",
                path=f"{parameter.code}.{inner}"[:60],
            )
        if len(fitting) > _MOST_UNTYPED_TARGETS:
            raise FhirError(
                f"{parameter.code} refers to many types; name one, for example {parameter.code}:{fitting[0]}.{inner}.",
                path=parameter.code,
            )
        return [t for t in fitting if self.may_search(t)] or fitting[:1]

    def _reverse(self, types: Sequence[str], name: str, text: str, *, depth: int) -> ReverseChain:
        parts = name.split(":", 3)
        if len(parts) < 4 or parts[1] not in resource_types():
            raise FhirError("_has is written _has:Type:reference:parameter, for example _has:Observation:patient:code.")
        _has, source, code, rest = parts
        parameter = parameter_of((source,), code)
        if parameter.type != "reference" or not any(t in parameter.targets for t in types):
            raise FhirError(
                f"{source}.{code} does not refer to {' or '.join(types)}.", path=f"_has:{source}:{code}"[:60]
            )
        self.require_search(source)
        return ReverseChain(source, parameter, self._condition((source,), rest, text, depth=depth + 1))

    def _criterion(self, type_name: str, parameter: SearchParameter, modifier: str, text: str) -> Criterion:
        code = parameter.code
        if modifier == "missing":
            if text not in {"true", "false"}:
                raise FhirError(f"{code}:missing is true or false.", path=code)
            return Criterion(parameter, (), modifier, is_missing=text == "true")
        target_type = ""
        if parameter.type == "reference" and modifier in resource_types():
            if modifier not in parameter.targets:
                raise FhirError(f"{code} does not refer to this type; {_listed(parameter.targets)}.", path=code)
            target_type, modifier = modifier, ""
        _check_modifier(parameter, modifier)
        texts = [part for part in split_at(text, ",") if part]
        if not texts:
            raise FhirError(f"{code} has no value. Leave it out, or say what to look for.", path=code)
        self.alternatives += len(texts)
        if self.alternatives > MOST_ALTERNATIVES:
            raise FhirError(
                f"A search has at most {MOST_ALTERNATIVES} alternatives in all. Ask in several searches.", path=code
            )
        values = tuple(self._value(type_name, parameter, modifier, one, target_type=target_type) for one in texts)
        return Criterion(parameter, values, modifier)

    def _value(
        self, type_name: str, parameter: SearchParameter, modifier: str, text: str, *, target_type: str
    ) -> Value:
        if modifier in {"in", "not-in"}:
            return _value_set(parameter, unescaped(text))
        if modifier == "identifier":
            return token_of(parameter.code, text)
        if parameter.type == "reference":
            return target_of(parameter, unescaped(text), type_name=target_type, base=self.base)
        return value_of(parameter, text, type_name=type_name, base=self.base)


def parameter_of(types: Sequence[str], code: str) -> SearchParameter:
    """The published parameter of this code, which all of these types must have alike."""
    found = [parameters_of(type_name).get(code) for type_name in types]
    first = found[0]
    if first is not None and all(one is not None and one.type == first.type for one in found):
        return first
    if code in SPECIAL:
        raise UnknownParameter("This parameter of FHIR is not offered here.", path=code)
    if len(types) > 1:
        raise UnknownParameter("Several types are searched by parameters that all of them have.", path=code[:60])
    known = ", ".join(sorted(parameters_of(types[0])))
    raise UnknownParameter(f"{types[0]} cannot be searched by this parameter. It can be by {known}.", path=code[:60])


def _check_modifier(parameter: SearchParameter, modifier: str) -> None:
    known = _MODIFIERS.get(parameter.type, ("missing",))
    if not modifier or modifier in known:
        return
    code = parameter.code
    why = (
        f"This modifier is not offered: {_NOT_OFFERED[modifier]}."
        if modifier in _NOT_OFFERED
        else ("This modifier is not known here.")
    )
    allowed = ", ".join(f"{code}:{one}" for one in known)
    raise FhirError(f"{why} {code} can be searched as it is, or with {allowed}.", path=f"{code}:{modifier}"[:60])


def _value_set(parameter: SearchParameter, url: str) -> Address:
    plain = url.removesuffix("|4.0.1")
    try:
        value_set(plain)
    except KeyError:
        raise FhirError(
            f"{parameter.code}:in needs a value set that this server holds: one of those with which R4 binds an "
            "element by `required`. List the codes instead.",
            path=f"{parameter.code}:in",
        ) from None
    return Address(plain)


def _listed(targets: frozenset[str]) -> str:
    return f"it refers to {', '.join(sorted(targets)[:12])}" if len(targets) < 40 else "it refers to any type"
