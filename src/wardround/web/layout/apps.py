"""The frame of every page as a Django app, so that its template tags are found."""

from django.apps import AppConfig


class LayoutConfig(AppConfig):
    name = "wardround.web.layout"
