"""Which model of a study is in use here, as people decide it: adopt one that is kept, go back to an earlier one, or none."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from wardround.hospital.records.access import require
from wardround.hospital.training import vault
from wardround.hospital.training.models import LocalModel, ModelChange, ModelDeed
from wardround.hospital.training.queries import adopted_name, hold_models
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one


class SwitchingError(Exception):
    """The models in use stay as they are; the message says why."""


def put_in_use(model: LocalModel, *, reason: str, by: object, in_use: str) -> ModelChange:
    """This model gives the estimates of its study from now on. An earlier one than the latest is a roll back.

    `in_use`: the number of the model that the page showed in use, empty for none. Where another came into use since, by a
    run or by somebody else, nothing is changed: whoever decides must have seen what is replaced.
    """
    actor = require(by, "approve")
    stated = _stated(reason)
    if not vault.has(settings.HOME, adopted_name(model.pk)):
        raise SwitchingError("The file of this model is not in the hospital's home any more, so it cannot be used.")
    with transaction.atomic():
        hold_models(model.study)
        current = LocalModel.objects.filter(study=model.study, is_current=True).first()
        if current == model:
            raise SwitchingError("This model is in use already.")
        if (str(current.pk) if current else "") != in_use:
            raise SwitchingError(
                "Since you opened the page, the model in use has changed. Nothing is switched. Look at it, and decide then."
            )
        deed = ModelDeed.ROLL_BACK if _is_earlier(model) else ModelDeed.ADOPT
        LocalModel.objects.filter(study=model.study, is_current=True).update(is_current=False)
        LocalModel.objects.filter(pk=model.pk).update(is_current=True)
        model.is_current = True
        return _changed(model, deed, reason=stated, actor=actor)


def switch_off(model: LocalModel, *, reason: str, by: object) -> ModelChange:
    """No chart shows an estimate of this model's study until somebody puts a model in use again; a later run does not."""
    actor = require(by, "approve")
    stated = _stated(reason)
    with transaction.atomic():
        hold_models(model.study)
        if not LocalModel.objects.filter(pk=model.pk, is_current=True).update(is_current=False):
            raise SwitchingError("This model is not in use.")
        model.is_current = False
        return _changed(model, ModelDeed.SWITCH_OFF, reason=stated, actor=actor)


def _is_earlier(model: LocalModel) -> bool:
    """Did this model come before the one in use, or the one that was switched off last?"""
    reference = LocalModel.objects.filter(study=model.study, is_current=True).first()
    if reference is None:
        latest = ModelChange.objects.filter(study=model.study).order_by("-time", "-id").first()
        reference = latest.model if latest else None
    return reference is not None and (reference.made, reference.pk) > (model.made, model.pk)


def _changed(model: LocalModel, deed: ModelDeed, *, reason: str, actor: Actor) -> ModelChange:
    detail = {"kind": model.kind, "sha256": model.model_sha256, "reason": reason}
    record_one(actor, f"model.{deed.value}", what=f"LocalModel/{model.pk}", detail=detail)
    return ModelChange.objects.create(
        study=model.study, model=model, deed=deed, reason=reason, by=actor.name, time=timezone.now()
    )


def _stated(reason: str) -> str:
    if not reason.strip():
        raise SwitchingError("Say why: the reason is kept beside the decision, and clinicians may ask for it.")
    return reason.strip()[:500]
