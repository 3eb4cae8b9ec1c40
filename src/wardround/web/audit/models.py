"""Audit events, the chain that a sealer lays over them, and its signed heads."""

from django.db import models


class AuditEvent(models.Model):
    """One thing that somebody did, or was refused. Written in the transaction of what it reports."""

    uid = models.UUIDField(unique=True)
    recorded = models.DateTimeField()
    action = models.CharField(max_length=40)  # "record.create", "record.read", "login.refused"
    outcome = models.CharField(max_length=10)  # done, refused
    actor_kind = models.CharField(max_length=10)
    actor_name = models.CharField(max_length=150)
    actor_role = models.CharField(max_length=20)
    patient_id = models.CharField(max_length=64, blank=True)
    what = models.CharField(max_length=200, blank=True)  # "Observation/abc/_history/2"
    detail = models.JSONField(default=dict)  # never holds patient data
    mac = models.BinaryField(max_length=32)
    is_sealed = models.BooleanField(default=False)

    class Meta:
        indexes = (
            models.Index(fields=["patient_id", "id"], name="audit_by_patient"),
            models.Index(fields=["id"], name="audit_unsealed", condition=models.Q(is_sealed=False)),
        )


class AuditLink(models.Model):
    """The place of one event in the chain; `hash` covers the link before it and the event's code."""

    position = models.BigIntegerField(primary_key=True)
    event_id = models.BigIntegerField(unique=True)
    hash = models.BinaryField(max_length=32)


class AuditHead(models.Model):
    """The signed end of the chain at one moment."""

    position = models.BigIntegerField(primary_key=True)
    hash = models.BinaryField(max_length=32)
    signed = models.DateTimeField()
    signature = models.BinaryField(max_length=64)
