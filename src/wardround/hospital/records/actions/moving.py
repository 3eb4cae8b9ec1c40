"""Moving resources from one patient's chart into another's: every version is sealed anew under that patient's key.

One patient, one key: erasing a patient destroys the key, and with it all that was ever in the chart, the versions from before
a merge too. Texts stay what they were, byte for byte; what a resource says is not changed here (docs/decisions/0013).
"""

from collections.abc import Iterable, Sequence

from wardround.hospital.records.bodies import open_body, seal_body
from wardround.hospital.records.keyring import Keyring
from wardround.hospital.records.models import Resource, ResourceFinding, ResourceVersion, StandardValue
from wardround.web.audit.trail import must_be_in_transaction

_SLICE = 200


def move_into(patient_id: str, rows: Sequence[Resource], *, keyring: Keyring) -> None:
    """Put these resources (with `data_key` selected) into the chart of this patient, who has a chart already."""
    must_be_in_transaction()
    key = keyring.keys_for([patient_id])[patient_id]
    for part in _slices([row for row in rows if row.patient_id != patient_id]):
        pks = [row.pk for row in part]
        versions = list(
            ResourceVersion.objects.filter(resource__in=pks).exclude(body=b"").select_related("resource__data_key")
        )
        for version in versions:
            text = open_body(version, keyring=keyring)
            version.body = seal_body(text, keyring=keyring, key=key, resource=version.resource, number=version.number)
        ResourceVersion.objects.bulk_update(versions, ["body"], batch_size=100)
        Resource.objects.filter(pk__in=pks).update(patient_id=patient_id, data_key=key)
        for table in (StandardValue, ResourceFinding):
            table.objects.filter(resource__in=pks).update(patient_id=patient_id)
        for row in part:
            row.patient_id, row.data_key = patient_id, key


def _slices(rows: list[Resource]) -> Iterable[list[Resource]]:
    return (rows[start : start + _SLICE] for start in range(0, len(rows), _SLICE))
