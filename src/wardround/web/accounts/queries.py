"""Everything that is read about accounts and tokens."""

import hashlib
from datetime import timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from wardround.web.accounts.models import ServiceToken, User


def digest_of(token: str) -> str:
    """What is kept of a token. It has 256 random bits, so a plain hash cannot be turned back."""
    return hashlib.sha256(token.encode()).hexdigest()


def valid_token(text: str) -> ServiceToken | None:
    """The token with this text, unless it is unknown, expired or revoked."""
    return tokens().filter(digest=digest_of(text)).first()


def tokens() -> QuerySet[ServiceToken]:
    """Those that are valid now, the oldest first."""
    return ServiceToken.objects.filter(revoked__isnull=True, expires__gt=timezone.now()).order_by("pk")


def users() -> QuerySet[User]:
    return User.objects.order_by("username")


def is_locked_out(user: User) -> bool:
    """Were there so many wrong passwords for this person lately that log-ins are refused?"""
    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    attempts = AccessAttempt.objects.filter(username=user.username, attempt_time__gt=since)
    return bool(attempts.filter(failures_since_start__gte=settings.AXES_FAILURE_LIMIT).exists())
