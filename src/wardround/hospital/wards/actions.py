"""Setting how often observations are due."""

from django.db import transaction
from django.utils import timezone

from wardround.hospital.records.access import require
from wardround.hospital.wards.due import CHOICES
from wardround.hospital.wards.models import WardPlan
from wardround.web.audit.trail import record_one


class NoSuchInterval(Exception):
    """Not one of the intervals that can be chosen; the message names them."""


def set_plan(by: object, *, ward: str, every_hours: int) -> None:
    """From now on vital signs are due that often on this ward; "" is the whole hospital. Who decides on records may set it."""
    actor = require(by, "decide")
    if every_hours not in CHOICES:
        raise NoSuchInterval(f"Observations are due every {', '.join(map(str, CHOICES))} hours; choose one of these.")
    with transaction.atomic():
        changed = {"every_hours": every_hours, "set_by": actor.name, "set": timezone.now()}
        WardPlan.objects.update_or_create(ward=ward, defaults=changed)
        record_one(actor, "ward.plan", what=ward[:200], detail={"every_hours": every_hours})
