"""Where a write comes from: who, by what, out of which batch."""

from dataclasses import dataclass
from typing import Literal

from wardround.hospital.records.models import CodeMapping
from wardround.web.audit.actor import Actor

Activity = Literal[
    "create", "update", "patch", "delete", "import", "accept", "correct", "withdraw", "undo", "merge", "unmerge"
]
MERGES = frozenset({"merge", "unmerge"})


@dataclass(frozen=True)
class Origin:
    """What provenance and audit say about a write. `batch` is the id of an import, else empty. `has_seen`: whoever writes named
    the version that they change, so a decision that it holds is meant to go where the new one does not have it."""

    actor: Actor
    activity: Activity
    batch: str = ""
    reason: str = ""
    code_mapping: CodeMapping | None = None
    has_seen: bool = False

    @property
    def code_mapping_digest(self) -> str:
        return self.code_mapping.digest if self.code_mapping else ""

    @property
    def is_decision(self) -> bool:
        """A decision changes what was received; the next message of the source is compared with what came before it."""
        return self.activity in {"accept", "correct", "withdraw"} or self.is_merge

    @property
    def is_merge(self) -> bool:
        """Written by a merge of two patients or its undo: what a source sent is in the version before."""
        return self.activity in MERGES
