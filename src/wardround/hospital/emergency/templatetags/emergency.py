"""The strip that a chart wears while it is open in an emergency."""

from django import template
from django.template import Context

from wardround.hospital.emergency.queries import OpenChart, open_chart

register = template.Library()


@register.inclusion_tag("emergency/strip.html", takes_context=True)
def emergency_strip(context: Context, patient_id: str) -> dict[str, object]:
    """Until when the chart is open and why; nothing where it is in the reader's care."""
    shown: OpenChart | None = open_chart(context["user"], patient_id)
    return {"emergency": shown, "csrf_token": context.get("csrf_token")}
