"""The tables of the record store: resources, their versions, their search indexes, and their standard values."""

from django.db import models


class DataKey(models.Model):
    """One data key per patient (`subject` is the patient's id), and one of the node itself (`subject` is empty).

    `wrapped` is nonce and AES-256-GCM ciphertext under the key-encryption key, which is kept outside the database.
    """

    subject = models.CharField(max_length=64, unique=True)
    wrapped = models.BinaryField(max_length=60)


class CodeMapping(models.Model):
    """What a source's local codes mean: the text of a mapping file, kept so that a value can be judged again."""

    digest = models.CharField(max_length=64, primary_key=True)
    text = models.TextField()


class Provenance(models.Model):
    """Where one write came from: who, by what, out of which message."""

    recorded = models.DateTimeField()
    activity = models.CharField(max_length=20)  # create, update, patch, delete, import, accept, correct, undo
    agent_kind = models.CharField(max_length=10)
    agent_name = models.CharField(max_length=150)
    batch = models.CharField(max_length=32, blank=True, db_index=True)
    position = models.CharField(max_length=100, blank=True)  # "line 17": of the message inside its file
    reason = models.CharField(max_length=500, blank=True)
    code_mapping = models.ForeignKey(CodeMapping, on_delete=models.PROTECT, null=True)


class Resource(models.Model):
    """The present state of one FHIR resource; its body is in its latest version."""

    type = models.CharField(max_length=40)
    logical_id = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    patient_id = models.CharField(max_length=64, blank=True)  # the patient in whose compartment it lies
    data_key = models.ForeignKey(DataKey, on_delete=models.PROTECT)
    last_updated = models.DateTimeField()
    is_deleted = models.BooleanField(default=False)
    index_version = models.PositiveSmallIntegerField(default=0)  # of the code that made its index rows
    # Part of a keyed hash of patient and content: two resources that say the same have the same (see duplicates.py).
    sameness = models.BigIntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["type", "logical_id"], name="resource_once"),)
        indexes = (
            models.Index(fields=["patient_id", "type"], name="resource_by_patient"),
            # In the order of arrival and of change: what a search reads page by page, and a history of a type.
            models.Index(fields=["type", "id"], condition=models.Q(is_deleted=False), name="resource_by_type"),
            models.Index(fields=["type", "last_updated"], name="resource_by_change"),
            models.Index(fields=["sameness"], condition=models.Q(sameness__isnull=False), name="resource_by_sameness"),
        )

    def __str__(self) -> str:
        return f"{self.type}/{self.logical_id}"


class ResourceVersion(models.Model):
    """One version, encrypted under its patient's data key and bound to this row (see `bodies.py`)."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    body = models.BinaryField()  # nonce and ciphertext; empty for the version that says "deleted"
    received_digest = models.BinaryField(max_length=16)  # keyed hash of the body as received: "the same again?"
    is_as_received = models.BooleanField(default=True)  # False for a version that a decision wrote
    provenance = models.ForeignKey(Provenance, on_delete=models.PROTECT)
    recorded = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["resource", "number"], name="version_once"),)


class _Index(models.Model):
    """One search entry of the present version.

    Each table has two kinds of index: by value, to find the resources that have it (so the resource stands at its end),
    and by resource, to ask a resource already found for its values.
    """

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, db_index=False)
    type = models.CharField(max_length=40)
    parameter = models.CharField(max_length=60)

    class Meta:
        abstract = True


class StringIndex(_Index):
    """Text. For identifying parameters `value` is a keyed hash: of a prefix, a trigram or the whole word (`kind`)."""

    kind = models.CharField(max_length=8)  # plain, prefix, trigram, whole
    value = models.CharField(max_length=200)

    class Meta:
        indexes = (
            models.Index(fields=["type", "parameter", "kind", "value", "resource"], name="string_search"),
            models.Index(fields=["resource", "parameter"], name="string_of_resource"),
        )


class TokenIndex(_Index):
    """A code in a system. For identifying parameters `code` is a keyed hash."""

    system = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=200)

    class Meta:
        indexes = (
            models.Index(fields=["type", "parameter", "code", "system", "resource"], name="token_search"),
            models.Index(fields=["resource", "parameter", "code"], name="token_of_resource"),
        )


class DateIndex(_Index):
    """The time from `low` up to but not including `high`, in UTC. Birth dates are kept as years."""

    low = models.DateTimeField()
    high = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=["type", "parameter", "low", "resource"], name="date_low_search"),
            models.Index(fields=["type", "parameter", "high", "resource"], name="date_high_search"),
            models.Index(fields=["resource", "parameter", "low"], name="date_of_resource"),
        )


class ReferenceIndex(_Index):
    """A literal reference inside this store. An address or a canonical is in UriIndex under the same parameter; a
    reference by identifier is in TokenIndex under `parameter:identifier`, hashed."""

    target_type = models.CharField(max_length=40)
    target_id = models.CharField(max_length=64)

    class Meta:
        indexes = (
            # The target stands first: the same index also answers who refers to a resource that is to be deleted.
            models.Index(fields=["target_id", "target_type", "type", "parameter", "resource"], name="reference_search"),
            models.Index(fields=["resource", "parameter", "target_id"], name="reference_of_resource"),
        )


class QuantityIndex(_Index):
    """A quantity as received, and the same in base units where it has a UCUM unit; `unit` is the code, else the text.

    From `low` to `high`: alike for a plain value; one of them is the greatest or least float where a comparator or an
    open range leaves that end open. Where a standard value changes mass into substance or back, it is a second row.
    """

    system = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    low = models.FloatField()
    high = models.FloatField()
    base_unit = models.CharField(max_length=80, blank=True)
    base_low = models.FloatField(null=True)
    base_high = models.FloatField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["type", "parameter", "low"], name="quantity_search"),
            models.Index(fields=["type", "parameter", "base_unit", "base_low"], name="quantity_base_search"),
            models.Index(fields=["resource", "parameter", "low"], name="quantity_of_resource"),
        )


class NumberIndex(_Index):
    """A number: `low` and `high` are alike, but for a range."""

    low = models.FloatField()
    high = models.FloatField()

    class Meta:
        indexes = (
            models.Index(fields=["type", "parameter", "low"], name="number_search"),
            models.Index(fields=["resource", "parameter", "low"], name="number_of_resource"),
        )


class UriIndex(_Index):
    value = models.CharField(max_length=500)

    class Meta:
        indexes = (
            models.Index(fields=["type", "parameter", "value"], name="uri_search"),
            models.Index(fields=["resource", "parameter"], name="uri_of_resource"),
        )


class CompositeIndex(_Index):
    """Values that stand together: a token, and beside it a token, quantity, date, text, reference or two numbers.

    A coded value, or a quantity's unit, is in `value_system` and `value_code`; a text is there as the hash that
    StringIndex has for its parameter (of the whole word or a prefix); a reference as its type and id. Of two numbers the
    first is `low_number` and the second `high_number`.
    """

    system = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=200)
    value_system = models.CharField(max_length=200, blank=True)
    value_code = models.CharField(max_length=200, blank=True)
    low_number = models.FloatField(null=True)
    high_number = models.FloatField(null=True)
    base_unit = models.CharField(max_length=80, blank=True)
    base_low = models.FloatField(null=True)
    base_high = models.FloatField(null=True)
    low_date = models.DateTimeField(null=True)
    high_date = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["type", "parameter", "code", "value_code", "low_number"], name="composite_search"),
            models.Index(fields=["resource", "parameter", "code"], name="composite_of_resource"),
        )


INDEXES = (
    StringIndex,
    TokenIndex,
    DateIndex,
    ReferenceIndex,
    QuantityIndex,
    NumberIndex,
    UriIndex,
    CompositeIndex,
)


class Fact(models.TextChoices):
    """What a standard value states."""

    MEASUREMENT = "measurement"  # `measurement` is a catalogue key
    CONDITION = "condition"  # `code_system` and `code` hold the diagnosis
    PROCEDURE = "procedure"
    GENDER = "gender"  # `value_text`
    BIRTH_YEAR = "birth_year"  # `value_number`


class Decision(models.TextChoices):
    NONE = "", "none"
    ACCEPTED = "accepted", "suggestion accepted"
    CORRECTED = "corrected", "corrected by hand"
    CONFIRMED = "confirmed", "confirmed as it stands"
    WITHDRAWN = "withdrawn", "entered in error"


class _Decidable(models.Model):
    """What a person decided about it, and why."""

    decision = models.CharField(max_length=12, choices=Decision.choices, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        abstract = True


class StandardValue(_Decidable):
    """What one value of a resource means in standard codes and units, beside the body, which stays as received.

    Rows of earlier versions remain (`is_current` False). A row that could not be standardised says why in
    `not_standard`, and has a `measurement` only where its code said which it is. A held row is kept out of learning until somebody decides.
    """

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="standard_values")
    version = models.PositiveIntegerField()
    is_current = models.BooleanField(default=True)
    patient_id = models.CharField(max_length=64, blank=True)
    path = models.CharField(max_length=200)  # "Observation.component[1].valueQuantity"
    fact = models.CharField(max_length=12, choices=Fact.choices)
    measurement = models.CharField(max_length=60, blank=True)
    code_system = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=100, blank=True)
    time = models.DateTimeField(null=True)
    value_number = models.FloatField(null=True)
    value_text = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    rule = models.CharField(max_length=200, blank=True)
    not_standard = models.CharField(max_length=300, blank=True)
    not_standard_kind = models.CharField(max_length=20, blank=True)  # "unknown_unit", "unknown_code", ...

    is_held = models.BooleanField(default=False)
    is_record_held = models.BooleanField(default=False)  # its whole record is held: see ResourceFinding
    finding = models.CharField(max_length=30, blank=True)  # the kind
    finding_sentence = models.CharField(max_length=500, blank=True)
    suggestion = models.FloatField(null=True)
    suggestion_unit = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["patient_id", "measurement"], name="standard_by_patient"),
            models.Index(fields=["id"], name="standard_held", condition=models.Q(is_held=True, is_current=True)),
            models.Index(fields=["finding"], name="standard_findings", condition=~models.Q(finding="")),
        )


class ResourceFinding(_Decidable):
    """What is odd about a whole resource in its patient's chart: its dates, its state, its sex, that it came twice.

    Rows of earlier versions and earlier judgements remain (`is_current` False). While one of its findings is held, what the
    resource states is held with it (`StandardValue.is_record_held`). `suggestion` is what elements were probably meant to say, by path.
    """

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="findings")
    version = models.PositiveIntegerField()
    is_current = models.BooleanField(default=True)
    patient_id = models.CharField(max_length=64, blank=True)
    path = models.CharField(max_length=200)  # "Condition.abatementDateTime"
    kind = models.CharField(max_length=30)
    sentence = models.CharField(max_length=500)
    is_held = models.BooleanField()
    suggestion = models.JSONField(default=dict)
    # The other resource that it depends on: the patient, the entry that came first, a result. It is judged again with it.
    beside = models.ForeignKey(Resource, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = (
            models.Index(fields=["patient_id"], condition=models.Q(is_current=True), name="finding_by_patient"),
            models.Index(
                fields=["resource"], condition=models.Q(is_held=True, is_current=True), name="finding_of_held"
            ),
        )
