"""What an import says about itself."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from wardround.hospital.records.actions.writing import Stored

_COUNTS = (
    *("messages", "messages_known", "resources", "created", "updated", "unchanged"),
    *("standardised", "held", "quarantined_known", "seconds"),
)


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
    held: int = 0
    quarantined: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # reason -> positions
    quarantined_known: int = 0  # in quarantine since an earlier import
    not_read: list[str] = field(default_factory=list)  # files of a folder whose ending is another format's
    seconds: float = 0.0

    def count(self, stored: tuple[Stored, ...]) -> None:
        """Add what became of one message's resources."""
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

    def include(self, other: "Report") -> None:
        """Add what another report of the same batch counted."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.by_type.update(other.by_type)
        self.not_standardised.update(other.not_standardised)
        for reason, positions in other.quarantined.items():
            self.quarantined[reason] += positions

    @property
    def quarantined_messages(self) -> int:
        return sum(len(positions) for positions in self.quarantined.values())

    @property
    def resources_per_second(self) -> float:
        return self.resources / self.seconds if self.seconds else 0.0

    @property
    def changed_nothing(self) -> bool:
        return not (self.created or self.updated or self.quarantined)

    def as_json(self) -> dict[str, Any]:
        """The report as one JSON document."""
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
            "quarantined": [
                {"reason": reason, "positions": positions} for reason, positions in sorted(self.quarantined.items())
            ],
            "quarantined_messages": self.quarantined_messages,
            "quarantined_known": self.quarantined_known,
            "not_read": self.not_read,
            "seconds": round(self.seconds, 3),
            "resources_per_second": round(self.resources_per_second, 1),
        }

    def as_text(self) -> str:
        """The report in lines for a person."""
        lines = [
            f"Batch {self.batch} ({self.format}): {self.messages} messages read, {self.resources} resources.",
            f"  stored            {self.created} new, {self.updated} changed, {self.unchanged} unchanged",
            f"  standardised      {self.standardised} values",
        ]
        if self.messages_known:
            lines.append(f"  known already     {self.messages_known} messages were stored by an earlier import")
        lines += [f"  not standardised  {count} ({kind})" for kind, count in self.not_standardised.most_common()]
        lines.append(f"  held              {self.held} values wait for a decision")
        for reason, positions in sorted(self.quarantined.items()):
            shown = ", ".join(positions[:5]) + (f" and {len(positions) - 5} more" if len(positions) > 5 else "")
            lines.append(f"  quarantined       {len(positions)}: {reason} ({shown})")
        if self.quarantined_known:
            lines.append(f"  quarantined       {self.quarantined_known} since an earlier import")
        if self.not_read:
            shown = ", ".join(self.not_read[:5]) + (
                f" and {len(self.not_read) - 5} more" if len(self.not_read) > 5 else ""
            )
            lines.append(f"  not read          {len(self.not_read)} files of another kind ({shown})")
        if self.changed_nothing:
            lines.append("  Nothing was changed: all of this was here already.")
        lines.append(f"  {self.seconds:.1f} s, {self.resources_per_second:.0f} resources per second")
        return "\n".join(lines)
