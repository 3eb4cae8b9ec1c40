"""Backend clients' tokens and people's accounts."""

from datetime import timedelta

import pytest
from django.utils import timezone

from wardround.web.accounts.actions import AccountError, add_user, make_token, revoke_token
from wardround.web.accounts.models import ServiceToken, User
from wardround.web.accounts.queries import valid_token
from wardround.web.accounts.scopes import ScopeError, allows, parse_scopes
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

BY = system_actor("tests")
pytestmark = pytest.mark.django_db


def test_a_token_is_found_by_its_text_and_only_a_hash_is_kept():
    text = make_token("laboratory", scopes="system/*.cruds", days=90, by=BY)

    token = valid_token(text)
    assert token is not None
    assert text not in str(ServiceToken.objects.values().get())
    assert AuditEvent.objects.get(action="token.make").what == f"ServiceToken/{token.pk}"


def test_a_revoked_token_opens_nothing():
    text = make_token("laboratory", scopes="system/*.rs", days=90, by=BY)
    revoke_token(valid_token(text).pk, by=BY)

    assert valid_token(text) is None
    assert AuditEvent.objects.filter(action="token.revoke").exists()


def test_only_a_token_that_is_valid_now_can_be_revoked():
    token = valid_token(make_token("laboratory", scopes="system/*.rs", days=90, by=BY))
    revoke_token(token.pk, by=BY)

    with pytest.raises(AccountError, match=f"has the number {token.pk}"):
        revoke_token(token.pk, by=BY)


def test_an_expired_token_opens_nothing():
    text = make_token("laboratory", scopes="system/*.rs", days=90, by=BY)
    ServiceToken.objects.update(expires=timezone.now() - timedelta(seconds=1))

    assert valid_token(text) is None


def test_a_scope_allows_its_letters_on_its_type_only():
    scopes = ("system/Patient.rs",)

    assert allows(scopes, resource_type="Patient", letter="r")
    assert not allows(scopes, resource_type="Patient", letter="c")
    assert not allows(scopes, resource_type="Observation", letter="r")


@pytest.mark.parametrize("text", ["", "patient/*.rs", "system/*", "system/*.", "system/*.sr", "system/patient.r"])
def test_a_scope_that_cannot_be_read_is_refused_with_one_that_can(text):
    with pytest.raises(ScopeError, match=r"system/"):
        parse_scopes(text)


def test_a_user_is_added_with_a_role_and_the_addition_is_recorded():
    add_user("k.toth", role="doctor", password="seven-green-herons", by=BY)

    assert User.objects.get(username="k.toth").role == "doctor"
    assert AuditEvent.objects.get(action="user.add").detail == {"role": "doctor"}


@pytest.mark.parametrize(
    ("role", "password", "what"),
    [("operator", "seven-green-herons", "not a role here"), ("nurse", "short", "12 characters")],
)
def test_a_user_who_cannot_be_added_leaves_nothing_behind(role, password, what):
    with pytest.raises(AccountError, match=what):
        add_user("k.toth", role=role, password=password, by=BY)

    assert not User.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_name_that_is_taken_is_refused(nurse):
    with pytest.raises(AccountError, match="already a user"):
        add_user(nurse.username, role="nurse", password="seven-green-herons", by=BY)
