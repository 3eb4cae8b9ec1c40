"""Who gets in, who does not, and what the audit trail says about it."""

from django.urls import reverse

from wardround.web.accounts.models import User
from wardround.web.audit.models import AuditEvent

PASSWORD = "seven-green-herons"


def log_in(client, *, username, password=PASSWORD):
    return client.post(reverse("login"), {"username": username, "password": password})


def test_a_nurse_logs_in_with_her_password(client, nurse):
    response = log_in(client, username=nurse.username)

    assert response.status_code == 302
    assert AuditEvent.objects.get(action="login").actor_name == nurse.username


def test_a_wrong_password_is_refused_and_recorded(client, nurse):
    response = log_in(client, username=nurse.username, password="wrong")

    assert response.status_code == 200
    assert AuditEvent.objects.get(action="login").outcome == "refused"


def test_what_is_typed_as_an_unknown_user_name_is_not_recorded(client, db):
    log_in(client, username="my-secret-password", password="x")

    assert AuditEvent.objects.get(action="login").actor_name == ""


def test_after_five_wrong_passwords_the_right_one_is_refused(client, nurse):
    for _ in range(5):
        log_in(client, username=nurse.username, password="wrong")

    assert log_in(client, username=nurse.username).status_code == 429
    assert AuditEvent.objects.filter(action="login.locked", actor_name=nurse.username).exists()


def test_log_out_ends_the_session_and_is_recorded(client, nurse):
    log_in(client, username=nurse.username)
    client.post(reverse("logout"))

    assert "_auth_user_id" not in client.session
    assert AuditEvent.objects.filter(action="logout", actor_name=nurse.username).exists()


def test_the_session_changes_at_log_in_and_ends_after_fifteen_idle_minutes(client, nurse, settings):
    client.get(reverse("login"))
    response = log_in(client, username=nurse.username)
    cookie = response.cookies[settings.SESSION_COOKIE_NAME]

    assert cookie["max-age"] == 900
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_cookie_names_carry_the_home_so_that_sites_on_one_host_do_not_evict_each_other(settings):
    assert settings.SESSION_COOKIE_NAME.endswith(settings.HOME.id)
    assert settings.CSRF_COOKIE_NAME.endswith(settings.HOME.id)


def test_passwords_are_hashed_with_argon2id(nurse):
    assert User.objects.get(pk=nurse.pk).password.startswith("argon2$argon2id$")


def test_pages_allow_nothing_from_elsewhere(client, db):
    policy = client.get(reverse("login")).headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
