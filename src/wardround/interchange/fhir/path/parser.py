"""From words to a tree, by the precedence of the FHIRPath grammar (N1, appendix A)."""

from decimal import Decimal

from wardround.interchange.errors import NotFHIRPath
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
from wardround.interchange.fhir.path.tokens import Token, tokens

MAX_DEPTH = 60
MAX_TERMS = 250
_UNARY = 11
_LEVEL = {
    "implies": 1,
    "or": 2, "xor": 2,
    "and": 3,
    "in": 4, "contains": 4,
    "=": 5, "~": 5, "!=": 5, "!~": 5,
    "<": 6, "<=": 6, ">": 6, ">=": 6,
    "|": 7,
    "is": 8, "as": 8,
    "+": 9, "-": 9, "&": 9,
    "*": 10, "/": 10, "div": 10, "mod": 10,
}  # fmt: skip
_NAMES_TOO = frozenset({"as", "is", "contains", "in"})  # words that are operators and may still be names
_CALENDAR = {
    name: unit
    for unit in ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
    for name in (unit, unit + "s")
}


def parse(text: str) -> Tree:
    """The tree of an expression; raises NotFHIRPath with the place of what is wrong."""
    parser = _Parser(tokens(text))
    tree = parser.expression(0)
    if parser.token.kind != "end":
        raise parser.wrong("an operator or the end")
    return tree


class _Parser:
    def __init__(self, words: list[Token]) -> None:
        self._words = words
        self._at = 0
        self._depth = 0
        self._terms = 0

    @property
    def token(self) -> Token:
        return self._words[self._at]

    def wrong(self, expected: str) -> NotFHIRPath:
        token = self.token
        found = "the end" if token.kind == "end" else f"this {token.kind}"
        return NotFHIRPath(
            f"At character {token.position} of the expression stands {found} where {expected} would be right.",
            position=token.position,
        )

    def expression(self, level: int) -> Tree:
        """Everything that binds tighter than `level`."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise NotFHIRPath(f"The expression is nested more than {MAX_DEPTH} levels deep; split it.")
        tree = self._signed()
        while (binding := self._operator()) > level:
            operator = self._take().text
            self._count()
            if operator in ("is", "as"):
                tree = TypeTest(operator, tree, self._type())
            else:
                tree = Binary(operator, tree, self.expression(binding))
        self._depth -= 1
        return tree

    def _operator(self) -> int:
        """How tight the operator that stands here binds; 0 where none stands."""
        token = self.token
        return _LEVEL.get(token.text, 0) if token.kind in ("name", "symbol") else 0

    def _count(self) -> None:
        # A chain such as a + a + a is a deep tree too: each link calls the one before it.
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise NotFHIRPath(f"The expression has more than {MAX_TERMS} parts; split it.")

    def _take(self) -> Token:
        token = self.token
        self._at += 1
        return token

    def _is(self, symbol: str) -> bool:
        return self.token.kind == "symbol" and self.token.text == symbol

    def _expect(self, symbol: str) -> None:
        if not self._is(symbol):
            raise self.wrong(f'"{symbol}"')
        self._at += 1

    def _signed(self) -> Tree:
        if self._is("-") or self._is("+"):
            operator = self._take().text
            return Sign(operator, self.expression(_UNARY))
        return self._postfix()

    def _postfix(self) -> Tree:
        tree = self._term()
        while True:
            if self._is("."):
                self._at += 1
                tree = Member(tree, self._invocation(first=False))
            elif self._is("["):
                self._at += 1
                tree = Index(tree, self.expression(0))
                self._expect("]")
            else:
                return tree
            self._count()

    def _term(self) -> Tree:
        token = self.token
        if self._is("("):
            self._at += 1
            tree = self.expression(0)
            self._expect(")")
            return tree
        if self._is("{"):
            self._at += 1
            self._expect("}")
            return Literal(None, "")
        if token.kind == "external":
            self._at += 1
            return External(token.text)
        if token.kind in ("name", "quoted", "variable"):
            if token.kind == "name" and token.text in ("true", "false"):
                self._at += 1
                return Literal(token.text == "true", "System.Boolean")
            return self._invocation(first=True)
        return self._literal()

    def _literal(self) -> Tree:
        token = self.token
        types = {"string": "System.String", "date": "System.Date", "time": "System.Time", "dateTime": "System.DateTime"}
        if token.kind in types:
            self._at += 1
            return Literal(token.text, types[token.kind])
        if token.kind == "number":
            self._at += 1
            return self._number(token.text)
        raise self.wrong('a name, a function, a literal or "("')

    def _number(self, text: str) -> Tree:
        after = self.token
        if after.kind == "string":
            self._at += 1
            return QuantityLiteral(Decimal(text), after.text)
        if after.kind == "name" and after.text in _CALENDAR:
            self._at += 1
            return QuantityLiteral(Decimal(text), _CALENDAR[after.text])
        if "." in text:
            return Literal(Decimal(text), "System.Decimal")
        if len(text) > 18:
            raise NotFHIRPath("A whole number has more than 18 digits; write it with a decimal point.")
        return Literal(int(text), "System.Integer")

    def _invocation(self, *, first: bool) -> Name | Call | Variable:
        token = self.token
        if token.kind == "variable":
            self._at += 1
            return Variable(token.text)
        if token.kind not in ("name", "quoted"):
            raise self.wrong("a name or a function")
        if first and token.kind == "name" and token.text in _LEVEL and token.text not in _NAMES_TOO:
            raise self.wrong('a name, a function, a literal or "("')
        self._at += 1
        if not self._is("("):
            return Name(token.text)
        self._at += 1
        arguments: list[Tree] = []
        if not self._is(")"):
            arguments.append(self.expression(0))
            while self._is(","):
                self._at += 1
                arguments.append(self.expression(0))
        self._expect(")")
        return Call(token.text, tuple(arguments), token.position)

    def _type(self) -> str:
        parts = [self._type_part()]
        while self._is("."):
            if self._words[self._at + 1].kind not in ("name", "quoted") or self._words[self._at + 2].text == "(":
                break
            self._at += 1
            parts.append(self._type_part())
        return ".".join(parts)

    def _type_part(self) -> str:
        if self.token.kind not in ("name", "quoted"):
            raise self.wrong("the name of a type")
        return self._take().text


def type_name(tree: Tree) -> str | None:
    """The type that an argument names (Patient, FHIR.Patient), or None for anything else."""
    match tree:
        case Name(text):
            return text
        case Member(on, Name(text)):
            before = type_name(on)
            return None if before is None else f"{before}.{text}"
    return None
