"""A form is opened once, and asks many times while somebody types: the audit trail has the opening, not every key.

The door is asked every time; what is left out is the second line for the same opening by the same log-in. Who asks
without having opened a form in the last quarter of an hour is written down as whoever opens a chart is.
"""

from django.http import HttpRequest
from django.utils import timezone

from wardround.hospital.records.access import Patient, patient_for

_KEY = "entry_openings"  # in the session: patient id -> seconds since 1970
_SECONDS = 15 * 60
_MOST = 20


def opened(request: HttpRequest, patient: Patient) -> None:
    """Note that a form about this patient is open now."""
    others = {p: at for p, at in request.session.get(_KEY, {}).items() if p != patient.id}
    kept = sorted(others.items(), key=lambda one: one[1])[-(_MOST - 1) :]
    request.session[_KEY] = {**dict(kept), patient.id: int(timezone.now().timestamp())}


def still_open(request: HttpRequest, patient_id: str) -> Patient:
    """The patient of a form that is open, to write about; raises `NotThere` as the door does."""
    at = request.session.get(_KEY, {}).get(patient_id, 0)
    is_open = timezone.now().timestamp() - at < _SECONDS
    return patient_for(request.user, patient_id, to="write", goes_on=is_open)
