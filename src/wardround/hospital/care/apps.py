"""The care app."""

from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "wardround.hospital.care"
    label = "care"
