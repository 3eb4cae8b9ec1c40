"""An administrator adds people, changes and ends what they may, and helps them back in."""

import re

import pytest

from wardround.hospital.care.actions import make_team
from wardround.hospital.care.queries import teams_of_people
from wardround.web.accounts.models import User
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

BY = system_actor("tests")
ONE_TIME = re.compile(r'class="one-time">([a-z2-9]{4}(?:-[a-z2-9]{4}){3})<')


def added(client, **typed) -> str:
    answer = client.post("/administration/people/", {"username": "k.toth", "role": "nurse", **typed})
    return answer.content.decode()


def test_a_new_person_gets_a_one_time_password_shown_this_once(at_work, client):
    text = added(at_work, full_name="Katalin Tóth")
    password = ONE_TIME.search(text)[1]

    user = User.objects.get(username="k.toth")
    assert (user.role, user.full_name, user.must_change_password) == ("nurse", "Katalin Tóth", True)
    assert user.check_password(password)
    assert password not in at_work.get("/administration/people/").content.decode()
    assert password not in str(list(AuditEvent.objects.values_list("what", "detail")))


def test_a_new_nurse_joins_the_first_team_unless_told_otherwise(at_work):
    make_team("Cardiology", by=BY)
    added(at_work)
    added(at_work, username="h.nagy", teams=["Cardiology"])

    assert teams_of_people(["k.toth", "h.nagy"]) == {"k.toth": ["First team"], "h.nagy": ["Cardiology"]}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"role": "surgeon"}, "not a role here"),
        ({"username": "a.novak"}, "already a user"),
        ({"username": ""}, "1 to 150"),
    ],
)
def test_what_cannot_be_added_is_refused_with_the_reason(at_work, typed, said):
    before = User.objects.count()

    assert said in added(at_work, **typed)
    assert User.objects.count() == before


def test_a_team_that_is_not_there_adds_nobody(at_work):
    assert "There is no care team" in added(at_work, teams=["Neurology"])
    assert not User.objects.filter(username="k.toth").exists()


def test_a_role_is_changed_and_it_is_in_the_audit_trail(at_work, nurse):
    at_work.post(f"/administration/people/{nurse.username}/", {"change": "role", "role": "doctor"})

    assert User.objects.get(pk=nurse.pk).role == "doctor"
    event = AuditEvent.objects.get(action="user.role")
    assert (event.actor_name, event.detail) == ("a.novak", {"before": "nurse", "role": "doctor"})


def test_an_administrator_has_no_charts_and_cannot_give_them_to_himself(at_work, stranger, make_patient):
    User.objects.create(username="second", role="administrator", password="!")
    patient = make_patient()

    answer = at_work.post("/administration/people/a.novak/", {"change": "role", "role": "doctor"}, follow=True)

    assert "Nobody changes their own role" in answer.content.decode()
    assert User.objects.get(pk=stranger.pk).role == "administrator"
    assert at_work.get("/patients/").status_code == 403
    assert at_work.get(f"/patients/{patient}/").status_code == 404


def test_the_last_administrator_cannot_be_taken_away(at_work):
    for change in ({"change": "deactivate"}, {"change": "role", "role": "steward"}):
        answer = at_work.post("/administration/people/a.novak/", change, follow=True).content.decode()
        assert "Ask another administrator" in answer
    assert User.objects.get(username="a.novak").is_active


def test_a_person_is_deactivated_and_activated_again(at_work, nurse):
    at_work.post(f"/administration/people/{nurse.username}/", {"change": "deactivate"})
    assert not User.objects.get(pk=nurse.pk).is_active
    assert "deactivated" in at_work.get("/administration/people/").content.decode()

    at_work.post(f"/administration/people/{nurse.username}/", {"change": "activate"})
    assert User.objects.get(pk=nurse.pk).is_active


def test_a_person_who_is_locked_out_is_unlocked(at_work, nurse):
    from django.test import Client

    elsewhere = Client()
    for _attempt in range(5):
        elsewhere.post("/login/", {"username": nurse.username, "password": "wrong-password"})
    page = f"/administration/people/{nurse.username}/"
    assert "locked out" in at_work.get(page).content.decode()

    at_work.post(page, {"change": "unlock"})

    assert "locked out" not in at_work.get(page).content.decode()


def test_a_new_one_time_password_replaces_the_old_one(at_work, nurse):
    answer = at_work.post(f"/administration/people/{nurse.username}/", {"change": "password"})

    user = User.objects.get(pk=nurse.pk)
    assert user.check_password(ONE_TIME.search(answer.content.decode())[1])
    assert user.must_change_password
    assert "no-store" in answer["Cache-Control"]


def test_the_teams_of_a_person_are_set(at_work, nurse):
    make_team("Cardiology", by=BY)

    at_work.post(
        f"/administration/people/{nurse.username}/", {"change": "teams", "teams": ["Cardiology", "First team"]}
    )

    assert teams_of_people([nurse.username]) == {nurse.username: ["First team", "Cardiology"]}


def test_a_change_that_is_none_is_refused(at_work, nurse):
    assert at_work.post(f"/administration/people/{nurse.username}/", {"change": "everything"}).status_code == 400
    assert at_work.get("/administration/people/nobody/").status_code == 404
