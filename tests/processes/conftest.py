"""A federation of real processes: a served coordinator and four hospitals' engine clients, on ports of their own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from real_processes import Federation, federation_in

HEART = Path(__file__).parents[2] / "src" / "wardround" / "demo" / "heart-study.yaml"


@pytest.fixture(scope="session")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    with federation_in(tmp_path_factory.mktemp("federation")) as made:
        yield made


@pytest.fixture
def running(federation: Federation) -> Federation:
    """The federation with all its processes up; what an earlier test killed is started again."""
    federation.start_all()
    return federation


@pytest.fixture
def heart() -> dict[str, Any]:
    """The heart study's document, to be changed by a test; each test's own seed makes it a study of its own."""
    document: dict[str, Any] = yaml.safe_load(HEART.read_text("utf-8"))
    document["privacy"]["differential_privacy"] = "off"
    return document
