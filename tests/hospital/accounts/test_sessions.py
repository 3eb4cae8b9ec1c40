"""How long a log-in lasts, what ends it, and where the next one leads."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from wardround.web.accounts.actions import (
    AccountError,
    activate,
    add_user,
    change_role,
    deactivate,
    give_one_time_password,
    unlock,
)
from wardround.web.accounts.models import User
from wardround.web.accounts.queries import is_locked_out
from wardround.web.accounts.sessions import STARTED
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

BY = system_actor("tests")
PASSWORD = "seven-green-herons"


def log_in(client, username, password=PASSWORD, **more):
    return client.post("/login/", {"username": username, "password": password, **more})


def is_in(client) -> bool:
    return client.get("/session/").status_code == 204


def test_the_key_of_the_session_changes_at_log_in(client, nurse):
    client.get("/login/")
    session = client.session
    session["before"] = "1"
    session.save()
    client.cookies[settings_name()] = session.session_key

    log_in(client, nurse.username)

    assert is_in(client)
    assert client.session.session_key != session.session_key


def settings_name() -> str:
    from django.conf import settings

    return settings.SESSION_COOKIE_NAME


def test_after_twelve_hours_a_person_logs_in_again_and_comes_back(nurse, as_client):
    client = as_client(nurse)
    session = client.session
    session[STARTED] = timezone.now().timestamp() - timedelta(hours=11, minutes=59).total_seconds()
    session.save()
    assert is_in(client)
    session[STARTED] = timezone.now().timestamp() - timedelta(hours=12).total_seconds()
    session.save()

    answer = client.get("/patients/?page=2")

    assert answer.status_code == 302
    assert answer.url == "/login/?next=/patients/%3Fpage%3D2"
    assert AuditEvent.objects.filter(action="logout", actor_name=nurse.username).count() == 1


def test_fifteen_minutes_count_from_the_last_request(nurse, as_client):
    client = as_client(nurse)

    answer = client.get("/session/")

    assert answer.cookies[settings_name()]["max-age"] == 15 * 60


def test_the_log_in_leads_back_to_the_page(client, nurse):
    answer = log_in(client, nurse.username, next="/patients/?page=2")

    assert answer.url == "/patients/?page=2"


def test_who_sent_a_form_too_late_comes_back_to_its_page(client, db):
    here = {"Referer": "http://testserver/patients/x/"}

    assert client.post("/patients/x/values/1/", headers=here).url == "/login/?next=/patients/x/"
    elsewhere = {"Referer": "http://elsewhere.example/patients/x/"}
    assert client.post("/patients/x/values/1/", headers=elsewhere).url == "/login/?next=/"


def test_a_part_of_a_page_sends_the_whole_page_to_the_log_in(client, db):
    asked = {"HX-Request": "true", "HX-Current-URL": "http://testserver/patients/"}
    answer = client.post("/patients/", {"search": "kov"}, headers=asked)

    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/login/?next=/patients/"


@pytest.mark.parametrize(
    "change",
    [
        lambda user: change_role(user, role="doctor", by=BY),
        lambda user: deactivate(user, by=BY),
        lambda user: give_one_time_password(user, by=BY),
    ],
    ids=["role", "deactivated", "password"],
)
def test_a_change_of_the_account_ends_its_sessions(nurse, as_client, change):
    client = as_client(nurse)
    assert is_in(client)

    change(User.objects.get(pk=nurse.pk))

    assert not is_in(client)


def test_a_one_time_password_opens_only_the_page_that_changes_it(client, nurse):
    given = give_one_time_password(nurse, by=BY)
    log_in(client, nurse.username, given)
    assert client.get("/patients/").url == "/password/"
    assert client.get("/fhir/R4/Patient").status_code == 302

    new = "four quiet herons wade"
    answer = client.post("/password/", {"old": given, "new": new, "again": new})

    assert answer.url == "/"
    assert client.get("/patients/").status_code == 200
    assert User.objects.get(pk=nurse.pk).check_password(new)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"old": "wrong", "new": "four quiet herons", "again": "four quiet herons"}, "not right"),
        ({"old": PASSWORD, "new": "four quiet herons", "again": "four quiet heron"}, "twice alike"),
        ({"old": PASSWORD, "new": "short", "again": "short"}, "too short"),
        ({"old": PASSWORD, "new": PASSWORD, "again": PASSWORD}, "another password"),
    ],
)
def test_a_new_password_is_refused_with_the_reason(nurse, as_client, typed, said):
    client = as_client(nurse)

    assert said in client.post("/password/", typed).content.decode()
    assert User.objects.get(pk=nurse.pk).check_password(PASSWORD)


def test_a_wrong_present_password_is_in_the_audit_trail(nurse, as_client):
    as_client(nurse).post("/password/", {"old": "wrong", "new": "x" * 12, "again": "x" * 12})

    assert AuditEvent.objects.filter(action="user.password", outcome="refused").count() == 1


def test_the_last_administrator_stays(stranger):
    for take_away in (lambda: deactivate(stranger, by=BY), lambda: change_role(stranger, role="steward", by=BY)):
        with pytest.raises(AccountError, match="last administrator"):
            take_away()

    other = add_user("second", role="administrator", password="four quiet herons", by=BY)
    deactivate(stranger, by=BY)
    with pytest.raises(AccountError, match="last administrator"):
        deactivate(other, by=BY)


def test_nobody_changes_their_own_role_or_account(stranger):
    add_user("second", role="administrator", password="four quiet herons", by=BY)
    for change in (
        lambda: change_role(stranger, role="doctor", by=stranger.as_actor()),
        lambda: deactivate(stranger, by=stranger.as_actor()),
    ):
        with pytest.raises(AccountError, match="their own"):
            change()


def test_an_unlocked_person_may_try_again_at_once(client, nurse):
    for _attempt in range(5):
        log_in(client, nurse.username, "wrong-password")
    assert log_in(client, nurse.username).status_code == 429
    assert is_locked_out(nurse)

    unlock(nurse, by=BY)

    assert not is_locked_out(nurse)
    assert log_in(client, nurse.username).status_code == 302


def test_who_is_activated_again_logs_in_again(client, nurse):
    deactivate(nurse, by=BY)
    assert log_in(client, nurse.username).status_code == 200

    activate(nurse, by=BY)

    assert log_in(client, nurse.username).status_code == 302


def test_what_a_page_asks_by_itself_does_not_keep_a_person_logged_in(nurse, as_client):
    from django.contrib.sessions.models import Session

    client = as_client(nurse)
    client.get("/session/")
    key = client.session.session_key
    nearly = timezone.now() + timedelta(minutes=1)
    Session.objects.filter(pk=key).update(expire_date=nearly)

    for headers in ({"X-Asked-By": "page", "HX-Request": "true"}, {"Accept": "text/event-stream"}):
        answer = client.get("/session/", headers=headers)
        assert settings_name() not in answer.cookies
        assert Session.objects.get(pk=key).expire_date == nearly

    client.get("/session/")
    assert Session.objects.get(pk=key).expire_date > nearly


def test_every_part_of_a_page_that_looks_again_by_itself_says_so():
    from pathlib import Path

    import wardround

    looking = [
        (path.name, tag)
        for path in Path(wardround.__file__).parent.rglob("*.html")
        for tag in re.findall(r"<[a-z]+ [^>]*hx-trigger=\"(?:every|tick|load)[^>]*", path.read_text("utf-8"))
    ]

    assert len(looking) >= 3
    assert [name for name, tag in looking if '"X-Asked-By":"page"' not in tag] == []


@pytest.mark.parametrize("address", ["/patients/", "/patients/{patient}/", "/patients/{patient}/print/", "/password/"])
def test_no_browser_keeps_a_page_of_somebody_who_is_logged_in(nurse, as_client, make_patient, address):
    answer = as_client(nurse).get(address.format(patient=make_patient()))

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_after_the_log_out_an_old_session_opens_nothing(client, nurse):
    log_in(client, nurse.username)
    key = client.cookies[settings_name()].value
    client.post("/logout/")

    client.cookies[settings_name()] = key

    assert not is_in(client)


def test_a_one_time_password_is_good_for_a_week(client, nurse):
    given = give_one_time_password(nurse, by=BY)
    User.objects.filter(pk=nurse.pk).update(password_given=timezone.now() - timedelta(days=7))

    answer = log_in(client, nurse.username, given)

    assert "Ask your administrator for a new one." in answer.content.decode()
    assert not is_in(client)
    assert log_in(client, nurse.username, give_one_time_password(nurse, by=BY)).status_code == 302


def test_a_password_of_ones_own_does_not_expire(client, nurse):
    assert log_in(client, nurse.username).status_code == 302


def test_guessing_the_present_password_on_an_open_page_is_locked_out(nurse, as_client):
    client = as_client(nurse)
    typed = {"new": "four quiet herons wade", "again": "four quiet herons wade"}
    for _attempt in range(5):
        client.post("/password/", {"old": "wrong-password", **typed})

    answer = client.post("/password/", {"old": PASSWORD, **typed})

    assert answer.status_code == 429
    assert User.objects.get(pk=nurse.pk).check_password(PASSWORD)


@pytest.mark.parametrize(
    "disguise",
    [
        lambda name, n: {"data": {"username": name}, "headers": {"X-Forwarded-For": f"192.0.2.{n}"}},
        lambda name, n: {"data": {"username": name}, "headers": {"Forwarded": f"for=192.0.2.{n}", "X-Real-IP": "::1"}},
        lambda name, n: {"data": {"username": f"  {name}" if n % 2 else name}},
        lambda name, n: {"data": {"username": "".join(chr(ord(c) + 0xFEE0) for c in name) if n % 2 else name}},
    ],
    ids=["a forwarded address", "other headers", "blanks", "wide letters"],
)
def test_no_disguise_gets_around_the_lock_out(client, nurse, disguise):
    for n in range(5):
        asked = disguise(nurse.username, n)
        client.post("/login/", {**asked["data"], "password": "wrong-password"}, headers=asked.get("headers"))

    assert log_in(client, nurse.username).status_code == 429


def test_the_log_in_does_not_tell_who_has_an_account(client, nurse):
    deactivate(nurse, by=BY)

    def said(name: str) -> str:
        text = log_in(client, name, "wrong-password").content.decode().replace(name, "NAME")
        return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)

    assert said(nurse.username) == said("nobody.at.all")


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example/",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "///evil.example",
        "\t//evil",
    ],
)
def test_the_log_in_leads_to_no_other_site(client, nurse, to):
    assert log_in(client, nurse.username, next=to).url == "/"


def test_what_was_said_to_one_person_is_not_said_to_the_next_at_the_same_browser(client, nurse, doctor):
    log_in(client, nurse.username)
    new = "four quiet herons wade"
    answer = client.post("/password/", {"old": PASSWORD, "new": new, "again": new})
    assert answer.status_code == 302
    assert "messages" not in answer.cookies
    client.post("/logout/")

    log_in(client, doctor.username)

    assert "Your password is changed." not in client.get("/patients/").content.decode()


def test_a_new_password_ends_ones_other_sessions_and_renews_the_key_of_this_one(client, nurse):
    from django.test import Client

    other = Client()
    log_in(client, nurse.username)
    log_in(other, nurse.username)
    key = client.session.session_key
    new = "four quiet herons wade"

    client.post("/password/", {"old": PASSWORD, "new": new, "again": new})

    assert is_in(client)
    assert client.session.session_key != key
    assert not is_in(other)
