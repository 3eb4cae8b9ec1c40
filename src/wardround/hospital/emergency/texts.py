"""The reason of an emergency access and the note of its review, encrypted under the patient's key: both may name people.

They are kept as long as the access itself, which is as long as the audit trail that names it. What is erased with the
patient's key, when a patient is erased, is what was written; that the chart was opened stays.
"""

from wardround.hospital.care.models import EmergencyAccess
from wardround.hospital.records.keyring import Keyring


def sealed(access: EmergencyAccess, *, part: str, text: str) -> bytes:
    """Inside the caller's transaction: a patient without a key gets one."""
    keyring = Keyring()
    key = keyring.keys_for([access.patient_id])[access.patient_id]
    return keyring.seal(text.encode(), key=key, place=_place(access, part=part))


def reason_of(access: EmergencyAccess) -> str:
    return _opened(access, access.reason, part="reason")


def note_of(access: EmergencyAccess) -> str:
    return _opened(access, access.note, part="note") if access.note else ""


def _opened(access: EmergencyAccess, content: bytes | memoryview, *, part: str) -> str:
    keyring = Keyring()
    key = keyring.keys_for([access.patient_id])[access.patient_id]
    return keyring.open(content, key=key, place=_place(access, part=part)).decode()


def _place(access: EmergencyAccess, *, part: str) -> str:
    return f"care_emergencyaccess|{access.id}|{part}"
