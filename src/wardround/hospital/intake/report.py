"""What an import says about itself: what came in, what became of it, and of each reason the rows it stands for."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from wardround.hospital.records.actions.writing import Stored
from wardround.interchange.draft import Source

_COUNTS = (
    *("messages", "messages_known", "resources", "created", "updated", "unchanged"),
    *("standardised", "held", "quarantined_known", "seconds", "bytes_read"),
    *("merged", "possible_duplicates"),
)
_NAMED, _SHOWN = 100, 5  # places kept of each reason, so that a report stays small; and those shown to a person
_PLACES = 8  # of a format, that carry data and are not mapped: so many are shown to a person


@dataclass
class Places:
    """How often something happened, and where first: the report of a large file must not grow with it."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, place: str) -> None:
        self.count += 1
        if len(self.first) < _NAMED and (not self.first or self.first[-1] != place):
            self.first.append(place)

    def include(self, other: "Places") -> None:
        self.count += other.count
        self.first = [*self.first, *other.first][:_NAMED]

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[str]:
        return iter(self.first)

    def __str__(self) -> str:
        shown = self.first[:_SHOWN]
        left = self.count - len(shown)
        return ", ".join(shown) + (f" and {left} more" if left > 0 else "")


By = dict[str, Places]


def _by() -> By:
    return defaultdict(Places)


@dataclass
class Report:
    """Counts of one batch. `messages` are source records: rows, HL7 messages, NDJSON lines, OMOP persons."""

    batch: str
    format: str
    messages: int = 0
    messages_known: int = 0  # stored by an earlier import, byte for byte
    resources: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    by_type: Counter[str] = field(default_factory=Counter)  # of created resources
    standardised: int = 0
    not_standardised: Counter[str] = field(default_factory=Counter)  # kind of reason -> how many
    not_standardised_at: By = field(default_factory=_by)  # the same with their places
    held: int = 0
    merged: int = 0  # patients of whom a message said that they are another one
    possible_duplicates: int = 0  # pairs of patients that were new and wait for a steward
    held_at: By = field(default_factory=_by)  # kind of finding -> where
    unmapped: By = field(default_factory=_by)  # place in the format ("PID-22") -> where it carried data
    quarantined: By = field(default_factory=_by)  # reason -> where
    quarantined_known: int = 0  # in quarantine since an earlier import
    not_read: list[str] = field(default_factory=list)  # files of a folder whose ending is another format's
    goes_on_from: list[str] = field(default_factory=list)  # batches of the same files that did not come to their end
    seconds: float = 0.0
    bytes_read: int = 0
    bytes_expected: int = 0  # 0 where the size says nothing about the content (a compressed table)

    def count(self, stored: Iterable[Stored], *, source: Source, unmapped: Iterable[str] = ()) -> None:
        """Add what became of one message's resources."""
        place = place_of(source)
        for one in stored:
            self.resources += 1
            self.created += one.change == "created"
            self.updated += one.change == "updated"
            self.unchanged += one.change == "unchanged"
            if one.change == "created":
                self.by_type[one.type] += 1
            self.standardised += one.standardised
            self.held += one.held
            self.not_standardised.update(one.not_standard)
            for kind in one.not_standard.elements():
                self.not_standardised_at[kind].add(place)
            for kind in one.held_for.elements():
                self.held_at[kind].add(place)
        for name in unmapped:
            self.unmapped[name].add(place)

    def include(self, other: "Report") -> None:
        """Add what another report of the same batch counted."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.by_type.update(other.by_type)
        self.not_standardised.update(other.not_standardised)
        for mine, others in zip(self._places(), other._places(), strict=True):  # noqa: SLF001 - of the same class
            for reason, places in others.items():
                mine[reason].include(places)

    def _places(self) -> tuple[By, By, By, By]:
        return self.not_standardised_at, self.held_at, self.unmapped, self.quarantined

    @property
    def quarantined_messages(self) -> int:
        return sum(len(places) for places in self.quarantined.values())

    @property
    def resources_per_second(self) -> float:
        return self.resources / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """About how long it will take yet at the rate so far; None where the size of what is left is not known."""
        if not self.bytes_expected or not self.bytes_read or not self.seconds:
            return None
        return max(self.bytes_expected - self.bytes_read, 0) * self.seconds / self.bytes_read

    @property
    def changed_nothing(self) -> bool:
        return not (self.created or self.updated or self.quarantined)

    def counts(self) -> dict[str, Any]:
        """The report without its places: a file's name may be a patient's, and this is kept in clear."""
        return {
            "batch": self.batch,
            "format": self.format,
            "messages": self.messages,
            "messages_known": self.messages_known,
            "resources": self.resources,
            "stored": self.created + self.updated,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "patients": self.by_type["Patient"],
            "by_type": dict(sorted(self.by_type.items())),
            "standardised": self.standardised,
            "not_standardised": dict(sorted(self.not_standardised.items())),
            "held": self.held,
            "held_by_finding": {kind: len(places) for kind, places in sorted(self.held_at.items())},
            "unmapped": {name: len(places) for name, places in sorted(self.unmapped.items())},
            "quarantined_messages": self.quarantined_messages,
            "quarantined_known": self.quarantined_known,
            "merged": self.merged,
            "possible_duplicates": self.possible_duplicates,
            "goes_on_from": self.goes_on_from,
            "seconds": round(self.seconds, 3),
            "resources_per_second": round(self.resources_per_second, 1),
        }

    def as_json(self) -> dict[str, Any]:
        """The report as one JSON document; of each reason the first hundred places."""
        return {
            **self.counts(),
            "quarantined": [
                {"reason": reason, "count": len(places), "positions": places.first}
                for reason, places in sorted(self.quarantined.items())
            ],
            "rows": {
                name: {reason: places.first for reason, places in sorted(by.items())}
                for name, by in (
                    ("not_standardised", self.not_standardised_at),
                    ("held", self.held_at),
                    ("unmapped", self.unmapped),
                )
            },
            "not_read": self.not_read,
        }

    def as_text(self) -> str:
        """The report in lines for a person."""
        lines = [f"Batch {self.batch} ({self.format}): {self.messages} messages read, {self.resources} resources."]
        if self.goes_on_from:
            ids = " and ".join(self.goes_on_from)
            lines.append(
                f"  goes on           from batch {ids}, which did not come to its end; what it stored is known"
            )
        lines += [
            f"  stored            {self.created} new, {self.updated} changed, {self.unchanged} unchanged",
            f"  standardised      {self.standardised} values",
        ]
        if self.messages_known:
            lines.append(f"  known already     {self.messages_known} messages were stored by an earlier import")
        lines += _reasons("not standardised", self.not_standardised_at)
        lines += _reasons("held", self.held_at) or ["  held              0 values wait for a decision"]
        lines += _reasons("quarantined", self.quarantined)
        if self.quarantined_known:
            lines.append(f"  quarantined       {self.quarantined_known} since an earlier import")
        if self.merged:
            lines.append(f"  merged            {self.merged} patients, because a message says who they are")
        if self.possible_duplicates:
            lines.append(f"  perhaps twice     {self.possible_duplicates} pairs of patients wait for a steward")
        lines += _reasons("not mapped", self.unmapped)[:_PLACES]
        if len(self.unmapped) > _PLACES:
            lines.append(
                f"  not mapped        {len(self.unmapped) - _PLACES} places more: `batch show {self.batch}` lists all"
            )
        if self.not_read:
            shown = ", ".join(self.not_read[:_SHOWN])
            more = f" and {len(self.not_read) - _SHOWN} more" if len(self.not_read) > _SHOWN else ""
            lines.append(f"  not read          {len(self.not_read)} files of another kind ({shown}{more})")
        if self.changed_nothing:
            lines.append("  Nothing was changed: all of this was here already.")
        lines.append(f"  {self.seconds:.1f} s, {self.resources_per_second:.0f} resources per second")
        return "\n".join(lines)


def place_of(source: Source) -> str:
    """A file and a place in it, as a person finds it."""
    return f"{source.file}, {source.position}"


def _reasons(what: str, by: By) -> list[str]:
    ranked = sorted(by.items(), key=lambda item: (-len(item[1]), item[0]))
    return [f"  {what:17} {len(places)}: {reason} ({places})" for reason, places in ranked]
