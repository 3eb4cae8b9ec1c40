"""The app itself."""

from collections.abc import Mapping

from django.apps import AppConfig


class EntryConfig(AppConfig):
    name = "wardround.hospital.entry"

    def components(self) -> tuple[str, str, Mapping[str, object]]:
        """For the component page: the section's name, its template, and what that needs."""
        from wardround.hospital.entry.samples import sample_fields

        return "measured values", "entry/samples.html", {"sample_fields": sample_fields()}
