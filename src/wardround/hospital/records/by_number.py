"""Patients by a whole number of theirs, exactly. Whoever asks has asked after the ability; no chart is opened here."""

from typing import Any

from wardround.hospital.merges.queries import survivors_of
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.identities import identifiers_of
from wardround.hospital.records.models import Resource, TokenIndex
from wardround.hospital.records.search.verifying import opened

_MOST = 50  # so many records with one number are a fault, not a patient


def patients_by_number(number: str) -> dict[str, dict[str, Any]]:
    """Id -> Patient of everybody here who has this number; in place of a retired record the one that is kept.

    The Patient is the record that has the number, so what it says of birth is what was written beside that number.
    """
    number = number.strip()
    if not number:
        return {}
    code = BlindIndex().hashed("identifier", number)
    rows = TokenIndex.objects.filter(type="Patient", parameter="identifier", code=code).values("resource")
    hits = Resource.objects.filter(pk__in=rows, type="Patient", is_deleted=False).order_by("pk")
    bodies = [body for _pk, body in opened(list(hits.values_list("pk", flat=True)[:_MOST]))]
    having = {body["id"]: body for body in bodies if any(value == number for _system, value in identifiers_of(body))}
    survivors = survivors_of(having)
    return {survivors.get(patient_id, patient_id): body for patient_id, body in having.items()}
