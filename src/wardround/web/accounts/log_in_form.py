"""Whom the log-in lets in although name and password are right: nobody with a one-time password that lay about too long."""

from datetime import timedelta

from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext

from wardround.web.accounts.models import User

ONE_TIME_LASTS = timedelta(days=7)


class LogInForm(AuthenticationForm):
    """Django's own, asked once more when it is right."""

    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        if is_expired(user):
            raise ValidationError(
                gettext(
                    "The password that you were given was not used for a week. Ask your administrator for a new one."
                )
            )


def is_expired(user: User) -> bool:
    """Was the password given by somebody else, and longer ago than such a one is good for?"""
    if not user.must_change_password:
        return False
    return user.password_given is None or user.password_given <= timezone.now() - ONE_TIME_LASTS
