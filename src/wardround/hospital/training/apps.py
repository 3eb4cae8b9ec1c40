"""The training app of a hospital."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "wardround.hospital.training"
    label = "training"
