"""The studies app of the coordinator."""

from django.apps import AppConfig


class StudiesConfig(AppConfig):
    name = "wardround.coordinator.studies"
    label = "studies"
