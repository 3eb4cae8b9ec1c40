"""The models app of the coordinator."""

from django.apps import AppConfig


class ModelsConfig(AppConfig):
    name = "wardround.coordinator.models"
    label = "global_models"
