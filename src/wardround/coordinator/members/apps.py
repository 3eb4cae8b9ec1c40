"""The members app of the coordinator."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "wardround.coordinator.members"
    label = "members"
