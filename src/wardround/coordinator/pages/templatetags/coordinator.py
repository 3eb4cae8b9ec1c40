"""How long ago something was, and a fingerprint in groups that two people can read to each other."""

from datetime import datetime

from django import template
from django.utils import timezone

from wardround.coordinator.pages.times import ago

register = template.Library()


@register.filter
def how_long_ago(moment: datetime) -> str:
    """40 s ago."""
    return ago(moment, now=timezone.now())


@register.filter
def listed(value: object) -> str:
    """A detail of an audit event: the entries of a list one after the other, anything else as it is."""
    return ", ".join(str(entry) for entry in value) if isinstance(value, list) else str(value)


@register.filter
def groups(fingerprint: str) -> list[str]:
    """The groups of a fingerprint as it is written."""
    return fingerprint.split()
