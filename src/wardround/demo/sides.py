"""The five sides as running processes: started, waited for, ended together."""

import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from wardround.demo.folder import COORDINATOR, DemoError, DemoFolder
from wardround.demo.source import PLACES
from wardround.demo.spoken import environment
from wardround.web.home import Home, HomeError
from wardround.web.parent import bound_to_parent
from wardround.web.processes import ServeError, running, stop

_START_SECONDS = 60.0
_POLL_SECONDS = 0.1


class Sides:
    """The sides that this process serves. They end with it, however it ends."""

    def __init__(self, folder: DemoFolder) -> None:
        self._folder = folder
        self._served: dict[str, subprocess.Popen[bytes]] = {}
        self.addresses: dict[str, str] = {}

    def start(self, side: str, *, port: int) -> str:
        """Serve one side and return its address once it answers. Raises DemoError."""
        kind = "coordinator" if side == COORDINATOR else "hospital"
        home = home_of(self._folder, side)
        words = [kind, "serve", "--home", str(home), "--port", str(port), "--json"]
        with self._folder.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - the command is the product's own
                bound_to_parent([sys.executable, "-m", "wardround.cli", *words]),
                stdout=subprocess.PIPE,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=environment(),
            )
        self._served[side] = process
        url = self._told_address(process, side)
        _wait_until_it_answers(url, process=process, log=self._folder.log)
        self.addresses[side] = url
        return url

    def start_all(self, ports: Mapping[str, int]) -> None:
        """Serve every side at once; the first that does not come up ends all."""
        try:
            with ThreadPoolExecutor(max_workers=len(ports)) as pool:
                starts = [pool.submit(self.start, side, port=port) for side, port in ports.items()]
                for started in starts:
                    started.result()
        except BaseException:
            self.stop_all()
            raise

    def stop_all(self) -> None:
        """End all sides this process serves, and wait for them."""
        for process in self._served.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + 15.0
        for process in self._served.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._served.clear()

    def wait_until_all_ended(self) -> None:
        """Return when no side is served any more, for example after `demo down`."""
        for process in self._served.values():
            process.wait()

    def _told_address(self, process: subprocess.Popen[bytes], side: str) -> str:
        """The address in the JSON document that `serve` prints once; what comes after it is read and dropped."""
        if process.stdout is None:
            raise DemoError(f"The {side} was started without a way to answer.")
        told, document = threading.Event(), bytearray()

        def read(stream: object = process.stdout) -> None:
            for line in iter(stream.readline, b""):  # type: ignore[attr-defined]
                if not told.is_set():
                    document.extend(line)
                    with suppress(ValueError):
                        json.loads(document)
                        told.set()

        threading.Thread(target=read, daemon=True).start()
        deadline = time.monotonic() + _START_SECONDS
        while not told.wait(_POLL_SECONDS):
            if process.poll() is not None or time.monotonic() > deadline:
                raise DemoError(f"The {side} could not be served; see {self._folder.log}.")
        return str(json.loads(document)["url"])


def home_of(folder: DemoFolder, side: str) -> Path:
    """The home of a hospital (by its short name) or of the coordinator."""
    if side == COORDINATOR:
        return folder.coordinator
    return next(folder.hospital(slug) for slug in PLACES if slug == side)


def served_homes(folder: DemoFolder) -> list[Home]:
    """The homes in this folder that some process serves now."""
    found = []
    for path in folder.homes():
        with suppress(HomeError):
            home = Home.load(path)
            if running(home) is not None:
                found.append(home)
    return found


def stop_served(folder: DemoFolder) -> int:
    """End every side that is served from this folder, by whomever; how many were."""
    homes = served_homes(folder)
    try:
        with ThreadPoolExecutor(max_workers=5) as pool:
            return sum(pool.map(stop, homes))
    except ServeError as error:
        raise DemoError(str(error)) from error


def _wait_until_it_answers(url: str, *, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        if _answers(url):
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise DemoError(f"{url} does not answer; see {log}.")
        threading.Event().wait(_POLL_SECONDS)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/healthz", timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except OSError:
        return False
