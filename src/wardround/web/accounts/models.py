"""People and their one role, and the tokens of backend clients."""

import secrets
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from wardround.web.audit.actor import Actor


class Role(models.TextChoices):
    NURSE = "nurse", _("Nurse")
    DOCTOR = "doctor", _("Doctor")
    STEWARD = "steward", _("Data steward")
    RESEARCHER = "researcher", _("Researcher")
    PRIVACY_OFFICER = "privacy_officer", _("Privacy officer")
    ADMINISTRATOR = "administrator", _("Administrator")
    OPERATOR = "operator", _("Operator")
    AUDITOR = "auditor", _("Auditor")


ROLES_OF_SITE: dict[str, tuple[Role, ...]] = {
    "hospital": (
        Role.NURSE,
        Role.DOCTOR,
        Role.STEWARD,
        Role.RESEARCHER,
        Role.PRIVACY_OFFICER,
        Role.ADMINISTRATOR,
    ),
    "coordinator": (Role.OPERATOR, Role.AUDITOR, Role.ADMINISTRATOR),
}


class UserManager(BaseUserManager["User"]):
    """Finds users by name; making one is `accounts.actions.add_user`."""


class User(AbstractBaseUser):
    """One person. Log-ins are never shared; a person has exactly one role."""

    username = models.CharField(max_length=150, unique=True)
    full_name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=20, choices=Role.choices)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)  # it was given by somebody else, for one log-in
    password_given = models.DateTimeField(null=True, blank=True)  # when; it is not good for ever
    added = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["role"]

    def __str__(self) -> str:
        return self.full_name or self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Sessions stand for a password, a role and the right to log in: when one of them changes, they end."""
        stands_for = f"{self.password}|{self.role}|{self.is_active}"
        return salted_hmac("wardround.web.accounts.session", stands_for, secret=secret, algorithm="sha256").hexdigest()

    def as_actor(self) -> Actor:
        """This person as the audit trail and the one door know them."""
        return Actor(kind="user", name=self.username, role=self.role)


class ServiceToken(models.Model):
    """The right of a backend client to use the FHIR interface. Only a hash of the token is kept."""

    name = models.CharField(max_length=100)
    scopes = models.CharField(max_length=500)  # SMART v2 system scopes, separated by blanks
    digest = models.CharField(max_length=64, unique=True)
    made = models.DateTimeField(auto_now_add=True)
    made_by = models.CharField(max_length=150)
    expires = models.DateTimeField()
    revoked = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    def as_actor(self) -> Actor:
        """This client as the audit trail and the one door know it."""
        return Actor(kind="service", name=self.name, role="service", scopes=tuple(self.scopes.split()))


def new_token_text() -> str:
    """A token with 256 random bits; the prefix lets a secret scanner recognise it."""
    return f"wrt_{secrets.token_urlsafe(32)}"
