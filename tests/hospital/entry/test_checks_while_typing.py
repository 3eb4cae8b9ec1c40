"""What is said about a value while it is typed: the rules of the write path, in the words and the unit of who types."""

import re

import pytest
from django.utils import translation

from wardround.hospital.records.models import Resource, StandardValue
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


def _plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_an_impossible_temperature_cannot_be_saved_and_the_likely_one_is_one_click(at_the_form):
    said = at_the_form.checked("body_temperature", body_temperature="386")

    assert "Cannot be saved. 386 °C is outside the possible range 11–47 °C." in _plain(said)
    assert "Use 38.6 °C (if the decimal point slipped)" in _plain(said)
    assert "&quot;body_temperature&quot;: &quot;38.6&quot;" in said
    assert "confirm-" not in said


def test_a_weight_in_pounds_is_asked_about_with_the_last_weight_and_the_likely_one(at_the_form, make_observation):
    make_observation(at_the_form.patient_id, loinc="29463-7", value=68.4, unit="kg", time="2026-02-20T08:00:00Z")

    said = _plain(at_the_form.checked("body_weight", body_weight="151"))

    assert "Please check. 151 kg is 121 % above the last value, 68.4 kg on 20-Feb-2026." in said
    assert "Use 68.5 kg (if the scale showed pounds)" in said
    assert "151 kg is right, I re-measured" in said


def test_an_unusual_value_is_remarked_on_and_needs_no_confirmation(at_the_form):
    said = at_the_form.checked("body_weight", body_weight="29")

    assert "29 kg is unusual; 30–300 kg is expected. It is stored as it is." in _plain(said)
    assert "confirm-" not in said


def test_nothing_is_said_about_a_usual_value(at_the_form):
    assert "entry-said" not in at_the_form.checked("heart_rate", heart_rate="72")


def test_swapped_pressures_are_caught_between_the_fields_and_put_right_with_one_click(at_the_form):
    said = at_the_form.checked("diastolic_pressure", systolic_pressure="80", diastolic_pressure="130")

    assert _plain(said).count("The systolic pressure, 80, is not above the diastolic, 130.") == 2  # at both boxes
    assert "Use 130 over 80 (if they were swapped)" in _plain(said)


def test_what_is_said_is_said_in_the_unit_that_is_typed_in(at_the_form, make_observation):
    make_observation(at_the_form.patient_id, loinc="8310-5", value=37.0, unit="Cel", time="2026-03-03T08:00:00Z")

    said = _plain(
        at_the_form.checked("body_temperature", **{"body_temperature": "986", "unit-body_temperature": "[degF]"})
    )

    assert "986 °F is outside the possible range 51.8–116.6 °F." in said
    assert "Use 98.6 °F" in said
    assert "last 98.6 · 03-Mar-2026" in said


def test_a_number_with_its_unit_behind_it_is_read_in_that_unit(at_the_form):
    assert "entry-said" not in at_the_form.checked("body_temperature", body_temperature="101.5 F")


def test_a_unit_of_something_else_is_no_unit(at_the_form):
    assert "not a unit of this measurement" in at_the_form.checked("body_temperature", body_temperature="38 kg")


def test_words_are_no_number(at_the_form):
    assert "This is not a number; 37.2 would be right." in at_the_form.checked(
        "body_temperature", body_temperature="warm"
    )


@pytest.mark.parametrize("language", ["hu", "de"])
def test_a_decimal_comma_is_one_where_the_language_writes_it(at_the_form, language, settings):
    settings.LANGUAGE_CODE = language
    with translation.override(language):
        assert "entry-said" not in at_the_form.checked("body_temperature", body_temperature="38,6")
        said = at_the_form.checked("body_temperature", body_temperature="386")

    assert "38,6" in said


def test_a_comma_that_may_mean_two_things_is_refused_with_both(at_the_form):
    said = at_the_form.checked("body_weight", body_weight="1,234")

    assert "1,234 can be read in two ways. Write 1234 or 1.234." in _plain(said)


def test_a_point_that_may_mean_two_things_is_refused_where_a_comma_is_written(at_the_form, settings):
    settings.LANGUAGE_CODE = "de"
    with translation.override("de"):
        said = at_the_form.checked("body_weight", body_weight="1.234")

    assert "1234" in said
    assert "1,234" in said


def test_a_check_stores_nothing_and_changes_nothing_that_is_stored(at_the_form, make_observation):
    make_observation(at_the_form.patient_id, loinc="8462-4", value=130, unit="mm[Hg]", time="2026-03-04T08:15:00Z")
    before = Resource.objects.count(), list(StandardValue.objects.values_list("is_held", "finding"))

    at_the_form.checked("systolic_pressure", systolic_pressure="80")

    assert (Resource.objects.count(), list(StandardValue.objects.values_list("is_held", "finding"))) == before


def _openings() -> int:
    return AuditEvent.objects.filter(action="patient.open").count()


def test_typing_into_a_form_adds_no_line_to_that_of_its_opening(at_the_form):
    at_the_form.opened()
    before = _openings()

    at_the_form.checked("heart_rate", heart_rate="72")
    at_the_form.checked("body_weight", body_weight="70")

    assert (before, _openings()) == (1, 1)


def test_whoever_checks_without_an_open_form_is_in_the_audit_trail(at_the_form):
    at_the_form.checked("heart_rate", heart_rate="72")

    assert _openings() == 1


def test_a_patient_who_went_to_another_team_is_gone_from_an_open_form(at_the_form):
    from wardround.hospital.care.actions import make_team, take_patient
    from wardround.web.audit.actor import system_actor

    at_the_form.opened()
    by = system_actor("tests")
    take_patient(make_team("Another team", by=by), at_the_form.patient_id, by=by)

    answer = at_the_form.client.post(f"{at_the_form.address}check/", {"check": "heart_rate", "heart_rate": "72"})
    assert answer.status_code == 404


def test_a_stranger_is_told_nothing(as_client, stranger, make_patient):
    answer = as_client(stranger).post(f"/patients/{make_patient()}/enter/vital-signs/check/", {"check": "body_weight"})

    assert answer.status_code == 404


def test_what_is_no_box_of_the_form_is_not_there(at_the_form):
    assert at_the_form.client.post(f"{at_the_form.address}check/", {"check": "sodium"}).status_code == 404
    assert at_the_form.client.post(f"/patients/{at_the_form.patient_id}/enter/all/check/").status_code == 404


def test_a_laboratory_number_in_another_unit_keeps_its_number(at_the_form):
    said = at_the_form.laboratory().checked("creatinine", test=["creatinine"], creatinine="112")

    assert "Use 112 µmol/L" in _plain(said)
    assert "&quot;unit-creatinine&quot;: &quot;umol/L&quot;" in said
