"""The emergency app."""

from django.apps import AppConfig


class EmergencyConfig(AppConfig):
    name = "wardround.hospital.emergency"
    label = "emergency"
