"""The intake app."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "wardround.hospital.intake"
    label = "intake"
