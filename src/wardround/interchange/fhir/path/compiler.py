"""From an expression's text to a Path: closures that run over parsed JSON. Compiled once, kept by text."""

from decimal import DecimalException
from functools import lru_cache
from typing import Any

from wardround.interchange.errors import NotFHIRPath, PathFailed
from wardround.interchange.fhir.path import filtering, quantities, references, subsetting
from wardround.interchange.fhir.path.equality import distinct
from wardround.interchange.fhir.path.functions import LOOKING, OF_TEXTS, PLAIN, Plain
from wardround.interchange.fhir.path.nodes import EMPTY, Node, Nodes, children, integer, node_of
from wardround.interchange.fhir.path.operators import OPERATORS, negative, number
from wardround.interchange.fhir.path.parser import parse, type_name
from wardround.interchange.fhir.path.scope import Closure, Context, Run, Scope, boolean, single
from wardround.interchange.fhir.path.syntax import (
    Binary,
    Call,
    External,
    Index,
    Literal,
    Member,
    Name,
    QuantityLiteral,
    Sign,
    Tree,
    TypeTest,
    Variable,
)
from wardround.interchange.fhir.path.types import UNKNOWN, is_fhir_type, is_kind_of, wanted_type

_BARE = Context()
_ADDRESSES = {
    "ucum": "http://unitsofmeasure.org",
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
}


class Path:
    """A compiled expression; safe to share and to call from several threads."""

    __slots__ = ("_closure", "text", "tree")

    def __init__(self, text: str, tree: Tree) -> None:
        self.text = text
        self.tree = tree
        self._closure = compiled(tree)

    def __repr__(self) -> str:
        return f"Path({self.text!r})"

    def nodes(self, item: Any, *, type_name: str = UNKNOWN, context: Context = _BARE) -> Nodes:
        """The results with their FHIR types, in order.

        `item` is a resource's JSON, or an element's with its `type_name` ("HumanName", "Patient.contact"), or a Node.
        Raises PathFailed where the expression has no meaning for this item.
        """
        return self.over([node_of(item, type_name)], context=context)

    def over(self, focus: Nodes, *, context: Context = _BARE) -> Nodes:
        """The results on a whole collection, also an empty one; %context is its first item. Raises like `nodes`."""
        item = focus[0] if focus else Node(None, UNKNOWN)
        try:
            return self._closure(focus, Scope(focus, Run(item, context)))
        except RecursionError:
            raise PathFailed("The expression or the resource is nested too deep.") from None
        except (DecimalException, OverflowError):
            raise PathFailed("A number is too large or too small to compute with.") from None
        except UnicodeEncodeError:
            raise PathFailed("A text holds half a character (an unpaired surrogate).") from None

    def evaluate(self, item: Any, *, type_name: str = UNKNOWN, context: Context = _BARE) -> list[Any]:
        """The results as JSON values, numbers as they were written; see `nodes`.

        A primitive that has only extensions and no value is left out here; `nodes` has it.
        """
        found = self.nodes(item, type_name=type_name, context=context)
        return [node.value for node in found if node.value is not None]

    def holds(self, item: Any, *, type_name: str = UNKNOWN, context: Context = _BARE) -> bool:
        """Is the result true? An empty result is not; an invariant's may be, see `boolean`."""
        return self.boolean(item, type_name=type_name, context=context) is True

    def boolean(self, item: Any, *, type_name: str = UNKNOWN, context: Context = _BARE) -> bool | None:
        """True, False, or None for an empty result; raises PathFailed for several."""
        return boolean(self.nodes(item, type_name=type_name, context=context))


@lru_cache(maxsize=4096)
def compile_path(text: str) -> Path:
    """A Path from its text; raises NotFHIRPath with the place of what is wrong.

    compile_path("Patient.name.where(use = 'official').family").evaluate(patient) -> ["Chalmers"]
    """
    return Path(text, parse(text))


def compiled(tree: Tree, *, first: bool = True) -> Closure:  # noqa: C901  one case for each kind of tree
    """The closure of a tree; `first`: nothing stands before it, so a capital may name the type of the focus."""
    match tree:
        case Name(text):
            return _name(text, first=first)
        case Member(on, what):
            return _member(on, what)
        case Call():
            return _call(tree)
        case Binary(operator, left, right):
            return _binary(operator, compiled(left), compiled(right))
        case TypeTest(operator, operand, named):
            return _type_test(operator, operand, wanted_type(named))
        case Index(on, position):
            return _index(compiled(on), compiled(position))
        case Sign(operator, operand):
            return _sign(operator, compiled(operand))
        case External(name):
            return _external(name)
        case Variable(name):
            return _variable(name)
        case QuantityLiteral(value, unit):
            return _constant([Node(quantities.quantity_value(value, unit), "System.Quantity")])
        case Literal(value, type_):
            return _constant([Node(value, type_)] if type_ else EMPTY)


def _constant(nodes: Nodes) -> Closure:
    return lambda _focus, _scope: nodes


def _name(text: str, *, first: bool) -> Closure:
    if first and text[:1].isupper() and is_fhir_type(text):
        wanted = wanted_type(text)
        return lambda focus, _scope: [node for node in focus if is_kind_of(node.type, wanted)]

    def step(focus: Nodes, _scope: Scope) -> Nodes:
        if len(focus) == 1:
            found = children(focus[0], text)
            return found if type(found) is list else list(found)
        return [child for node in focus for child in children(node, text)]

    return step


def _member(on: Tree, what: Name | Call | Variable) -> Closure:
    before = compiled(on)
    # `FHIR.Patient.name`: the model's name before a type says nothing more.
    if isinstance(on, Name) and on.text == "FHIR" and isinstance(what, Name):
        return compiled(what)
    after = compiled(what, first=False)
    return lambda focus, scope: after(before(focus, scope), scope)


def _binary(operator: str, left: Closure, right: Closure) -> Closure:
    apply = OPERATORS[operator]
    if operator == "|":

        def both(focus: Nodes, scope: Scope) -> Nodes:
            one, other = left(focus, scope), right(focus, scope)
            if not one:
                return distinct(other)
            scope.run.spend(len(one) + len(other))
            return apply(one, other)

        return both
    if operator in ("&", "+"):

        def joined(focus: Nodes, scope: Scope) -> Nodes:
            found = apply(left(focus, scope), right(focus, scope))
            scope.run.spend_text(found)
            return found

        return joined
    return lambda focus, scope: apply(left(focus, scope), right(focus, scope))


def _type_test(operator: str, operand: Tree, wanted: str) -> Closure:
    if operator == "as":
        return _as(compiled(operand), wanted)
    match operand:
        case Call("resolve", ()):
            return lambda focus, scope: references.resolves_to(focus, wanted, scope)
        case Member(on, Call("resolve", ())):
            before = compiled(on)
            return lambda focus, scope: references.resolves_to(before(focus, scope), wanted, scope)
    tested = compiled(operand)
    return lambda focus, scope: filtering.is_type(tested(focus, scope), wanted)


def _as(operand: Closure, wanted: str) -> Closure:
    # N1 wants one item; R4's own search parameters use `as` on several, so it takes those of the type.
    return lambda focus, scope: filtering.of_type(operand(focus, scope), wanted)


def _index(on: Closure, position: Closure) -> Closure:
    return lambda focus, scope: subsetting.at(on(focus, scope), position(scope.this, scope))


def _sign(operator: str, operand: Closure) -> Closure:
    if operator == "-":
        return lambda focus, scope: negative(operand(focus, scope))

    def positive(focus: Nodes, scope: Scope) -> Nodes:
        found = operand(focus, scope)
        node = single(found)
        if node is not None and type(node.value) is not dict:
            number(node)
        return found

    return positive


def _variable(name: str) -> Closure:
    if name == "$this":
        return lambda _focus, scope: scope.this
    if name == "$total":
        return lambda _focus, scope: scope.total
    return lambda _focus, scope: EMPTY if scope.index is None else integer(scope.index)


def _external(name: str) -> Closure:
    def look_up(_focus: Nodes, scope: Scope) -> Nodes:
        run = scope.run
        variables = run.context.variables
        if name in variables:
            return _given(variables[name])
        match name:
            case "resource":
                return [node_of(run.resource)]
            case "rootResource":
                return [node_of(run.root_resource)]
            case "context":
                return [run.item]
        address = _address(name)
        if address is None:
            raise PathFailed(f"%{name[:60]} is not known here; the variables that were given are.")
        return [Node(address, "System.String")]

    return look_up


def _given(value: Any) -> Nodes:
    if value is None:
        return EMPTY
    return [node_of(item) for item in value] if isinstance(value, list) else [node_of(value)]


def _address(name: str) -> str | None:
    if name.startswith("vs-"):
        return f"http://hl7.org/fhir/ValueSet/{name[3:]}"
    if name.startswith("ext-"):
        return f"http://hl7.org/fhir/StructureDefinition/{name[4:]}"
    return _ADDRESSES.get(name)


def _call(call: Call) -> Closure:
    if call.name in _OF_A_TYPE:
        return _typed_call(call)
    known = PLAIN.get(call.name) or LOOKING.get(call.name)
    if known is None:
        raise NotFHIRPath(
            f"{call.name[:60]}() at character {call.position} is no function of FHIRPath.", position=call.position
        )
    fewest, most, _ = known
    if not fewest <= len(call.arguments) <= most:
        needed = str(fewest) if fewest == most else f"{fewest} to {most}"
        raise NotFHIRPath(
            f"{call.name}() at character {call.position} takes {needed} arguments, not {len(call.arguments)}.",
            position=call.position,
        )
    arguments = [compiled(argument) for argument in call.arguments]
    if call.name in PLAIN:
        plain = _plain_call(PLAIN[call.name][2], arguments)
        return _text_call(plain) if call.name in OF_TEXTS else plain
    look = LOOKING[call.name][2]
    return lambda focus, scope: look(focus, arguments, scope)


def _plain_call(apply: Plain, arguments: list[Closure]) -> Closure:
    if not arguments:
        return lambda focus, scope: apply(focus, [], scope)
    return lambda focus, scope: apply(focus, [argument(scope.this, scope) for argument in arguments], scope)


def _text_call(call: Closure) -> Closure:
    def counted(focus: Nodes, scope: Scope) -> Nodes:
        scope.run.spend_text(focus)
        found = call(focus, scope)
        scope.run.spend_text(found)
        return found

    return counted


_OF_A_TYPE = ("is", "as", "ofType", "getReferenceKey")


def _typed_call(call: Call) -> Closure:
    named = [type_name(argument) for argument in call.arguments]
    if call.name == "getReferenceKey" and not named:
        return lambda focus, _scope: references.reference_keys(focus, None)
    if len(named) != 1 or named[0] is None:
        raise NotFHIRPath(
            f"{call.name}() at character {call.position} takes the name of one type, such as Patient.",
            position=call.position,
        )
    wanted = wanted_type(named[0])
    if call.name == "is":
        return lambda focus, _scope: filtering.is_type(focus, wanted)
    if call.name == "getReferenceKey":
        return lambda focus, _scope: references.reference_keys(focus, wanted)
    return lambda focus, _scope: filtering.of_type(focus, wanted)
