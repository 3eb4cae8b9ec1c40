"""Two records of one person become one chart, and are two again when the merge is undone."""

import pytest
from two_records import ILONA, ME, WEIGHT, body_of, content_of, observation_of, row_of, values_of

from wardround.hospital.merges.models import Merge
from wardround.hospital.records.access import patient_for
from wardround.hospital.records.actions.merging import NotMergeable, merge_patients
from wardround.hospital.records.actions.resources import delete_resource, update_resource
from wardround.hospital.records.actions.unmerging import NotSeparable, separate_patients
from wardround.hospital.records.errors import NotHere, Refused
from wardround.hospital.records.models import Resource, ResourceVersion, StandardValue, TokenIndex
from wardround.hospital.records.patient_list import patient_page
from wardround.hospital.records.queries import iter_patients_facts
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


def merged(twice):
    kept, retired = twice
    return merge_patients(retired, into=kept, by=ME, reason="One person with two cards.")


def test_the_retired_chart_moves_and_says_who_replaced_it(twice):
    kept, retired = twice
    moved = observation_of(retired)

    merge = merged(twice)

    assert merge.moved == 1
    assert body_of(f"Patient/{retired}")["active"] is False
    assert body_of(f"Patient/{retired}")["link"] == [{"other": {"reference": f"Patient/{kept}"}, "type": "replaced-by"}]
    assert body_of(f"Patient/{kept}")["link"] == [{"other": {"reference": f"Patient/{retired}"}, "type": "replaces"}]
    assert body_of(moved)["subject"] == {"reference": f"Patient/{kept}"}
    assert row_of(moved).patient_id == kept
    assert Resource.objects.filter(patient_id=retired).exclude(type="Patient").count() == 0
    assert {row[1] for row in StandardValue.objects.filter(patient_id=kept).values_list("pk", "measurement")} >= {
        "body_weight"
    }


def test_every_version_lies_under_the_survivors_key_and_can_be_read(twice):
    kept, retired = twice
    moved = observation_of(retired)
    before = body_of(moved)

    merged(twice)

    assert row_of(moved).data_key.subject == kept
    assert body_of(moved, number=1) == before
    assert row_of(f"Patient/{retired}").data_key.subject == retired


def test_it_is_all_in_the_audit_trail_and_in_the_provenance(twice):
    kept, retired = twice
    merge = merged(twice)

    told = AuditEvent.objects.filter(action="patient.merge")
    assert {event.patient_id for event in told} == {kept, retired}
    assert AuditEvent.objects.filter(action="record.merge").count() == 3  # the two Patients and the weight
    version = ResourceVersion.objects.get(resource=row_of(f"Patient/{retired}"), number=2)
    assert (version.provenance.batch, version.provenance.reason) == (merge.pk, "One person with two cards.")


def test_undo_gives_everything_back_as_it_was(twice):
    kept, retired = twice
    addresses = [f"Patient/{kept}", f"Patient/{retired}", observation_of(kept), observation_of(retired)]
    before = [content_of(address) for address in addresses], values_of(kept), values_of(retired)

    done = separate_patients(merged(twice).pk, by=ME)

    assert (done.moved_back, done.changed_since, done.stays) == (1, 0, 0)
    assert ([content_of(address) for address in addresses], values_of(kept), values_of(retired)) == before
    assert row_of(addresses[3]).data_key.subject == retired
    for number in (1, 2, 3):
        body_of(addresses[3], number=number)


def test_what_came_to_the_survivor_stays_and_what_was_moved_goes_back_with_its_changes(twice, make_observation):
    kept, retired = twice
    moved = observation_of(retired)
    merge = merged(twice)
    later = make_observation(kept, loinc=WEIGHT, value=70, unit="kg", time="2026-06-02T08:00:00Z")
    changed = {**body_of(moved), "note": [{"text": "Weighed with shoes."}]}
    update_resource(changed, type_name="Observation", logical_id=changed["id"], by=ME)

    done = separate_patients(merge.pk, by=ME)

    assert (done.moved_back, done.changed_since, done.stays) == (1, 1, 1)
    assert "cannot be known" in done.sentence
    assert row_of(f"Observation/{later}").patient_id == kept
    assert body_of(moved)["subject"] == {"reference": f"Patient/{retired}"}
    assert body_of(moved)["note"] == [{"text": "Weighed with shoes."}]


def test_a_record_that_named_both_names_both_again_also_when_it_was_changed_since(twice, store):
    kept, retired = twice
    twin = store(
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"text": "Seen together"},
            "subject": {"reference": f"Patient/{retired}"},
            "focus": [{"reference": f"Patient/{kept}"}, {"reference": f"Patient/{retired}"}],
        }
    )
    merge = merged(twice)
    now = body_of(f"Observation/{twin}")
    assert [one["reference"] for one in now["focus"]] == [f"Patient/{kept}"] * 2
    update_resource({**now, "note": [{"text": "Yes."}]}, type_name="Observation", logical_id=twin, by=ME)

    separate_patients(merge.pk, by=ME)

    back = body_of(f"Observation/{twin}")
    assert back["subject"] == {"reference": f"Patient/{retired}"}
    assert [one["reference"] for one in back["focus"]] == [f"Patient/{kept}", f"Patient/{retired}"]
    assert back["note"] == [{"text": "Yes."}]


def test_what_was_deleted_moves_too_and_stays_deleted(twice):
    kept, retired = twice
    address = observation_of(retired)
    delete_resource(type_name="Observation", logical_id=address.partition("/")[2], by=ME)

    merge = merged(twice)
    assert (row_of(address).patient_id, row_of(address).is_deleted) == (kept, True)
    assert row_of(address).data_key.subject == kept

    separate_patients(merge.pk, by=ME)
    assert (row_of(address).patient_id, row_of(address).is_deleted) == (retired, True)


def test_what_names_the_retired_patient_from_elsewhere_names_the_survivor(twice, store):
    kept, retired = twice
    appointment = store(
        {
            "resourceType": "Appointment",
            "status": "booked",
            "start": "2026-12-01T08:00:00Z",
            "end": "2026-12-01T08:30:00Z",
            "participant": [{"actor": {"reference": f"Patient/{retired}"}, "status": "accepted"}],
        }
    )
    merge = merged(twice)
    assert body_of(f"Appointment/{appointment}")["participant"][0]["actor"] == {"reference": f"Patient/{kept}"}

    separate_patients(merge.pk, by=ME)
    assert body_of(f"Appointment/{appointment}")["participant"][0]["actor"] == {"reference": f"Patient/{retired}"}


def test_values_are_judged_in_the_joined_chart_and_again_when_it_is_two(make_patient, make_observation):
    kept, retired = make_patient(**ILONA), make_patient(**ILONA)
    systolic, diastolic = "8480-6", "8462-4"
    make_observation(kept, loinc=systolic, value=80, unit="mm[Hg]")
    make_observation(retired, loinc=diastolic, value=120, unit="mm[Hg]")
    assert not StandardValue.objects.filter(is_held=True).exists()

    merge = merge_patients(retired, into=kept, by=ME)
    held = StandardValue.objects.filter(is_current=True, is_held=True)
    assert {value.finding for value in held} == {"swapped_pressures"}
    assert held.count() == 2

    separate_patients(merge.pk, by=ME)
    assert not StandardValue.objects.filter(is_current=True, is_held=True).exists()


def test_a_retired_patient_is_no_patient_of_the_list_nor_of_learning(twice):
    kept, _retired = twice
    merged(twice)

    assert [line.id for line in patient_page(ME).lines] == [kept]
    assert [facts.patient_id for facts in iter_patients_facts(ME)] == [kept]
    [facts] = iter_patients_facts(ME)
    assert len([value for value in facts.values if value.measurement == "body_weight"]) == 2


def test_the_old_number_finds_the_survivor(twice):
    kept, retired = twice
    number = body_of(f"Patient/{retired}")["identifier"][0]["value"]
    merged(twice)

    assert [line.id for line in patient_page(ME, number).lines] == [kept]
    assert TokenIndex.objects.filter(resource=row_of(f"Patient/{retired}"), parameter="identifier").count() == 1


def test_the_door_of_the_retired_patient_leads_to_the_survivor(twice, doctor, as_client):
    kept, retired = twice
    merged(twice)

    assert patient_for(doctor, retired).id == kept
    event = AuditEvent.objects.filter(action="patient.open").last()
    assert (event.patient_id, event.detail["asked"]) == (kept, retired)
    response = as_client(doctor).get(f"/patients/{retired}/")
    assert (response.status_code, response["Location"]) == (302, f"/patients/{kept}/")


def test_a_retired_record_is_not_changed_by_hand(twice):
    kept, retired = twice
    merged(twice)

    with pytest.raises(Refused, match=f"merged into Patient/{kept}"):
        update_resource(
            {**body_of(f"Patient/{retired}"), "gender": "male"}, type_name="Patient", logical_id=retired, by=ME
        )


def test_a_survivor_that_is_changed_keeps_its_links(twice):
    kept, _retired = twice
    merge = merged(twice)
    changed = {name: value for name, value in body_of(f"Patient/{kept}").items() if name != "link"}
    update_resource({**changed, "gender": "other"}, type_name="Patient", logical_id=kept, by=ME)

    assert body_of(f"Patient/{kept}")["link"][0]["type"] == "replaces"

    separate_patients(merge.pk, by=ME)
    assert "link" not in body_of(f"Patient/{kept}")
    assert body_of(f"Patient/{kept}")["gender"] == "other"


def test_a_merge_on_a_merge_leads_to_the_last_and_is_undone_from_the_last(twice, make_patient):
    kept, retired = twice
    third = make_patient(**ILONA)
    moved = observation_of(retired)
    first = merged(twice)
    second = merge_patients(kept, into=third, by=ME)

    assert patient_for(ME, retired).id == third
    assert row_of(moved).patient_id == third
    with pytest.raises(NotSeparable, match="merged itself afterwards"):
        separate_patients(first.pk, by=ME)

    separate_patients(second.pk, by=ME)
    assert row_of(moved).patient_id == kept
    separate_patients(first.pk, by=ME)
    assert row_of(moved).patient_id == retired


def test_what_cannot_be_merged_is_refused_and_nothing_is_changed(twice):
    kept, retired = twice
    with pytest.raises(NotMergeable):
        merge_patients(kept, into=kept, by=ME)
    with pytest.raises(NotHere):
        merge_patients("nobody", into=kept, by=ME)
    merged(twice)
    with pytest.raises(NotMergeable, match="merged already"):
        merge_patients(retired, into=kept, by=ME)
    assert Merge.objects.count() == 1


def test_a_merge_is_whole_or_not_at_all(twice, monkeypatch):
    _kept, retired = twice
    before = content_of(observation_of(retired))
    monkeypatch.setattr(
        "wardround.hospital.records.actions.merging.apply_changes",
        lambda *_args: 1 / 0,  # the last step
    )

    with pytest.raises(ZeroDivisionError):
        merged(twice)

    assert Merge.objects.count() == 0
    assert content_of(observation_of(retired)) == before
    assert row_of(observation_of(retired)).data_key.subject == retired


def test_undo_is_done_once(twice):
    merge = merged(twice)
    separate_patients(merge.pk, by=ME)

    with pytest.raises(NotHere, match="undone already"):
        separate_patients(merge.pk, by=ME)
    kept, retired = twice
    again = merge_patients(retired, into=kept, by=ME)  # and it can be merged again
    assert again.moved == 1
