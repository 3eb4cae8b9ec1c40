"""What the five sides do together: letters of joining, a published study, four approvals, one run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from threading import Event, Thread
from typing import Any

from wardround.demo.folder import DemoFolder
from wardround.demo.source import PLACES, Place, Slug
from wardround.demo.spoken import two_at_a_time
from wardround.demo.stages import Stage
from wardround.demo.story import RoundFigure, RunStory
from wardround.demo.study import heart_study, study_path

Say = Callable[..., Any]
_LOOK_SECONDS = 0.3


@dataclass(frozen=True)
class Fingerprints:
    """What the people of the five sides told each other by another way than the letters."""

    coordinator: str
    hospitals: Mapping[Slug, str]


def join_all(folder: DemoFolder, *, coordinator_fingerprint: str, say: Say) -> Fingerprints:
    """Invitation, request and admission of each hospital, as files that a person carries; fingerprints are compared."""
    for place in PLACES.values():
        names = ("--name", place.name, "--slug", place.slug, "--out", _letter(folder, place, "invitation"))
        say("coordinator", "invite", "--home", folder.coordinator, *names, "--json")
    asked = two_at_a_time([partial(_ask, folder, p, coordinator_fingerprint, say) for p in PLACES.values()])
    told = dict(zip(PLACES, asked, strict=True))
    for place in PLACES.values():
        request = ("--request", _letter(folder, place, "request"), "--fingerprint", told[place.slug])
        out = ("--out", _letter(folder, place, "admission"))
        say("coordinator", "members", "--home", folder.coordinator, *request, *out, "--json")
    two_at_a_time([partial(_finish, folder, place, say) for place in PLACES.values()])
    return Fingerprints(coordinator=coordinator_fingerprint, hospitals=told)


def approve_all(folder: DemoFolder, *, fingerprints: Fingerprints, say: Say) -> str:
    """Publish the heart study and let each hospital approve exactly this document; returns its hash."""
    publication = folder.letters / "heart.publication"
    facts = say("coordinator", "publish", "--home", folder.coordinator, study_path(), "--out", publication, "--json")
    exact_hash = str(facts["hash"])
    two_at_a_time([partial(_approve, folder, p, exact_hash, fingerprints, say) for p in PLACES.values()])
    return exact_hash


def run_study(folder: DemoFolder, *, stage: Stage, say: Say) -> RunStory:
    """Run the study to its end; the log's last line is shown meanwhile. Raises DemoError when the run fails."""
    done = Event()
    watcher = Thread(target=_show_log, args=(folder, stage, done), daemon=True)
    watcher.start()
    try:
        facts = say("coordinator", "run", "--home", folder.coordinator, "--study", heart_study().name, "--json")
    finally:
        done.set()
        watcher.join()
    return run_story(facts)


def run_story(facts: Mapping[str, Any]) -> RunStory:
    """The run as `coordinator run --json` told it; ``parameters`` are filled in by whoever knows the model."""
    study = heart_study()
    return RunStory(
        study=study.name,
        study_title=study.title,
        study_hash=facts["study_hash"],
        engine=f"NVIDIA FLARE {version('nvflare')}",
        rounds=facts["round"],
        seconds_per_round=round(facts["seconds_per_round"] or 0.0, 3),
        bytes_up_per_hospital_per_round=round(facts["bytes_up_per_hospital_per_round"] or 0),
        parameters=0,
        secure_aggregation=facts["secure_aggregation"].rstrip(".") + ".",
        outcome=facts["outcome"],
        figures=tuple(
            RoundFigure(
                round=metric["round"],
                auroc=metric["auroc"],
                auroc_low=metric["auroc_low"],
                auroc_high=metric["auroc_high"],
                brier=metric["brier"],
            )
            for metric in facts["metrics"]
            if metric["auroc"] is not None
        ),
        seen=_seen(facts),
    )


def _ask(folder: DemoFolder, place: Place, coordinator_fingerprint: str, say: Say) -> str:
    letters = ("--invitation", _letter(folder, place, "invitation"), "--request", _letter(folder, place, "request"))
    told = ("--coordinator-fingerprint", coordinator_fingerprint)
    return str(say("hospital", "join", "--home", folder.hospital(place.slug), *letters, *told, "--json")["fingerprint"])


def _finish(folder: DemoFolder, place: Place, say: Say) -> None:
    admission = ("--admission", _letter(folder, place, "admission"))
    say("hospital", "join", "--home", folder.hospital(place.slug), *admission, "--json")


def _approve(folder: DemoFolder, place: Place, exact_hash: str, fingerprints: Fingerprints, say: Say) -> None:
    home = ("--home", folder.hospital(place.slug))
    say("hospital", "studies", *home, "--file", folder.letters / "heart.publication", "--json")
    peers = [f"--peer={slug}={told}" for slug, told in fingerprints.hospitals.items() if slug != place.slug]
    say("hospital", "approve", *home, "--study", exact_hash, "--hash", exact_hash, *peers, "--json")
    say("hospital", "quality", *home, "--keep", "--json")  # as the node does every night, for its page Data quality


def _letter(folder: DemoFolder, place: Place, kind: str) -> str:
    return str(folder.letters / f"{place.slug}.{kind}")


def _show_log(folder: DemoFolder, stage: Stage, done: Event) -> None:
    while not done.wait(_LOOK_SECONDS):
        lines = folder.log.read_bytes()[-2000:].decode("utf-8", errors="replace").splitlines()
        if lines and not lines[-1].startswith("$ "):
            stage.say(lines[-1].strip()[:90])


def _seen(facts: Mapping[str, Any]) -> tuple[str, ...]:
    patients = facts["patients_total"]
    together = f": {patients}" if patients else ""
    return (
        f"The number of training patients of all hospitals together{together}. No hospital's own number.",
        "Sums over all hospitals: counts, means and variances of the inputs, and how often each answer occurs.",
        (
            f"In each of {facts['round']} rounds the sum of all hospitals' masked vectors: loss, gradient and curvature, "
            "validation loss, score histograms."
        ),
        "The global model of each round. It seals it for each hospital and keeps it under its own key.",
        "Which hospital answered when, and with how many bytes.",
        "Never a record, a hospital's own update, or a hospital's own figure.",
    )
