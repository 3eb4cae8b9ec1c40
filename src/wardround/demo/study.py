"""The heart study document that ships with the demonstration."""

from functools import cache
from importlib.resources import files
from pathlib import Path

from wardround.federation.study import Study, load_study


def study_path() -> Path:
    """Where the document lies; it is published as any other study is."""
    return Path(str(files("wardround.demo").joinpath("heart-study.yaml")))


@cache
def heart_study() -> Study:
    return load_study(study_path())
