"""Saving a form of measured values: as typed, all or nothing, once, and never past a stop."""

import re

import pytest

from wardround.hospital.entry.models import Draft
from wardround.hospital.records.models import Provenance, Resource, ResourceVersion, StandardValue
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


def _observations(patient_id):
    return Resource.objects.filter(type="Observation", patient_id=patient_id)


def _bodies(patient_id):
    from wardround.hospital.records.bodies import open_bodies
    from wardround.interchange.fhir.json import loads

    versions = ResourceVersion.objects.filter(resource__in=_observations(patient_id)).select_related(
        "resource__data_key"
    )
    return [loads(text) for text in open_bodies(versions).values()]


def _plain(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_values_are_stored_and_the_nurse_is_back_at_the_chart(at_the_form):
    answer = at_the_form.saved(body_temperature="37.2", heart_rate="72", body_weight="68.40")

    assert answer.url == f"/patients/{at_the_form.patient_id}/"
    assert sorted(str(body["valueQuantity"]["value"]) for body in _bodies(at_the_form.patient_id)) == [
        "37.2",
        "68.40",
        "72",
    ]
    page = at_the_form.client.get(answer.url)
    assert "Saved: 3 values." in _plain(page)


def test_the_nurse_is_back_where_the_form_was_opened_and_nowhere_else(at_the_form):
    assert at_the_form.saved(heart_rate="72", next="/patients/").url == "/patients/"
    away = at_the_form.saved(heart_rate="73", token="t2", next="https://elsewhere.example/")
    assert away.url == f"/patients/{at_the_form.patient_id}/"


def test_a_value_is_stored_in_the_unit_that_was_typed_and_standardised_beside_it(at_the_form):
    at_the_form.saved(**{"body_weight": "151", "unit-body_weight": "[lb_av]"})

    (body,) = _bodies(at_the_form.patient_id)
    quantity = body["valueQuantity"]
    assert (str(quantity["value"]), quantity["unit"], quantity["code"]) == ("151", "lb", "[lb_av]")
    value = StandardValue.objects.get(measurement="body_weight")
    assert (value.value_number, value.unit) == (68.5, "kg")


def test_the_time_is_the_one_that_stands_in_the_form(at_the_form):
    at_the_form.saved(heart_rate="72")

    assert StandardValue.objects.get(measurement="heart_rate").time.isoformat() == "2026-03-04T08:15:00+00:00"


def test_the_pressures_of_one_cuff_are_one_panel(at_the_form):
    at_the_form.saved(systolic_pressure="128", diastolic_pressure="76")

    (body,) = _bodies(at_the_form.patient_id)
    assert body["code"]["coding"][0]["code"] == "85354-9"
    assert body["category"][0]["coding"][0]["code"] == "vital-signs"
    values = StandardValue.objects.exclude(measurement="").values_list("measurement", "value_number")
    assert set(values) == {("systolic_pressure", 128.0), ("diastolic_pressure", 76.0)}


def test_one_pressure_alone_is_an_observation_of_its_own(at_the_form):
    at_the_form.saved(systolic_pressure="128")

    (body,) = _bodies(at_the_form.patient_id)
    assert body["code"]["coding"][0]["code"] == "8480-6"


def test_on_air_is_no_flow_of_oxygen(at_the_form):
    at_the_form.saved(oxygen_saturation="97", oxygen_flow="0")

    assert StandardValue.objects.get(measurement="oxygen_flow").value_number == 0
    assert not StandardValue.objects.filter(is_held=True).exists()


def test_one_impossible_value_keeps_the_whole_form_and_everything_typed(at_the_form):
    answer = at_the_form.saved(body_temperature="386", heart_rate="72")

    assert answer.status_code == 200
    assert not _observations(at_the_form.patient_id).exists()
    page = answer.content.decode()
    assert 'value="386"' in page
    assert 'value="72"' in page
    assert "Not saved yet: 1 thing to look at" in _plain(answer)
    assert re.search(r'<a href="#body_temperature">Body temperature: 386 °C is outside', page)
    assert re.search(r'id="body_temperature"[^>]* autofocus', page)


def test_the_likely_value_is_taken_without_scripts(at_the_form):
    answer = at_the_form.client.post(
        at_the_form.address,
        {"measured_date": "2026-03-04", "measured_time": "08:15", "body_temperature": "386", "heart_rate": "72",
         "use": '{"body_temperature": "38.6"}'},
    )  # fmt: skip

    page = answer.content.decode()
    assert 'value="38.6"' in page
    assert 'value="72"' in page
    assert not _observations(at_the_form.patient_id).exists()


def test_a_doubtful_value_is_not_saved_until_it_is_confirmed(at_the_form, make_observation):
    make_observation(at_the_form.patient_id, loinc="29463-7", value=68.4, unit="kg", time="2026-02-20T08:00:00Z")

    answer = at_the_form.saved(body_weight="151")

    assert "Body weight: 151 kg is 121 % above" in _plain(answer)
    assert _observations(at_the_form.patient_id).count() == 1


def test_a_confirmed_value_is_stored_as_confirmed_with_who_and_why_and_is_not_held(
    at_the_form, nurse, make_observation
):
    make_observation(at_the_form.patient_id, loinc="29463-7", value=68.4, unit="kg", time="2026-02-20T08:00:00Z")

    at_the_form.saved(
        **{"body_weight": "151", "confirm-body_weight": "151 kg", "reason-body_weight": "oedema, weighed twice"}
    )

    value = StandardValue.objects.get(measurement="body_weight", value_number=151)
    assert (value.is_held, value.decision, value.decided_by) == (False, "confirmed", nurse.username)
    assert value.decision_reason == "oedema, weighed twice"
    assert value.finding == "unit_slip"  # what was found stays readable
    (told,) = AuditEvent.objects.filter(action="record.confirm")
    assert told.patient_id == at_the_form.patient_id


def test_a_confirmation_is_for_the_value_it_was_given_for(at_the_form, make_observation):
    make_observation(at_the_form.patient_id, loinc="29463-7", value=68.4, unit="kg", time="2026-02-20T08:00:00Z")

    answer = at_the_form.saved(**{"body_weight": "152", "confirm-body_weight": "151 kg"})

    assert answer.status_code == 200
    assert _observations(at_the_form.patient_id).count() == 1


def test_an_impossible_value_cannot_be_confirmed(at_the_form):
    at_the_form.saved(**{"body_temperature": "386", "confirm-body_temperature": "386 Cel"})

    assert not _observations(at_the_form.patient_id).exists()


def test_all_values_of_a_form_are_stored_or_none(at_the_form, make_observation, monkeypatch):
    make_observation(at_the_form.patient_id, loinc="29463-7", value=68.4, unit="kg", time="2026-02-20T08:00:00Z")
    typed = {"heart_rate": "72", "body_weight": "151", "confirm-body_weight": "151 kg"}
    at_the_form.client.post(f"/drafts/vital-signs:{at_the_form.patient_id}/", typed)

    def fails(*_args, **_more):
        raise OSError("the disk is full")

    monkeypatch.setattr("wardround.hospital.records.actions.entering.confirm_held", fails)
    with pytest.raises(OSError, match="disk"):
        at_the_form.saved(**typed)

    assert _observations(at_the_form.patient_id).count() == 1
    assert Draft.objects.exists()


def test_swapped_pressures_are_not_saved(at_the_form):
    assert at_the_form.saved(systolic_pressure="80", diastolic_pressure="130").status_code == 200
    assert not _observations(at_the_form.patient_id).exists()


def test_a_time_in_the_future_is_stopped(at_the_form):
    answer = at_the_form.saved(heart_rate="72", measured_date="2099-01-01")

    assert "lies in the future" in _plain(answer)
    assert not _observations(at_the_form.patient_id).exists()


def test_a_time_before_birth_is_stopped(at_the_form):
    assert "before the patient was born" in _plain(at_the_form.saved(heart_rate="72", measured_date="1950-01-01"))
    assert not _observations(at_the_form.patient_id).exists()


def test_a_time_that_is_none_is_stopped(at_the_form):
    assert "needs a date and a time" in _plain(at_the_form.saved(heart_rate="72", measured_time="half past"))
    assert not _observations(at_the_form.patient_id).exists()


def test_an_empty_form_is_not_saved(at_the_form):
    assert "Nothing is entered yet." in _plain(at_the_form.saved())


def test_a_double_click_stores_once_and_says_so(at_the_form):
    at_the_form.saved(heart_rate="72")
    second = at_the_form.saved(heart_rate="72")

    assert _observations(at_the_form.patient_id).count() == 1
    assert "it is stored once" in _plain(at_the_form.client.get(second.url))


def test_the_same_again_from_another_form_is_asked_about_and_stored_when_it_is_meant(at_the_form):
    at_the_form.saved(heart_rate="72")
    asked = at_the_form.saved(heart_rate="72", token="t2", measured_time="08:16")

    assert "You saved the same at" in _plain(asked)
    assert _observations(at_the_form.patient_id).count() == 1
    token = re.search(r'name="form_token" value="([^"]+)"', asked.content.decode())[1]
    at_the_form.saved(heart_rate="72", token=token, measured_time="08:16", again="1")
    assert _observations(at_the_form.patient_id).count() == 2


def test_saving_throws_the_draft_away_and_a_stop_keeps_it(at_the_form, nurse):
    key = f"vital-signs:{at_the_form.patient_id}"
    at_the_form.client.post(f"/drafts/{key}/", {"heart_rate": "72"})

    at_the_form.saved(heart_rate="720")
    assert Draft.objects.filter(key=key).exists()

    at_the_form.saved(heart_rate="72", token="t2")
    assert not Draft.objects.exists()


def test_a_draft_opens_with_its_form_and_the_time_it_was_typed_at(at_the_form):
    at_the_form.client.post(
        f"/drafts/vital-signs:{at_the_form.patient_id}/",
        {"heart_rate": "72", "measured_date": "2026-03-04", "measured_time": "08:15"},
    )

    page = at_the_form.opened()

    assert re.search(r"Draft of \d\d:\d\d .* restored", _plain(page))
    assert 'value="72"' in page.content.decode()
    assert 'value="08:15"' in page.content.decode()


def test_what_is_saved_names_its_author(at_the_form, nurse):
    at_the_form.saved(heart_rate="72")

    provenance = Provenance.objects.latest("id")
    assert (provenance.activity, provenance.agent_name) == ("create", nurse.username)
    assert AuditEvent.objects.filter(action="record.create", actor_name=nurse.username).count() == 1


@pytest.mark.parametrize("sheet", ["vital-signs", "laboratory"])
def test_who_may_not_write_is_told_nothing(as_client, stranger, steward, make_patient, sheet):
    address = f"/patients/{make_patient()}/enter/{sheet}/"
    for somebody in (stranger, steward):
        assert as_client(somebody).get(address).status_code == 404
        assert as_client(somebody).post(address, {"heart_rate": "72", "save": "1"}).status_code == 404


def test_nobody_enters_anything_without_logging_in(client, make_patient):
    assert client.get(f"/patients/{make_patient()}/enter/vital-signs/").status_code == 302


def test_the_card_alone_is_what_a_chart_loads(at_the_form):
    page = at_the_form.client.get(at_the_form.address, headers={"HX-Request": "true"}).content.decode()

    assert page.lstrip().startswith("<section")
    assert "<html" not in page


class TestLaboratory:
    def test_a_panel_opens_its_tests(self, at_the_form):
        page = at_the_form.laboratory().opened(panel="kidney").content.decode()

        assert 'name="sodium"' in page
        assert 'name="creatinine"' in page

    def test_a_test_is_found_by_name_or_code(self, at_the_form):
        client, address = at_the_form.client, at_the_form.laboratory().address

        assert "C-reactive protein" in client.post(f"{address}tests/", {"search": "c-reac"}).content.decode()
        assert "C-reactive protein" in client.post(f"{address}tests/", {"search": "1988-5"}).content.decode()
        assert "No test of that name" in client.post(f"{address}tests/", {"search": "qqqq"}).content.decode()

    def test_what_a_bedside_measures_is_no_test(self, at_the_form):
        address = at_the_form.laboratory().address

        assert "No test" in at_the_form.client.post(f"{address}tests/", {"search": "Body weight"}).content.decode()

    def test_adding_a_test_keeps_what_is_typed(self, at_the_form):
        page = at_the_form.client.post(
            at_the_form.laboratory().address,
            {
                "test": "sodium",
                "sodium": "140",
                "add": "potassium",
                "measured_date": "2026-03-04",
                "measured_time": "08:15",
            },
        ).content.decode()

        assert 'value="140"' in page
        assert re.search(r'id="potassium"[^>]* autofocus', page)

    def test_results_are_stored_with_their_category(self, at_the_form):
        at_the_form.laboratory().saved(
            test=["sodium", "creatinine"], **{"sodium": "140", "creatinine": "112", "unit-creatinine": "umol/L"}
        )

        bodies = _bodies(at_the_form.patient_id)
        assert {body["category"][0]["coding"][0]["code"] for body in bodies} == {"laboratory"}
        assert {str(body["valueQuantity"]["value"]) for body in bodies} == {"140", "112"}
        assert StandardValue.objects.get(measurement="creatinine").value_number == pytest.approx(1.27, abs=0.01)

    def test_a_result_below_what_is_measured_keeps_its_sign(self, at_the_form):
        at_the_form.laboratory().saved(test=["troponin_t"], troponin_t="< 0.01")

        (body,) = _bodies(at_the_form.patient_id)
        assert (body["valueQuantity"]["comparator"], str(body["valueQuantity"]["value"])) == ("<", "0.01")

    def test_an_enter_in_the_search_box_saves_nothing(self, at_the_form):
        page = at_the_form.client.post(
            at_the_form.laboratory().address,
            {
                "test": "sodium",
                "sodium": "140",
                "search": "potas",
                "save": "default",
                "measured_date": "2026-03-04",
                "measured_time": "08:15",
            },
        )

        assert "Add Potassium" in _plain(page)
        assert not _observations(at_the_form.patient_id).exists()
