"""Everything that changes an account or a token."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from wardround.web.accounts.models import ROLES_OF_SITE, ServiceToken, User, new_token_text
from wardround.web.accounts.queries import digest_of
from wardround.web.accounts.scopes import parse_scopes
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one


class AccountError(Exception):
    """The account or token cannot be made; the message says what would be right."""


def add_user(username: str, *, role: str, password: str, full_name: str = "", by: Actor) -> User:
    """Add a person with one role of this site."""
    roles = [str(known) for known in ROLES_OF_SITE[settings.HOME.kind]]
    if role not in roles:
        raise AccountError(f"{role!r} is not a role here. Choose one of: {', '.join(roles)}.")
    if not username.strip() or len(username) > 150:
        raise AccountError("A user name has 1 to 150 characters, for example: a.kovacs")
    user = User(username=username, role=role, full_name=full_name)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise AccountError(" ".join(error.messages)) from error
    user.set_password(password)
    with transaction.atomic():
        if User.objects.filter(username=username).exists():
            raise AccountError(f"There is already a user {username!r}. Choose another name.")
        user.save()
        record_one(by, "user.add", what=f"User/{username}", detail={"role": role})
    return user


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


def revoke_token(token: ServiceToken, *, by: Actor) -> None:
    """From now on the token opens nothing."""
    with transaction.atomic():
        token.revoked = timezone.now()
        token.save(update_fields=["revoked"])
        record_one(by, "token.revoke", what=f"ServiceToken/{token.pk}")
