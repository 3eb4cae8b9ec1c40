"""The app itself."""

from django.apps import AppConfig


class WardsConfig(AppConfig):
    name = "wardround.hospital.wards"
