"""The administration app."""

from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "wardround.hospital.administration"
    label = "administration"
