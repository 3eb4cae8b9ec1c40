"""The merges app."""

from django.apps import AppConfig


class MergesConfig(AppConfig):
    name = "wardround.hospital.merges"
    label = "merges"
