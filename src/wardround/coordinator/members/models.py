"""The hospitals that were invited, and the one key each is known by."""

from django.db import models


class Standing(models.TextChoices):
    INVITED = "invited", "Invited"
    REQUESTED = "requested", "Has asked to join"
    MEMBER = "member", "Member"
    REVOKED = "revoked", "Revoked"


class Member(models.Model):
    """One hospital. Its keys are set once and never replaced: a second request under its name is refused."""

    name = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.INVITED)
    since = models.DateTimeField()
    token_digest = models.CharField(max_length=64)  # SHA-256 of the invitation's secret
    identity = models.CharField(max_length=64, blank=True)  # Ed25519 public key, hexadecimal
    sealing_key = models.CharField(max_length=64, blank=True)  # X25519 public key, hexadecimal
    request = models.BinaryField(default=b"")  # the join request as it came
    asked = models.DateTimeField(null=True, blank=True)  # when it last asked for its studies, with its signature
    revoked_because = models.CharField(max_length=300, blank=True)
    admission = models.BinaryField(default=b"")  # the signed admission; public

    def __str__(self) -> str:
        return self.title
