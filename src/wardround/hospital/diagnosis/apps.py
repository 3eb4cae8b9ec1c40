"""The diagnosis reference as a Django app."""

from django.apps import AppConfig


class DiagnosisConfig(AppConfig):
    name = "wardround.hospital.diagnosis"
