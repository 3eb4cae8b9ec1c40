"""The identity app."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "wardround.hospital.identity"
    label = "identity"
