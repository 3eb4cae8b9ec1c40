"""A hospital that was closed: Cardiology has its own patients and people, and the rest is the first team's."""

from dataclasses import dataclass

import pytest

from wardround.hospital.care.actions import first_team, join_team, leave_team, make_team, take_patient
from wardround.hospital.care.models import CareTeam
from wardround.web.audit.actor import Actor, system_actor

ADMINISTRATOR = Actor("user", "a.novak", "administrator")


@dataclass
class House:
    """The teams, and a patient of each."""

    cardiology: CareTeam
    first: CareTeam
    heart: str  # a patient of Cardiology
    other: str  # a patient whom nobody put anywhere


@pytest.fixture
def house(nurse, doctor, make_patient) -> House:
    """The doctor is in Cardiology only, the nurse in the first team only, and nothing was said of her."""
    by = system_actor("tests")
    cardiology = make_team("Cardiology", by=by)
    heart, other = make_patient(family="Szabó"), make_patient(family="Balogh")
    take_patient(cardiology, heart, by=by)
    join_team(cardiology, doctor.username, by=by)
    leave_team(first_team(), doctor.username, by=by)
    return House(cardiology=cardiology, first=first_team(), heart=heart, other=other)
