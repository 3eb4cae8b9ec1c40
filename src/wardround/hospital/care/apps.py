"""The app itself."""

from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "wardround.hospital.care"
