"""Everything that changes an account or a token."""

import secrets
from datetime import timedelta

from axes.utils import reset
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from wardround.web.accounts.models import ROLES_OF_SITE, Role, ServiceToken, User, new_token_text
from wardround.web.accounts.queries import digest_of, tokens
from wardround.web.accounts.scopes import parse_scopes
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


class AccountError(Exception):
    """The account or token cannot be made; the message says what would be right."""


def add_user(
    username: str, *, role: str, password: str, full_name: str = "", must_change: bool = False, by: Actor
) -> User:
    """Add a person with one role of this site. A password that `must_change` is good for one log-in."""
    _check_role(role)
    if not username.strip() or len(username) > 150:
        raise AccountError("A user name has 1 to 150 characters, for example: a.kovacs")
    user = User(username=username, role=role, full_name=full_name, must_change_password=must_change)
    user.password_given = timezone.now() if must_change else None
    _set_password(user, password)
    with transaction.atomic():
        if User.objects.filter(username=username).exists():
            raise AccountError(f"There is already a user {username!r}. Choose another name.")
        user.save()
        record_one(by, "user.add", what=f"User/{username}", detail={"role": role})
    return user


@transaction.atomic
def change_role(user: User, *, role: str, by: Actor) -> None:
    """Another role from the next request on: the person is logged off. Nobody changes their own."""
    _check_role(role)
    if role == user.role:
        return
    if by.kind == "user" and by.name == user.username:
        raise AccountError("Nobody changes their own role. Ask another administrator.")
    _keep_an_administrator(user, without=role != Role.ADMINISTRATOR)
    before, user.role = user.role, role
    user.save(update_fields=["role"])
    record_one(by, "user.role", what=f"User/{user.username}", detail={"before": before, "role": role})


@transaction.atomic
def deactivate(user: User, *, by: Actor) -> None:
    """The person cannot log in any more and is logged off. What they wrote and did stays under their name."""
    if not user.is_active:
        return
    if by.kind == "user" and by.name == user.username:
        raise AccountError("Nobody deactivates their own account. Ask another administrator.")
    _keep_an_administrator(user, without=True)
    user.is_active = False
    user.save(update_fields=["is_active"])
    record_one(by, "user.deactivate", what=f"User/{user.username}")


@transaction.atomic
def activate(user: User, *, by: Actor) -> None:
    """The person may log in again."""
    if user.is_active:
        return
    user.is_active = True
    user.save(update_fields=["is_active"])
    record_one(by, "user.activate", what=f"User/{user.username}")


@transaction.atomic
def unlock(user: User, *, by: Actor) -> None:
    """After too many wrong passwords: the person may try again at once."""
    reset(username=user.username)
    record_one(by, "user.unlock", what=f"User/{user.username}")


@transaction.atomic
def give_one_time_password(user: User, *, by: Actor) -> str:
    """A new password, returned this once, which must be changed at the next log-in. The person is logged off."""
    text = one_time_password()
    _set_password(user, text)
    user.must_change_password, user.password_given = True, timezone.now()
    user.save(update_fields=["password", "must_change_password", "password_given"])
    record_one(by, "user.password", what=f"User/{user.username}", detail={"one_time": True})
    return text


def change_own_password(user: User, *, old: str, new: str, again: str, request: HttpRequest) -> None:
    """Raises `AccountError` when the old one is wrong, or the new one too weak, the same, or not typed twice alike.

    The old one is asked as at the log-in: whoever guesses at somebody else's open page is locked out like there.
    """
    if authenticate(request, username=user.username, password=old) != user:
        record_one(user.as_actor(), "user.password", outcome="refused", what=f"User/{user.username}")
        raise AccountError("The present password is not right.")
    if new != again:
        raise AccountError("The new password was not typed twice alike.")
    if old == new:
        raise AccountError("Choose another password than the present one.")
    _set_password(user, new)
    user.must_change_password, user.password_given = False, None
    with transaction.atomic():
        user.save(update_fields=["password", "must_change_password", "password_given"])
        record_one(user.as_actor(), "user.password", what=f"User/{user.username}")


def one_time_password() -> str:
    """Sixteen letters and digits that are not mistaken for each other when they are read aloud: 78 random bits."""
    return "-".join("".join(secrets.choice(_READABLE) for _sign in range(4)) for _group in range(4))


def make_token(name: str, *, scopes: str, days: int, by: Actor) -> str:
    """Make a token for a backend client and return its text, which is shown this once and never kept."""
    parse_scopes(scopes)
    if days < 1:
        raise AccountError("A token is valid for at least one day, for example --days 90.")
    text = new_token_text()
    with transaction.atomic():
        token = ServiceToken.objects.create(
            name=name,
            scopes=" ".join(scopes.split()),
            digest=digest_of(text),
            made_by=by.name,
            expires=timezone.now() + timedelta(days=days),
        )
        record_one(by, "token.make", what=f"ServiceToken/{token.pk}", detail={"name": name, "scopes": token.scopes})
    return text


def revoke_token(number: int, *, by: Actor) -> ServiceToken:
    """From now on this token opens nothing. Raises AccountError for a number that no valid token has."""
    with transaction.atomic():
        token = tokens().filter(pk=number).select_for_update().first()
        if token is None:
            raise AccountError(f"No token that is valid now has the number {number}.")
        token.revoked = timezone.now()
        token.save(update_fields=["revoked"])
        record_one(by, "token.revoke", what=f"ServiceToken/{token.pk}", detail={"name": token.name})
    return token


def _check_role(role: str) -> None:
    roles = [str(known) for known in ROLES_OF_SITE[settings.HOME.kind]]
    if role not in roles:
        raise AccountError(f"{role!r} is not a role here. Choose one of: {', '.join(roles)}.")


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise AccountError(" ".join(error.messages)) from error
    user.set_password(password)


def _keep_an_administrator(user: User, *, without: bool) -> None:
    """A site without an administrator could not be given one by its pages."""
    others = User.objects.select_for_update().filter(role=Role.ADMINISTRATOR, is_active=True).exclude(pk=user.pk)
    if without and user.role == Role.ADMINISTRATOR and user.is_active and not others.exists():
        raise AccountError("This is the last administrator. Make another one first.")
