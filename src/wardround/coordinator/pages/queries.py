"""What the live page shows of one run."""

from wardround.coordinator.members.queries import members
from wardround.coordinator.pages.presentation import RunPage, run_page
from wardround.coordinator.runs.queries import run_state


def page_of_run(run_id: str) -> RunPage:
    """The run as it stands now. Raises NoSuchRunError."""
    return run_page(run_state(run_id), titles={member.name: member.title for member in members()})
