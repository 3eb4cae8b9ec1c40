"""Every kind of message between a hospital and its coordinator: its fields, their types and limits, and no other."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Direction = Literal["to hospital", "to coordinator"]
FieldType = Literal["name", "names", "hash", "text", "whole", "number", "data", "data by name"]

MOST_MEMBERS = 50
LARGEST_VECTOR = 64 * 1024 * 1024  # bytes of words or of a request: sixteen million 32-bit words
LARGEST_SENTENCE = 500

PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        "statistics": (
            "over training patients: how many there are and how many positive; of each input how many values are there, "
            "how many are missing, the sums of values and squares, and how many patients have each answer"
        ),
        "fit": (
            "at the models of a round: loss, gradient and Hessian over training patients, the loss on patients that a "
            "fold left out, and histograms of the scores of held-out patients by outcome"
        ),
        "update": (
            "at the models of a round: training patients, the change of the weights after local steps times those "
            "patients, the loss on patients that a fold left out, and histograms of the scores of held-out patients"
        ),
    }
)
"""What a secure sum may be of. A hospital's own vector of any of these never leaves unmasked."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field. ``largest``: bytes of data (of each, by name), characters of text, value of a number."""

    name: str
    type: FieldType
    meaning: str
    largest: int = 0


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of message. A signed kind ends with its sender's Ed25519 signature over all that comes before."""

    name: str
    direction: Direction
    meaning: str
    fields: tuple[Field, ...]
    signed: bool


def _data(name: str, meaning: str, *, largest: int) -> Field:
    return Field(name=name, type="data", meaning=meaning, largest=largest)


def _by_name(name: str, meaning: str, *, largest: int) -> Field:
    return Field(name=name, type="data by name", meaning=meaning, largest=largest)


def _hash(name: str, meaning: str) -> Field:
    return Field(name=name, type="hash", meaning=meaning)


def _names(name: str, meaning: str) -> Field:
    return Field(name=name, type="names", meaning=meaning, largest=MOST_MEMBERS)


def _whole(name: str, meaning: str, *, largest: int) -> Field:
    return Field(name=name, type="whole", meaning=meaning, largest=largest)


_STUDY = _hash("study", "SHA-256 of the approved study document")
_RUN = Field(name="run", type="text", meaning="the run's name", largest=64)
_ROUND = _whole("round", "round of the run", largest=1_000_000)
_WHICH = (
    _STUDY,
    _RUN,
    Field(name="purpose", type="text", meaning="what is summed", largest=20),
    _ROUND,
    _whole("attempt", "0, or more when the round was abandoned before unmasking and is repeated", largest=1000),
)
_SESSION = _hash("session", "SHA-256 of the context and of all hospitals' advertised keys")


def _request(name: str, meaning: str, *fields: Field) -> Kind:
    return Kind(name=name, direction="to hospital", meaning=meaning, fields=_WHICH + fields, signed=False)


def _answer(name: str, meaning: str, *fields: Field) -> Kind:
    return Kind(name=name, direction="to coordinator", meaning=meaning, fields=_WHICH + fields, signed=True)


_KINDS = (
    _request(
        "advertise",
        "A secure sum begins: what is asked, of whom, and how numbers are encoded.",
        _names("roster", "all hospitals that may take part"),
        _whole("threshold", "how many hospitals must stay to the end", largest=MOST_MEMBERS),
        _whole("bits", "bits of a word, 32 or 64", largest=64),
        Field(name="bound", type="number", meaning="largest absolute value of one number", largest=2**40),
        _whole("length", "how many numbers", largest=LARGEST_VECTOR // 4),
        _hash("request_hash", "SHA-256 of the request in clear"),
        _data("request", "what the numbers are computed from, such as the model's weights", largest=LARGEST_VECTOR),
    ),
    _answer(
        "advertised",
        "Fresh public keys for this sum, and the context as this hospital sees it.",
        _data("context", "version, study, run, purpose, round, roster with keys, threshold, request", largest=16384),
        _data("share_key", "X25519 public key that encrypts shares to this hospital", largest=32),
        _data("mask_key", "X25519 public key that pairwise masks come from", largest=32),
    ),
    _request("share", "Everyone's advertised keys.", _by_name("advertised", "signed messages", largest=20480)),
    _answer(
        "shared",
        "Shares of this hospital's two secrets of this sum, encrypted for each other hospital.",
        _SESSION,
        _hash("commitment", "SHA-256 commitment to the seed of the self-mask"),
        _by_name("shares", "encrypted for that hospital", largest=128),
    ),
    _request(
        "mask", "The shares that others encrypted for this hospital.", _by_name("shares", "by sender", largest=128)
    ),
    _answer(
        "masked",
        "The numbers under masks: uniformly random words to whoever lacks the masks.",
        _SESSION,
        _names("participants", "whose pairwise masks are in it"),
        _data("words", "little-endian words of the encoding", largest=LARGEST_VECTOR),
    ),
    _request("consistency", "Who delivered masked numbers.", _names("survivors", "those who did")),
    _answer(
        "agreed",
        "This hospital's signature under the one list of survivors it accepts in this sum.",
        _SESSION,
        _names("participants", "whose pairwise masks are in its masked numbers"),
        _names("survivors", "the list it was shown"),
    ),
    _request(
        "unmask",
        "The signed lists, and whose masks are to be removed.",
        _hash("request_hash", "SHA-256 of the request in clear: with study and purpose, the input that this spends"),
        _names("survivors", "whose self-mask is to be removed"),
        _names("dropped", "whose pairwise masks are to be removed"),
        _by_name("agreed", "signed messages", largest=8192),
    ),
    _answer(
        "unmasked",
        "For each hospital one share of one secret: of its self-mask when it survived, of its mask key when not.",
        _SESSION,
        _by_name("seeds", "share of the self-mask seed of a survivor", largest=32),
        _by_name("mask_keys", "share of the mask key of a hospital that dropped out", largest=32),
    ),
    Kind(
        name="model",
        direction="to hospital",
        meaning="A global model, signed and sealed for this hospital.",
        fields=(_STUDY, _RUN, _ROUND, _data("envelope", "see sealing", largest=LARGEST_VECTOR + 65536)),
        signed=False,
    ),
    Kind(
        name="model received",
        direction="to coordinator",
        meaning="That the model arrived, was opened and kept.",
        fields=(_STUDY, _RUN, _ROUND, _hash("model", "SHA-256 of the model in clear")),
        signed=True,
    ),
    Kind(
        name="refusal",
        direction="to coordinator",
        meaning="Why this hospital does not go on: a fixed sentence, without patient data.",
        fields=(
            _STUDY,
            _RUN,
            Field(name="sentence", type="text", meaning="the reason", largest=LARGEST_SENTENCE),
        ),
        signed=True,
    ),
)

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _KINDS})


def document() -> str:
    """The whole documentation, docs/messages.md."""
    purposes = [f"| {purpose} | {meaning} |" for purpose, meaning in PURPOSES.items()]
    return "\n".join(
        [
            "# What crosses the wall",
            "",
            "Made from `src/wardround/federation/message_kinds.py`; a test compares the two. No other kind, field or type is",
            "encoded, and none is accepted. Every message that leaves a hospital is signed by it and has a receipt in its",
            "ledger (`wardround hospital ledger`).",
            "",
            "A hospital's own numbers leave only as `masked` words, and only for these purposes:",
            "",
            "| purpose | what is summed over the hospitals |",
            "|---|---|",
            *purposes,
            "",
            "## From a hospital to the coordinator",
            "",
            table("to coordinator"),
            "## From the coordinator to a hospital",
            "",
            table("to hospital"),
        ]
    )


def table(direction: Direction) -> str:
    """The documentation of all kinds in one direction, as Markdown: what may cross the wall, field by field."""
    lines: list[str] = []
    for kind in KINDS.values():
        if kind.direction != direction:
            continue
        signature = " Signed by its hospital." if kind.signed else ""
        lines += [f"### {kind.name}", "", f"{kind.meaning}{signature}", "", "| field | type | limit | meaning |"]
        lines += ["|---|---|---|---|"]
        lines += [f"| `{field.name}` | {field.type} | {_limit(field)} | {field.meaning} |" for field in kind.fields]
        lines.append("")
    return "\n".join(lines)


def _limit(field: Field) -> str:
    units = {
        "hash": "64 hexadecimal digits",
        "name": "40 characters",
        "names": f"{field.largest} names",
        "text": f"{field.largest} characters",
        "whole": f"0 to {field.largest}",
        "number": f"at most {field.largest}",
        "data": f"{field.largest} bytes",
        "data by name": f"{field.largest} bytes each",
    }
    return units[field.type]
