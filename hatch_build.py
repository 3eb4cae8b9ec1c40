"""Compiles the translations (locale/*/LC_MESSAGES/django.po) when the package is installed or built."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):
    """A catalogue that is not complete is compiled too: what is not translated stays English."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's own signature
        for source in sorted(Path(self.root, "src", "wardround", "locale").glob("*/LC_MESSAGES/*.po")):
            with source.open("rb") as file:
                catalogue = read_po(file, locale=source.parts[-3])
            with source.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, catalogue)
            build_data["artifacts"].append(str(source.with_suffix(".mo").relative_to(self.root)))
