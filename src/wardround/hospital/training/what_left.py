"""What left this hospital, for a page: every outgoing message with its fields, narrowed by study, kind and day."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from wardround.federation.message_kinds import KINDS, Field
from wardround.federation.receipts import ExaminedLine, Receipt
from wardround.hospital.records.access import require
from wardround.hospital.training.ledger import Ledger, follow_ledger
from wardround.hospital.training.ledger_check import LedgerStanding, standing_of
from wardround.hospital.training.models import ApprovedStudy
from wardround.web.audit.trail import record_one

WORD_BYTES = 8  # every purpose of a run is encoded in 64-bit words; see round_request.ENCODINGS


@dataclass(frozen=True)
class FieldLine:
    """One field of a message: what it is for, how many bytes it had, and what can be shown of it.

    `form`: value (as it is), masked (uniformly random words), encrypted (opens for one other hospital), public (a key),
    share (of a secret of this sum; never shown), data.
    """

    name: str
    meaning: str
    size: int
    form: str
    shown: tuple[tuple[str, str], ...]  # (whose, text); whose is empty for a single value
    words: int = 0


@dataclass(frozen=True)
class MessageLine:
    """One message that left. `problem` says what is wrong with its receipt; then nothing of it can be relied on."""

    place: int
    problem: str
    receipt: Receipt | None
    time: datetime | None
    meaning: str
    study_title: str

    @property
    def fields(self) -> list[FieldLine]:
        return fields_of(self.receipt) if self.receipt else []


@dataclass(frozen=True)
class Asked:
    """What the page is narrowed to; empty for everything."""

    study: str = ""
    kind: str = ""
    day: str = ""

    def takes(self, receipt: Receipt | None) -> bool:
        if receipt is None:
            return self == Asked()
        fits = self.study in {"", receipt.study} and self.kind in {"", receipt.kind}
        return fits and (not self.day or _day(receipt) == self.day)


@dataclass(frozen=True)
class WhatLeft:
    """The lines asked for, newest first, with totals; `problems` are of the whole ledger, whatever is asked: what its
    chain and its last signature say. `standing` is what the last check of every signature said."""

    ledger: Ledger
    standing: LedgerStanding
    lines: Sequence[ExaminedLine]
    size: int
    by_kind: tuple[tuple[str, int, int], ...]  # kind, messages, bytes
    everything: int
    problems: tuple[str, ...]
    head: str
    studies: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...]
    days: tuple[str, ...]


def what_left(asked: Asked, *, by: object) -> WhatLeft:
    """Raises NotAllowed. Every receipt's place in the chain is checked, always; signatures are `shown_lines`' to check."""
    require(by, "training")
    ledger = follow_ledger(settings.HOME)
    lines = ledger.lines
    receipts = [line.receipt for line in lines if line.receipt]
    titles = _titles()
    found = [line for line in reversed(lines) if asked.takes(line.receipt)]
    messages, sizes = Counter[str](), Counter[str]()
    for line in found:
        if line.receipt:
            messages[line.receipt.kind] += 1
            sizes[line.receipt.kind] += line.receipt.size
    return WhatLeft(
        ledger=ledger,
        standing=standing_of(ledger),
        lines=found,
        size=sum(sizes.values()),
        by_kind=tuple((kind, messages[kind], sizes[kind]) for kind in sorted(messages, key=lambda k: -sizes[k])),
        everything=len(lines),
        problems=tuple(line.problem for line in lines if line.problem),
        head=lines[-1].sha256 if lines else "",
        studies=tuple(
            sorted(((one, titles.get(one, one[:16])) for one in {r.study for r in receipts}), key=lambda p: p[1])
        ),
        kinds=tuple(sorted({receipt.kind for receipt in receipts})),
        days=tuple(sorted({_day(receipt) for receipt in receipts}, reverse=True)),
    )


def shown_lines(ledger: Ledger, lines: Sequence[ExaminedLine]) -> list[MessageLine]:
    """These lines as a page shows them, each with its signature checked."""
    titles = _titles()
    return [
        MessageLine(
            place=line.place,
            problem=line.problem,
            receipt=line.receipt,
            time=_time(line.receipt) if line.receipt else None,
            meaning=KINDS[line.receipt.kind].meaning if line.receipt and line.receipt.kind in KINDS else "",
            study_title=titles.get(line.receipt.study, "") if line.receipt else "",
        )
        for line in ledger.checked(lines)
    ]


def exported(asked: Asked, *, by: object) -> Iterator[str]:
    """The same lines as JSON lines, oldest first, each with its signature checked. Writes an audit event."""
    actor = require(by, "training")
    found = what_left(asked, by=by)
    record_one(actor, "ledger.export", detail={"receipts": len(found.lines)})
    for line in found.ledger.checked(list(reversed(found.lines))):
        receipt = asdict(line.receipt) if line.receipt else None
        yield json.dumps({"line": line.place, "problem": line.problem, "receipt": receipt}, ensure_ascii=False) + "\n"


def fields_of(receipt: Receipt) -> list[FieldLine]:
    """Field by field, in the order of the message."""
    known: Mapping[str, Field] = (
        {field.name: field for field in KINDS[receipt.kind].fields} if receipt.kind in KINDS else {}
    )
    names = [name for name in known if name in receipt.fields] + [name for name in receipt.fields if name not in known]
    return [_field(name, known.get(name), receipt) for name in names]


def form_of(kind: str, field: Field) -> str:
    """How the bytes of a field are to be understood: what a stranger who reads them learns."""
    if field.type not in {"data", "data by name"}:
        return "value"
    forms = {("masked", "words"): "masked", ("shared", "shares"): "encrypted", ("unmasked", "seeds"): "share"}
    forms |= {
        ("unmasked", "mask_keys"): "share",
        ("advertised", "share_key"): "public",
        ("advertised", "mask_key"): "public",
    }
    return forms.get((kind, field.name), "data")


def _field(name: str, field: Field | None, receipt: Receipt) -> FieldLine:
    size, form = receipt.fields[name], form_of(receipt.kind, field) if field else "data"
    words = size // WORD_BYTES if form == "masked" else 0
    shown = _texts(receipt.shown.get(name), is_data=form != "value")
    return FieldLine(name, field.meaning if field else "", size, form, shown, words)


def _texts(value: Any, *, is_data: bool) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    if isinstance(value, Mapping):
        return tuple((str(name), _spaced(str(text))) for name, text in value.items())
    if isinstance(value, list):
        return (("", ", ".join(str(one) for one in value)),)
    return (("", _spaced(str(value)) if is_data else str(value)),)


def _spaced(digits: str) -> str:
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def _titles() -> dict[str, str]:
    return {
        hash_: f"{title}, {version}"
        for hash_, title, version in ApprovedStudy.objects.values_list("hash", "title", "version")
    }


def _time(receipt: Receipt) -> datetime | None:
    try:
        return datetime.fromisoformat(receipt.time)
    except (ValueError, TypeError):
        return None


def _day(receipt: Receipt) -> str:
    time = _time(receipt)
    return timezone.localtime(time).date().isoformat() if time and time.tzinfo else ""
