"""Every log-in, log-out and refused log-in is in the audit trail."""

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from wardround.web.accounts.models import User
from wardround.web.accounts.sessions import STARTED
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

_NOBODY = Actor(kind="user", name="", role="")


@receiver(user_logged_in)
def log_in_is_recorded(*, user: User, request: HttpRequest, **_signal: object) -> None:
    request.session[STARTED] = timezone.now().timestamp()
    record_one(user.as_actor(), "login")


@receiver(user_logged_out)
def log_out_is_recorded(*, user: User | None, **_signal: object) -> None:
    if user is not None:
        record_one(user.as_actor(), "logout")


@receiver(user_login_failed)
def refused_log_in_is_recorded(*, credentials: dict[str, str], **_signal: object) -> None:
    # What was typed may be a password in the wrong field, so only the name of an existing account is kept.
    user = User.objects.filter(username=credentials.get("username", "")).first()
    record_one(user.as_actor() if user else _NOBODY, "login", outcome="refused")


@receiver(user_locked_out)
def lock_out_is_recorded(*, username: str, **_signal: object) -> None:
    user = User.objects.filter(username=username).first()
    record_one(user.as_actor() if user else _NOBODY, "login.locked", outcome="refused")
