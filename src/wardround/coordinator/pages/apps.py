"""The coordinator's pages as a Django app."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "wardround.coordinator.pages"
