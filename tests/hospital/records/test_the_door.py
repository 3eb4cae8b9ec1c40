"""access.patient_for: the only way to a patient."""

import pytest

from wardround.hospital.records.access import NotAllowed, NotThere, may, patient_for, require
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent


@pytest.mark.parametrize(
    ("role", "purposes"),
    [
        ("nurse", {"read", "write"}),
        ("doctor", {"read", "write", "decide"}),
        ("steward", {"read", "decide"}),
        ("stranger", set()),
    ],
)
def test_each_role_comes_in_for_its_purposes_and_no_other(request, make_patient, role, purposes):
    patient_id, user = make_patient(), request.getfixturevalue(role)

    opened = set()
    for purpose in ("read", "write", "decide"):
        try:
            opened.add(patient_for(user, patient_id, to=purpose).purpose)
        except NotThere:
            continue

    assert opened == purposes


def test_not_yours_and_not_there_look_the_same(make_patient, stranger, nurse):
    with pytest.raises(NotThere) as not_yours:
        patient_for(stranger, make_patient())
    with pytest.raises(NotThere) as not_there:
        patient_for(nurse, "nobody")

    assert str(not_yours.value) == str(not_there.value)


def test_both_a_visit_and_a_refusal_are_audited(make_patient, nurse, stranger):
    patient_id = make_patient()
    patient_for(nurse, patient_id)
    with pytest.raises(NotThere):
        patient_for(stranger, patient_id)

    events = AuditEvent.objects.filter(action="patient.open", patient_id=patient_id).order_by("id")
    assert list(events.values_list("actor_name", "outcome")) == [
        (nurse.username, "done"),
        (stranger.username, "refused"),
    ]


def test_who_is_not_logged_in_may_nothing(db):
    from django.contrib.auth.models import AnonymousUser

    assert not may(AnonymousUser(), "charts")
    with pytest.raises(NotAllowed, match="Log in"):
        require(AnonymousUser(), "charts")


def test_a_command_acts_with_every_right_but_under_its_own_name(make_patient):
    patient_id = make_patient()

    assert patient_for(system_actor("import"), patient_id, to="decide").actor.name == "import"
