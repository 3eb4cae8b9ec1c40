"""Care teams, who is in them, whose patients they have, and charts that were opened in an emergency."""

from django.db import models


class CareTeam(models.Model):
    """People who care for the same patients. Exactly one is the first: it has whoever was put into no team."""

    name = models.CharField(max_length=100, unique=True)
    is_first = models.BooleanField(default=False)
    made = models.DateTimeField()
    made_by = models.CharField(max_length=150)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["is_first"], condition=models.Q(is_first=True), name="one_first_team"),
        )

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """A nurse or doctor in a team, from `since` until `until`. Whoever has no row at all is in the first team."""

    team = models.ForeignKey(CareTeam, on_delete=models.PROTECT, related_name="members")
    username = models.CharField(max_length=150)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by = models.CharField(max_length=150)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["username", "team"], condition=models.Q(until=None), name="member_once_at_a_time"
            ),
        )
        indexes = (models.Index(fields=["username", "team"], name="member_by_name"),)


class TeamPatient(models.Model):
    """A patient in a team, from `since` until `until`. Whoever is in no team now is in the first."""

    team = models.ForeignKey(CareTeam, on_delete=models.PROTECT, related_name="patients")
    patient_id = models.CharField(max_length=64)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by = models.CharField(max_length=150)
    merge = models.CharField(max_length=32, blank=True)  # of two records, that brought this patient here

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["patient_id", "team"], condition=models.Q(until=None), name="patient_once_at_a_time"
            ),
        )
        indexes = (models.Index(fields=["merge"], condition=~models.Q(merge=""), name="team_patient_by_merge"),)


class EmergencyAccess(models.Model):
    """A chart that a nurse or doctor opened in an emergency. Texts are encrypted: a reason may name the patient."""

    id = models.CharField(max_length=32, primary_key=True)
    username = models.CharField(max_length=150)
    patient_id = models.CharField(max_length=64)
    opened = models.DateTimeField()
    until = models.DateTimeField()  # an hour later, or when the person ended it
    reason = models.BinaryField()
    reviewed = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=150, blank=True)
    note = models.BinaryField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["username", "patient_id", "until"], name="emergency_of_somebody"),
            models.Index(fields=["opened"], condition=models.Q(reviewed=None), name="emergency_to_review"),
        )

    def __str__(self) -> str:
        return f"EmergencyAccess/{self.id}"


class EmergencyRefusal(models.Model):
    """One emergency access that was asked for in vain: counted, so that nobody can guess patients."""

    username = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["username", "at"], name="refusals_of_somebody"),)
