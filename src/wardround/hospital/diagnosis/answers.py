"""The answers behind one number of the agreement page: who answered what to which estimate, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from wardround.hospital.diagnosis.agreement import (
    answers_seen,
    band_title,
    is_in,
    month_title,
    of_model,
    reason_in_words,
)
from wardround.hospital.diagnosis.models import Choice, Verdict
from wardround.hospital.diagnosis.reference import printed_percent
from wardround.hospital.diagnosis.standing import latest_choices
from wardround.hospital.records.access import require
from wardround.web.audit.trail import record_one

_IN_WORDS: Mapping[str, Promise] = {
    Choice.AGREE: gettext_lazy("Agreed"),
    Choice.DISAGREE: gettext_lazy("Disagreed"),
    Choice.HIDE: gettext_lazy("Hidden"),
}


@dataclass(frozen=True)
class Answer:
    """One verdict as a page says it."""

    verdict: Verdict

    @property
    def choice(self) -> str:
        return str(_IN_WORDS[self.verdict.choice])

    @property
    def reason(self) -> str:
        return reason_in_words(self.verdict.reason) if self.verdict.choice == Choice.DISAGREE else ""

    @property
    def estimate(self) -> str:
        """In percent; a dash where it was withheld."""
        estimate = self.verdict.estimate
        return "–" if estimate is None else f"{printed_percent(estimate)}%"


def answers_behind(somebody: object, *, model_sha256: str, asked: str) -> list[Answer]:
    """Newest first; none where the number is not said either. Audited. Raises `NotAllowed`."""
    verdicts = [v for v in latest_choices(answers_seen(somebody)) if v.model_sha256 == model_sha256]
    record_one(require(somebody, "quality"), "verdict.list", detail={"model": model_sha256, "asked": asked})
    if not verdicts or asked not in of_model(verdicts, model=None).said:
        return []
    wanted = sorted((v for v in verdicts if is_in(v, asked)), key=lambda v: v.given, reverse=True)
    return [Answer(verdict) for verdict in wanted]


def heading_of(answers: Sequence[Answer], *, asked: str) -> str:
    """What was asked for: "Disagreed, Oct-2026". Empty where there are no answers."""
    if not answers:
        return ""
    kind, _, rest = asked.partition(":")
    value = rest.rpartition(":")[0]
    if kind == "month":
        of_what = month_title(value)
    else:
        of_what = band_title(int(value)) if kind == "band" else reason_in_words(value)
    return f"{answers[0].choice}, {of_what}"
