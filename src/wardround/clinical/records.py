"""The nouns of the rules about records: a stated time, a person's life, and what one record says about when and how."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from wardround.clinical.sexes import Sex

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_PRENATAL = re.compile(
    r"\b(?:prenatal|antenatal|antepartum|f(?:o?e)tal|f(?:o?e)tus|gestation|gestational|pregnan\w+|obstetric\w*|maternal|in utero)\b",
    re.IGNORECASE,
)
_AFTER_DEATH = re.compile(
    r"\b(?:autops\w+|post[- ]?mortem|necropsy|death|cadaver\w*|deceased|organ (?:donation|procurement|retrieval))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a record states it: all instants from `low` up to but not including `high`, in UTC."""

    path: str  # "Observation.effectiveDateTime"
    text: str  # as written: "2026-03-14", "2026-03-14T08:30:00+01:00"
    low: datetime
    high: datetime

    @property
    def element(self) -> str:
        """Its name without the type: "effectiveDateTime", "period.start"."""
        return self.path.partition(".")[2]


def shifted(time: datetime, by: timedelta) -> datetime:
    """A time so much later or earlier, kept within the calendar: records may be dated in the years 1 and 9999."""
    try:
        return time + by
    except OverflowError:
        return _LAST if by > timedelta() else _FIRST


@dataclass(frozen=True, slots=True)
class Person:
    """What the rules need of the patient. `sex`: None when it is not said, or said in more than one way."""

    birth: Moment | None = None
    death: Moment | None = None
    is_dead: bool = False
    sex: Sex | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Two times of one record, of which `first` cannot lie after `later`.

    `held`: one of them says when it happened, so a contradiction makes the record unusable. `is_span`: they are the
    beginning and the end of one thing, which may have been entered the wrong way round.
    """

    first: Moment
    later: Moment
    held: bool = True
    is_span: bool = False
    tolerance_days: int = 0


@dataclass(slots=True)
class Record:
    """One resource as the rules see it; what it does not state is empty.

    `happened`: when it took place in the patient's life. `written`: when somebody wrote it down.
    """

    type: str
    happened: list[Moment] = field(default_factory=list)
    written: list[Moment] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    sex: Sex | None = None  # the only sex that can have it
    titles: list[str] = field(default_factory=list)  # what it is called: codes' displays and texts
    is_about_another: bool = False  # a fetus, a donor: the record has a focus of its own
    status: str = ""
    clinical_status: str = ""
    verification_status: str = ""
    begins: Moment | None = None
    ends: Moment | None = None
    is_discharged: bool = False
    has_code: bool = True
    has_value: bool = False
    says_something: bool = True  # a value, parts, members, a reason why there is none, or a note
    quantities_without_unit: list[str] = field(default_factory=list)  # paths
    lacks: list[str] = field(default_factory=list)  # paths of what a patient's record should have: birth date, sex

    @property
    def is_prenatal(self) -> bool:
        """Is it about the time in the womb, or about somebody else than the patient?"""
        return self.is_about_another or any(_PRENATAL.search(title) for title in self.titles)

    @property
    def follows_death(self) -> bool:
        """Is it an autopsy, a certificate, a donation: what is done after a death?"""
        return self.is_about_another or any(_AFTER_DEATH.search(title) for title in self.titles)
