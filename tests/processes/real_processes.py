"""A federation of real processes: a served coordinator and four hospitals' engine clients, on ports of their own."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from invented_patients import invented_events

from wardround.coordinator.engine.address import address_of
from wardround.coordinator.runs.board import read_outcome, read_state, run_folder
from wardround.coordinator.runs.state import RunState
from wardround.federation.identity import Member, PinnedMembers, fingerprint, public_bytes
from wardround.federation.joining import Admission, Invitation, JoinRequest, public_hex, read_letter, write_letter
from wardround.federation.study import Study
from wardround.hospital.training import vault
from wardround.hospital.training.approved import read_publication, remove_approved, write_approved
from wardround.hospital.training.engine.kit import install_certificate, make_request
from wardround.hospital.training.engine.process import engine_child
from wardround.hospital.training.ledger import ledger_path
from wardround.hospital.training.pins import coordinator_path, save_pinned
from wardround.interchange.meds import write_meds
from wardround.web.home import Home

NAMES = ("budapest", "cleveland", "long-beach", "zurich-basel")
WARDROUND = (sys.executable, "-m", "wardround.cli")


def wait_until(claim: Callable[[], Any], *, seconds: float, what: str) -> Any:
    """The first true answer of `claim`; fails the test when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := claim():
            return found
        time.sleep(0.005)
    raise AssertionError(f"Waited {seconds:.0f} s in vain for: {what}")


def say(*arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    """One `wardround` command; its answer."""
    done = subprocess.run(
        [*WARDROUND, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False,
        env=os.environ | {"WARDROUND_HOME": ""},
    )  # fmt: skip
    if check:
        assert done.returncode == 0, f"{arguments} ended with {done.returncode}: {done.stderr}"
    return done


@dataclass
class Site:
    """One hospital: its home, and its engine client while it runs."""

    home: Home
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        child = engine_child(self.home)
        with (self.home.logs / "engine.log").open("ab") as log:
            self.process = subprocess.Popen(
                child.command(),
                env=os.environ | {"WARDROUND_HOME": str(self.home.path)} | dict(child.environment),
                cwd=self.home.path, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def workers(self) -> list[int]:
        """The processes of this hospital's runs."""
        if self.process is None:
            return []
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(pid) for file in children for pid in file.read_text().split()]

    def halt(self) -> None:
        """Parent and workers stand still, as a machine that hangs."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            for pid in (self.process.pid, *self.workers()):
                os.kill(pid, number)

    def kill_worker(self) -> None:
        for pid in self.workers():
            os.kill(pid, signal.SIGKILL)

    def kill(self) -> None:
        """Parent and worker, at once, as a power cut would."""
        workers = self.workers()
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process = None

    def has_sent(self, kind: str, *, study: Study, round_number: int) -> bool:
        """Whether the receipts show such a message."""
        try:
            ledger = ledger_path(self.home).read_text("utf-8")
        except FileNotFoundError:
            return False
        wanted = (f'"kind":"{kind}"', f'"study":"{study.hash}"', '"purpose":"fit"', f'"round":{round_number},')
        return any(all(text in line for text in wanted) for line in ledger.splitlines())


@dataclass
class Federation:
    """A coordinator's home and four hospitals that have joined it."""

    folder: Path
    coordinator: Home
    sites: dict[str, Site] = field(default_factory=dict)
    served: subprocess.Popen[bytes] | None = None

    def start_all(self) -> None:
        """All processes up; what was killed is started again."""
        if self.served is None or self.served.poll() is not None:
            self.serve()
        for site in self.sites.values():
            if site.process is None or site.process.poll() is not None:
                site.start()

    def url(self) -> str:
        """Where the coordinator's pages are, as `serve` printed it last."""

        def printed() -> str:
            addresses = re.findall(r'"url": "(http[^"]+)"', (self.coordinator.logs / "serve.log").read_text("utf-8"))
            return str(addresses[-1]) if addresses else ""

        found: str = wait_until(printed, seconds=60, what="the coordinator says where it is served")
        return found.rstrip("/")

    def serve(self) -> None:
        with (self.coordinator.logs / "serve.log").open("ab") as log:
            self.served = subprocess.Popen(
                [*WARDROUND, "coordinator", "serve", "--home", str(self.coordinator.path), "--port", "0", "--json"],
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def kill_coordinator(self) -> None:
        """The supervisor is killed; its processes must follow by themselves."""
        assert self.served is not None
        self.served.kill()
        self.served.wait()

    def publish(self, study: dict[str, Any], *, name: str) -> tuple[Study, bytes]:
        """Publish a document through the command; the study and the signed letter."""
        file = self.folder / f"{name}.yaml"
        file.write_text(yaml.safe_dump(study), "utf-8")
        letter = self.folder / f"{name}.publication"
        say("coordinator", "publish", "--home", self.coordinator.path, file, "--out", letter, "--json")
        data = letter.read_bytes()
        pinned = public_hex(self.coordinator.identity_key())
        return read_publication(data, coordinator_identity=pinned).study, data

    def approve(self, name: str, *, study: Study, letter: bytes) -> None:
        """What `hospital approve` leaves for the engine, with invented patients."""
        home = self.sites[name].home
        with vault.private_folder(home) as folder:
            write_meds(folder, invented_events(name))
            vault.keep_cohort(home, study.hash, folder)
        write_approved(home, study_hash=study.hash, letter=letter)

    def withdraw(self, name: str, *, study: Study) -> None:
        remove_approved(self.sites[name].home, study_hash=study.hash)

    def run(self, study: Study, *arguments: str) -> str:
        """Start a run and return its name."""
        wait_until(
            lambda: say("coordinator", "run", "--home", self.coordinator.path, "--study", study.hash, "--detach",
                        "--json", *arguments, check=False).returncode == 0,
            seconds=30, what="the coordinator is served",
        )  # fmt: skip
        return max((self.coordinator.engine / "runs").iterdir(), key=lambda path: path.stat().st_ctime).name

    def state(self, run_id: str) -> RunState | None:
        return read_state(run_folder(self.coordinator, run_id))

    def ended(self, run_id: str, *, seconds: float) -> RunState:
        def finished() -> RunState | None:
            state = self.state(run_id)
            return state if state is not None and state.finished else None

        try:
            found: RunState = wait_until(finished, seconds=seconds, what=f"run {run_id} ends")
        except AssertionError as error:
            raise AssertionError(f"{error}; it stands so: {self.state(run_id)}") from error
        return found

    def outcome(self, run_id: str) -> dict[str, Any]:
        found = read_outcome(run_folder(self.coordinator, run_id))
        assert found is not None
        return found

    def shown(self, run_id: str) -> dict[str, Any]:
        """The run as the coordinator's command shows it, refusals from the engine included."""
        done = say("coordinator", "runs", "--home", self.coordinator.path, "--follow", run_id, "--json", check=False)
        shown: dict[str, Any] = json.loads(done.stdout)
        return shown

    def end(self) -> None:
        if self.served is not None and self.served.poll() is None:
            self.served.terminate()
            self.served.wait(timeout=20)
        for site in self.sites.values():
            if site.process is not None:
                site.kill()


@contextlib.contextmanager
def federation_in(folder: Path) -> Iterator[Federation]:
    """A new federation whose hospitals have joined and pinned each other; no process runs yet, and none at the end."""
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


def joined(made: Federation, *, name: str) -> Home:
    """A hospital joins by its letters, the coordinator's side through its commands."""
    home = Home.create(made.folder / name, kind="hospital", name=name.title(), slug=name)
    invitation_file, request_file, admission_file = (made.folder / f"{name}.{end}" for end in ("inv", "req", "adm"))
    side = ("--home", made.coordinator.path)
    say("coordinator", "invite", *side, "--name", name.title(), "--slug", name, "--out", invitation_file, "--json")
    invitation, coordinator = read_letter(invitation_file.read_bytes(), kind=Invitation)
    request = JoinRequest(
        hospital=name, title=home.name, token=invitation.token,
        sealing_key=public_bytes(home.sealing_key().public_key()).hex(),
        engine_request=make_request(home, name=name).decode(),
    )  # fmt: skip
    request_file.write_bytes(write_letter(request, key=home.identity_key()))
    seen = fingerprint(home.identity_key().public_key())
    say("coordinator", "members", *side, "--request", request_file, "--fingerprint", seen, "--out", admission_file)
    admission, _ = read_letter(admission_file.read_bytes(), kind=Admission, signer=coordinator)
    assert admission.engine_port == address_of(made.coordinator).port
    install_certificate(
        home, certificate=admission.certificate.encode(), root=admission.root.encode(), name=name,
        host=admission.engine_host, port=admission.engine_port,
    )  # fmt: skip
    coordinator_path(home).write_text(coordinator, "utf-8")
    return home


def member_of(home: Home) -> Member:
    return Member(name=home.slug, identity=home.identity_key().public_key(), sealing=home.sealing_key().public_key())
