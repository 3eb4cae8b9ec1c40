"""Bulk exports as a Django app."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "wardround.hospital.exports"
