"""The app itself."""

from django.apps import AppConfig


class EntryConfig(AppConfig):
    name = "wardround.hospital.entry"
