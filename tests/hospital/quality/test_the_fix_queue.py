"""The fix queue and the counts behind it."""

import pytest

from wardround.hospital.quality.queries import fix_queue, quality
from wardround.hospital.records.access import NotAllowed
from wardround.hospital.records.actions.decisions import accept_suggestion
from wardround.web.audit.models import AuditEvent


@pytest.fixture
def slips(make_patient, make_observation):
    patient_id = make_patient()
    make_observation(patient_id, loinc="8480-6", value=1400, unit="mm[Hg]")
    make_observation(patient_id, loinc="2093-3", value=5.2, unit="mg/dL")
    make_observation(patient_id, loinc="2093-3", value=200, unit="bananas")
    return patient_id


def test_the_queue_shows_whose_value_waits_and_why(slips, steward):
    first, second = fix_queue(steward)

    assert (first.patient_name, first.patient_number, first.finding) == ("Kovács, Ilona", "T-1001", "decimal_slip")
    assert (first.value, first.suggestion) == (1400, 140)
    assert second.finding == "unit_slip"
    assert AuditEvent.objects.get(action="quality.queue").actor_name == steward.username


def test_the_queue_can_be_narrowed_to_one_kind(slips, steward):
    assert [held.finding for held in fix_queue(steward, finding="unit_slip")] == ["unit_slip"]


def test_the_counts_follow_a_decision(slips, steward):
    before = quality(steward)
    accept_suggestion(fix_queue(steward)[0].id, by=steward)
    after = quality(steward)

    assert (before.values, before.standardised, before.held) == (3, 2, 2)
    assert before.held_by_finding == {"decimal_slip": 1, "unit_slip": 1}
    assert sum(before.not_standardised.values()) == 1
    assert (after.held, after.decided) == (1, {"accepted": 1})


@pytest.mark.parametrize("role", ["nurse", "stranger"])
def test_who_does_not_look_after_data_sees_no_queue(slips, request, role):
    user = request.getfixturevalue(role)

    for read in (fix_queue, quality):
        with pytest.raises(NotAllowed):
            read(user)
    assert AuditEvent.objects.filter(outcome="refused", actor_name=user.username).count() == 2
