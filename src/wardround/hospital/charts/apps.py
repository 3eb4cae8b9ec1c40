"""The charts as a Django app."""

from django.apps import AppConfig


class ChartsConfig(AppConfig):
    name = "wardround.hospital.charts"
