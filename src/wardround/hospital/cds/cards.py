"""A reference as a card of CDS Hooks 2.0: what the panel of the chart says, in the words of another record."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wardround.hospital.cds.estimating import Estimated
from wardround.hospital.diagnosis.as_fhir import suspicion
from wardround.hospital.diagnosis.outcome import outcome_concept
from wardround.hospital.diagnosis.reasons import REASONS
from wardround.hospital.diagnosis.reasons import SYSTEM as REASONS_SYSTEM
from wardround.hospital.diagnosis.reference import Reference
from wardround.hospital.training.queries import AdoptedModel

LONGEST_SUMMARY = 139  # fewer than 140 characters
_MOST_SHOWN = 5
Card = dict[str, Any]


@dataclass(frozen=True)
class Places:
    """Where a card leads: the model's facts here, and the patient's chart where it is here too."""

    site: str
    facts: str = ""
    chart: str = ""


def override_reasons() -> list[dict[str, str]]:
    """Why a doctor does not follow an estimate; codes of Wardround's own."""
    return [{"system": REASONS_SYSTEM, "code": code, "display": str(text)} for code, text in REASONS.items()]


def card_of(
    estimated: Estimated, *, model: AdoptedModel, patient_id: str, hospital: str, places: Places
) -> Card | None:
    """The card, or None where the model has nothing to say: out of its scope, or too little is known.

    Where values that wait for a decision are what stops it, a card says so: somebody can do something about it.
    """
    reference = estimated.reference
    if reference.estimate is None and not reference.held:
        return None
    card: Card = {
        "uuid": str(uuid.uuid4()),
        "summary": _summary(reference),
        "detail": _detail(estimated),
        "indicator": "info",
        "source": {
            "label": hospital,
            "url": places.site,
            "topic": {
                "system": "urn:wardround:study",
                "code": model.study_name,
                "display": model.study_title,
            },
        },
        "links": _links(places),
    }
    if not card["links"]:
        del card["links"]
    if reference.estimate is not None:
        card["suggestions"] = [_suggestion(model, patient_id=patient_id)]
        card["selectionBehavior"] = "at-most-one"
        card["overrideReasons"] = override_reasons()
    return card


def _summary(reference: Reference) -> str:
    estimate = reference.estimate
    if estimate is None:
        said = _("no estimate: values that it needs wait for a decision")
    else:
        said = _("%(percent)s%% (likely %(low)s to %(high)s%%); model output, not a diagnosis.") % {
            "percent": estimate.percent,
            "low": estimate.low,
            "high": estimate.high,
        }
    room = LONGEST_SUMMARY - len(said) - 2
    title = reference.model.title
    if len(title) > room:
        title = title[: room - 1].rstrip() + "…"
    return f"{title}: {said}"


def _detail(estimated: Estimated) -> str:
    """GitHub-flavoured Markdown."""
    reference, model = estimated.reference, estimated.reference.model
    parts = [f"**{_('Model output, not a diagnosis.')}**"]
    if reference.estimate is None:
        parts.append(f"{_('No estimate is given.')} {_plain(reference.withheld)}")
    else:
        parts += _of_estimate(reference)
    parts.append(_inputs(estimated))
    if model.local_auroc is not None and model.local_auroc_low is not None and model.local_auroc_high is not None:
        parts.append(
            _("At this hospital: AUROC %(area).2f (%(low).2f to %(high).2f) on %(patients)s patients held out.")
            % {
                "area": model.local_auroc,
                "low": model.local_auroc_low,
                "high": model.local_auroc_high,
                "patients": model.local_patients or "?",
            }
        )
    elif model.local_auroc is not None:
        parts.append(
            _("At this hospital: AUROC %(area).2f on %(patients)s patients held out, too few for an interval.")
            % {"area": model.local_auroc, "patients": model.local_patients or "?"}
        )
    else:
        parts.append(_("Not evaluated on this hospital's own patients."))
    if model.not_for:
        parts.append(f"**{_('Not for:')}**\n\n" + "\n".join(f"- {_plain(line)}" for line in model.not_for))
    parts.append(_("It is no medical device; it orders nothing and writes nothing."))
    return "\n\n".join(parts)


def _of_estimate(reference: Reference) -> list[str]:
    estimate = reference.estimate
    if estimate is None:
        return []
    found = [
        _("Estimate: **%(percent)s%%**, likely %(low)s to %(high)s%%.")
        % {"percent": estimate.percent, "low": estimate.low, "high": estimate.high}
    ]
    if reference.has_happened:
        day = reference.index_time.strftime("%Y-%m-%d")
        found.append(_("The examination that it looks ahead to was on %(day)s; only what was known before is used.") % {"day": day})  # fmt: skip
    if reference.nearby:
        found.append(reference.nearby)
    if not reference.is_calibrated:
        found.append(_("No local calibration: the percentage may not fit this hospital."))
    if reference.model.is_drifting:
        found.append(_("The patients here have changed since it was adopted: the percentage may no longer fit."))
    strongest = [bar for bar in reference.bars if bar.value][:_MOST_SHOWN]
    lines = [f"- {_plain(bar.title)}: {_plain(bar.value)} ({bar.word})" for bar in strongest]
    if lines:
        found.append(_("What moved it most (this explains the model, not the cause):") + "\n\n" + "\n".join(lines))
    if reference.unusual:
        found.append(_("Outside what the model has seen: %(titles)s. Trust it less.") % {"titles": _list(reference.unusual)})  # fmt: skip
    return found


def _inputs(estimated: Estimated) -> str:
    reference = estimated.reference
    said = [_("%(used)s of %(total)s inputs used.") % {"used": reference.used, "total": reference.total}]
    if reference.missing:
        said.append(_("Missing: %(titles)s.") % {"titles": _list(reference.missing)})
    if reference.held:
        said.append(_("Held as likely errors and not used: %(titles)s.") % {"titles": _list(reference.held)})
    if estimated.not_understood:
        said.append(
            ngettext(
                "%(many)s resource was not understood and not used.",
                "%(many)s resources were not understood and not used.",
                estimated.not_understood,
            )
            % {"many": estimated.not_understood}
        )
    if estimated.not_standard:
        said.append(
            ngettext(
                "%(many)s value has a code or unit that is not known here and was not used.",
                "%(many)s values have a code or unit that is not known here and were not used.",
                estimated.not_standard,
            )
            % {"many": estimated.not_standard}
        )
    return " ".join(said)


def _suggestion(model: AdoptedModel, *, patient_id: str) -> dict[str, Any]:
    """To note the suspicion that agreeing in the chart notes here. It is never recommended: a model does not decide."""
    return {
        "label": _("Add as suspected"),
        "uuid": str(uuid.uuid4()),
        "isRecommended": False,
        "actions": [
            {
                "type": "create",
                "description": _("A suspected problem is added to the problem list."),
                "resource": suspicion(outcome_concept(model.study), patient_id=patient_id),
            }
        ],
    }


def _links(places: Places) -> list[dict[str, str]]:
    found = [(_("Facts about this model"), places.facts), (_("The patient's chart"), places.chart)]
    return [{"label": label, "url": url, "type": "absolute"} for label, url in found if url]


def _list(titles: Sequence[str]) -> str:
    return _plain(", ".join(titles))


def _plain(text: str) -> str:
    """Text that Markdown shows as it stands."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>()#+!|~&" else letter for letter in text)
