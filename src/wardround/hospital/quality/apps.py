"""Data quality as a Django app."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "wardround.hospital.quality"
