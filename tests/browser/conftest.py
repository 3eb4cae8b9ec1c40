"""Both sites as real processes with their own new homes, and a browser that writes down everything it objects to."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from seeding import PASSWORD

from wardround.web.home import Home

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HERE = Path(__file__).parent
NOTICE = "Demonstration: names and numbers are invented; measurements: UCI Heart Disease, CC BY 4.0"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = pytest.mark.skip(reason="Chromium is not installed: apt-get install chromium.")
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM.exists():
                item.add_marker(missing)


@dataclass
class Site:
    """One running site: where it is, its home, and the ids that its seed printed."""

    url: str
    home: Home
    ids: dict[str, str]


@dataclass
class Person:
    """Somebody at a browser. `objections` holds every CSP violation, script error and request to elsewhere."""

    page: Any
    site: Site
    objections: list[str] = field(default_factory=list)

    def opens(self, path: str) -> Any:
        """Go to a page of the site; `{whole}` stands for an id of the seed."""
        return self.page.goto(self.site.url + path.format(**self.site.ids))

    def opens_anew(self, path: str) -> None:
        """Go to a form, where no draft of an earlier test is left."""
        self.opens(path)
        discard = self.page.query_selector("[name=discard]")
        if discard:
            discard.click()
            self.page.wait_for_load_state()

    def overflow(self) -> int:
        """How many pixels the page is wider than the window."""
        return self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


@pytest.fixture(scope="session")
def hospital(tmp_path_factory) -> Iterator[Site]:
    with _running("hospital", name="Budapest", folder=tmp_path_factory.mktemp("hospital")) as site:
        yield site


@pytest.fixture(scope="session")
def judged(tmp_path_factory) -> Iterator[Site]:
    """A hospital with three models in use, whose doctors have judged for months and whose patients have changed."""
    with _running("hospital", name="Budapest", folder=tmp_path_factory.mktemp("judged"), seed="judged") as site:
        yield site


@pytest.fixture(scope="session")
def asking(tmp_path_factory) -> Iterator[Site]:
    """A hospital whose study asks for the doctor's own impression first."""
    with _running("hospital", name="Budapest", folder=tmp_path_factory.mktemp("asking"), seed="asking") as site:
        yield site


@pytest.fixture(scope="session")
def coordinator(tmp_path_factory) -> Iterator[Site]:
    with _running("coordinator", name="Heart federation", folder=tmp_path_factory.mktemp("coordinator")) as site:
        yield site


@pytest.fixture(scope="session")
def federated(tmp_path_factory) -> Iterator[Site]:
    """A hospital in a federation, with a study that waits for a decision, and its worker."""
    folder = tmp_path_factory.mktemp("federated")
    with _running("hospital", name="Budapest", folder=folder, seed="federation") as site:
        command = [sys.executable, "-m", "wardround.cli", "hospital", "work", "--home", str(site.home.path)]
        log = (site.home.logs / "worker.log").open("w")
        worker = subprocess.Popen(
            command, env={**os.environ, "WARDROUND_HOME": str(site.home.path)}, stdout=log, stderr=log
        )
        try:
            yield site
        finally:
            worker.terminate()
            worker.wait(timeout=20)
            log.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def signed_in() -> dict[tuple[str, str], Any]:
    """The cookies of whoever has logged in once: a password takes its time to check, on purpose."""
    return {}


@pytest.fixture
def someone(browser, signed_in) -> Iterator[Callable[..., Person]]:
    """someone(site, "d.keller", width=390): a person who has logged in. Whoever logs out asks for `afresh`."""
    contexts = []

    def at(site: Site, username: str = "", *, width: int = 1480, scripts: bool = True, afresh: bool = False) -> Person:
        known = None if afresh else signed_in.get((site.url, username))
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=scripts, storage_state=known
        )
        contexts.append(context)
        person = Person(page=context.new_page(), site=site)
        if username and known is None:
            person.opens("/login/")
            person.page.fill("#id_username", username)
            person.page.fill("#id_password", PASSWORD)
            person.page.press("#id_password", "Enter")
            person.page.wait_for_url(lambda url: "/login/" not in url)
            if not afresh:
                signed_in[(site.url, username)] = context.storage_state()
        _watch(person)
        return person

    yield at
    for context in contexts:
        context.close()


def _watch(person: Person) -> None:
    page, objections = person.page, person.objections
    page.on("console", lambda message: objections.append(message.text) if message.type != "info" else None)
    page.on("pageerror", lambda error: objections.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith(person.site.url) else objections.append(f"to {r.url}"))


@contextmanager
def _running(kind: str, *, name: str, folder: Path, seed: str = "") -> Iterator[Site]:
    zone = "Europe/Budapest" if kind == "hospital" else "UTC"  # a hospital's clock is seldom Greenwich's
    home = Home.create(folder / "home", kind=kind, name=name, time_zone=zone)
    (home.path / "notice.txt").write_text(NOTICE, "utf-8")
    environment = {**os.environ, "WARDROUND_HOME": str(home.path)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    seeded = subprocess.run(
        [sys.executable, str(HERE / f"seed_{seed or kind}.py"), str(home.path)],
        env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    port = _free_port()
    log = (home.logs / "web.log").open("w")
    command = [sys.executable, "-m", "uvicorn", f"wardround.{kind}.asgi:application", "--port", str(port)]
    server = subprocess.Popen([*command, "--log-level", "warning"], env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(f"{url}/login/", server=server, log=Path(log.name))
        yield Site(url=url, home=home, ids=json.loads(seeded.stdout))
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(url: str, *, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The site did not answer. Its log says:\n{log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
