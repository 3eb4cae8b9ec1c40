"""What the coordinator's pages show, with each hospital named as people know it."""

from dataclasses import replace

from wardround.coordinator.members.queries import members
from wardround.coordinator.pages.presentation import RunPage, run_page
from wardround.coordinator.runs.queries import run_state
from wardround.coordinator.studies.queries import StudyLine, studies


def page_of_run(run_id: str) -> RunPage:
    """The run as it stands now. Raises NoSuchRunError."""
    return run_page(run_state(run_id), titles=_titles())


def study_lines() -> tuple[StudyLine, ...]:
    """All published studies, newest first."""
    titles = _titles()
    return tuple(
        replace(study, hospitals=tuple(titles.get(name, name) for name in study.hospitals)) for study in studies()
    )


def _titles() -> dict[str, str]:
    return {member.name: member.title for member in members()}
