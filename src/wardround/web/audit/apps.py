"""The audit app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "wardround.web.audit"
    label = "audit"
