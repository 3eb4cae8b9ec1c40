"""The app itself."""

from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "wardround.hospital.administration"
