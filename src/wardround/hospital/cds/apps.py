"""The app itself."""

from django.apps import AppConfig


class CdsConfig(AppConfig):
    name = "wardround.hospital.cds"
