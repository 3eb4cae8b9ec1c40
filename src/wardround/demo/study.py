"""The heart study document that ships with the demonstration."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from wardround.learning.specification import Feature


def study_path() -> Path:
    """Where the document lies; it is published as any other study is."""
    return Path(str(files("wardround.demo").joinpath("heart-study.yaml")))


def heart_study_document() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(study_path().read_text("utf-8"))
    return document


def heart_study_features() -> tuple[Feature, ...]:
    """The study's inputs, in its order."""
    return tuple(
        Feature(**entry | {"answers": tuple(entry.get("answers", ()))}) for entry in heart_study_document()["features"]
    )
