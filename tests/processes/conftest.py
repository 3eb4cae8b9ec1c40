"""A federation of real processes: a served coordinator and four hospitals' engine clients, on ports of their own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from real_processes import NAMES, Federation, Site, joined, member_of, say

from wardround.federation.identity import PinnedMembers
from wardround.hospital.training.pins import save_pinned
from wardround.web.home import Home

HEART = Path(__file__).parents[2] / "src" / "wardround" / "demo" / "heart-study.yaml"


@pytest.fixture(scope="session")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    folder = tmp_path_factory.mktemp("federation")
    home = folder / "coordinator"
    say("coordinator", "init", "--home", home, "--name", "Coordinator", "--json")
    made = Federation(folder=folder, coordinator=Home.load(home))
    for name in NAMES:
        made.sites[name] = Site(home=joined(made, name=name))
    pinned = PinnedMembers()
    for site in made.sites.values():
        member = member_of(site.home)
        pinned = pinned.pin(member, confirmed_fingerprint=member.fingerprint)
    for site in made.sites.values():
        save_pinned(site.home, pinned)
    try:
        yield made
    finally:
        made.end()


@pytest.fixture
def running(federation: Federation) -> Federation:
    """The federation with all its processes up; what an earlier test killed is started again."""
    if federation.served is None or federation.served.poll() is not None:
        federation.serve()
    for site in federation.sites.values():
        if site.process is None or site.process.poll() is not None:
            site.start()
    return federation


@pytest.fixture
def heart() -> dict[str, Any]:
    """The heart study's document, to be changed by a test; each test's own seed makes it a study of its own."""
    document: dict[str, Any] = yaml.safe_load(HEART.read_text("utf-8"))
    document["privacy"]["differential_privacy"] = "off"
    return document
