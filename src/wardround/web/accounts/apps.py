"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "wardround.web.accounts"
    label = "accounts"

    def ready(self) -> None:
        from wardround.web.accounts import signals  # noqa: F401 - connects the log-in events to the audit trail
