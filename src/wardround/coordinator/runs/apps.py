"""The runs app of the coordinator."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "wardround.coordinator.runs"
    label = "runs"
