"""What the coordinator's pages show, with each hospital named as people know it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import get_args

from django.conf import settings
from django.utils import timezone

from wardround.coordinator.members.actions import fingerprint
from wardround.coordinator.members.queries import members, roster
from wardround.coordinator.pages.presentation import RunPage, run_page
from wardround.coordinator.pages.study_text import Change, changes, readable
from wardround.coordinator.pages.waiting import Situation, Watched, situation
from wardround.coordinator.runs.actions import why_no_run
from wardround.coordinator.runs.board import run_folder
from wardround.coordinator.runs.models import Run, Standing
from wardround.coordinator.runs.orders import read_orders
from wardround.coordinator.runs.queries import latest_runs, run_named, run_state
from wardround.coordinator.runs.state import RunLine
from wardround.coordinator.runs.steering import Command, refusal
from wardround.coordinator.studies.models import Study
from wardround.coordinator.studies.queries import (
    StudyLine,
    document_of,
    handed_out,
    peers_of,
    studies,
    studies_for,
    study_with_hash,
    versions_of,
)
from wardround.federation.study import Study as StudyDocument


@dataclass(frozen=True)
class StudyHospital:
    """What a coordinator may know of one hospital in a study: whether it fetched it, and what it did in each run."""

    name: str
    title: str
    standing: str
    fingerprint: str
    is_member: bool  # with the same key as when the study was published
    fetched: datetime | None
    took_part: bool
    refusal: str  # its own sentence


@dataclass(frozen=True)
class StudyPage:
    """One study as its page shows it."""

    study: Study
    document: StudyDocument
    task: str
    hospitals: tuple[StudyHospital, ...]
    runs: tuple[tuple[RunLine, Situation], ...]
    versions: tuple[tuple[Study, int], ...]  # newest first, this one included; each with its version
    before: Study | None
    changes: tuple[Change, ...]
    why_no_run: str


COMMANDS: tuple[Command, ...] = get_args(Command)


def page_of_run(run_id: str) -> RunPage:
    """The run as it stands now. Raises NoSuchRunError."""
    run = run_named(run_id)
    watched = _watched(run, now=timezone.now())
    refusals = {command: refusal(command, run=run, state=watched.state, orders=watched.orders) for command in COMMANDS}
    return run_page(watched, refusals=refusals)


def runs_with_situations(count: int = 50) -> tuple[tuple[RunLine, Situation], ...]:
    """The newest runs, each with its one plain sentence."""
    now = timezone.now()
    return tuple((line, situation(_watched(run_named(line.run_id), now=now))) for line in latest_runs(count))


def study_lines() -> tuple[StudyLine, ...]:
    """All published studies, newest first."""
    titles = titles_of_members()
    return tuple(
        replace(study, hospitals=tuple(titles.get(name, name) for name in study.hospitals)) for study in studies()
    )


def titles_of_members() -> dict[str, str]:
    """Every hospital's name as people know it, by its short name."""
    return {member.name: member.title for member in members()}


def _watched(run: Run, *, now: datetime) -> Watched:
    return Watched(
        state=run_state(run.run_id),
        orders=read_orders(run_folder(settings.HOME, run.run_id)),
        members={member.name: member for member in members()},
        waits_to_start=run.standing == Standing.REQUESTED,
        requested=run.requested,
        minimum=run.minimum,
        now=now,
    )


def part_in_studies(hospital: str) -> tuple[tuple[StudyLine, datetime | None], ...]:
    """The studies in which a hospital is to take part, each with when it first fetched it from here."""
    found = {study.hash: study for study in studies_for(hospital)}
    return tuple((line, handed_out(found[line.hash]).get(hospital)) for line in study_lines() if line.hash in found)


def page_of_study(hash_: str) -> StudyPage:
    """One study. Raises NoSuchStudyError."""
    study = study_with_hash(hash_)
    document = document_of(study)
    versions = versions_of(study.name)
    place = versions.index(study)
    before = versions[place - 1] if place else None
    return StudyPage(
        study=study,
        document=document,
        task=readable(document.document()["cohort"]["task"]),
        hospitals=_hospitals_of(study),
        runs=tuple(pair for pair in runs_with_situations() if pair[0].study_hash == hash_),
        versions=tuple((one, document_of(one).version) for one in versions[::-1]),
        before=before,
        changes=changes(document_of(before), document) if before else (),
        why_no_run=why_no_run(study),
    )


def _hospitals_of(study: Study) -> tuple[StudyHospital, ...]:
    known = {member.name: member for member in members()}
    now = {peer.name: peer for peer in roster()}
    fetched = handed_out(study)
    runs = list(Run.objects.filter(study=study).order_by("-requested"))
    lines = []
    for peer in peers_of(study):
        refusing = next((run for run in runs if peer.name in run.refusals), None)
        said = refusing or next((run for run in runs if _answered(run, hospital=peer.name)), None)
        member = known.get(peer.name)
        lines.append(
            StudyHospital(
                name=peer.name,
                title=member.title if member else peer.title,
                standing=member.standing if member else "",
                fingerprint=fingerprint(peer.identity),
                is_member=now.get(peer.name) == peer,
                fetched=fetched.get(peer.name),
                took_part=refusing is None and said is not None,
                refusal=refusing.refusals[peer.name] if refusing else "",
            )
        )
    return tuple(lines)


def _answered(run: Run, *, hospital: str) -> bool:
    """Whether this hospital has answered anything in this run."""
    return any(one.heard is not None for one in run_state(run.run_id).hospitals if one.name == hospital)
