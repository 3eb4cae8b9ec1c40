"""A care team of the seed: Cardiology with one patient of its own, whose chart a nurse has open in an emergency."""

from typing import Any


def closed_team(patient: str, *, number: str, birth: str, opened_by: str, by: Any) -> dict[str, object]:
    """Put the patient into a team of nobody, and open the chart. What the tests open, by name."""
    from wardround.hospital.care.actions import make_team, take_patient
    from wardround.hospital.emergency.actions import open_in_emergency
    from wardround.web.accounts.models import User

    team = make_team("Cardiology", by=by)
    take_patient(team, patient, by=by)
    nurse = User.objects.get(username=opened_by)
    open_in_emergency(number=number, birth=birth, reason="Found unconscious in the corridor", by=nurse)
    return {"team": team.pk, "apart": patient}
