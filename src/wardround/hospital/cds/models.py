"""The electronic records that may ask, the tokens they used, the cards they were given, and what became of them."""

from django.db import models


class CdsClient(models.Model):
    """An electronic record that a person of this hospital trusts, with the public keys that were handed over.

    Where one issuer serves several organizations, its tokens state which (`tenant`); only the registered one counts.
    Keys are pinned: nothing is fetched from the address that a token names. `jku`, where set, is the one it may name.
    """

    iss = models.CharField(max_length=300, unique=True)
    name = models.CharField(max_length=150)
    keys = models.JSONField()  # a JWK Set of public keys
    jku = models.CharField(max_length=500, blank=True)
    tenant = models.CharField(max_length=200, blank=True)  # the one organization for which its tokens may speak
    origins = models.JSONField(default=list)  # web pages that may call from a browser (CORS)
    knows_our_patients = models.BooleanField(default=False)  # its patient ids are ours, and it may read their charts
    added = models.DateTimeField()
    added_by = models.CharField(max_length=150)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class UsedToken(models.Model):
    """A token that was used: the same one is not taken again before it has expired."""

    client = models.ForeignKey(CdsClient, on_delete=models.CASCADE)
    jti = models.CharField(max_length=64)  # SHA-256 of what the client chose
    expires = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["client", "jti"], name="cds_token_once"),)


class IssuedCard(models.Model):
    """A card that was given out. Of a patient who is not ours nothing is kept but the hash of the inputs."""

    card = models.UUIDField(unique=True)
    suggestion = models.UUIDField(null=True)
    client = models.ForeignKey(CdsClient, on_delete=models.PROTECT)
    service = models.CharField(max_length=60)
    model_sha256 = models.CharField(max_length=64)
    inputs_sha256 = models.CharField(max_length=64)
    patient_id = models.CharField(max_length=64, blank=True)  # only of a patient of this store
    asked_for = models.CharField(max_length=150)  # who looks at the patient, in the client's words: context.userId
    percent = models.CharField(max_length=4, blank=True)  # as the card says it; empty where it gives none
    made = models.DateTimeField()


class CardFeedback(models.Model):
    """What a person did with a card, as the client reported it."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "accepted"
        OVERRIDDEN = "overridden", "overridden"

    card = models.ForeignKey(IssuedCard, on_delete=models.PROTECT, related_name="feedback")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason_system = models.CharField(max_length=200, blank=True)
    reason_code = models.CharField(max_length=100, blank=True)
    comment = models.TextField(blank=True)  # whole: what the person wrote in the other record
    at = models.DateTimeField()  # when the person acted, as the client says
    received = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["card", "outcome", "at"], name="cds_feedback_once"),)
