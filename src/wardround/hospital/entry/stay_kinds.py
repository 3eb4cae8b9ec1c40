"""What kinds of stays there are, and where somebody goes who is discharged: HL7's codes in the words of a form."""

from typing import Any

from django.utils.translation import gettext_lazy as _

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
DIED = "exp"
_DISPOSITION = "http://terminology.hl7.org/CodeSystem/discharge-disposition"
KINDS = (
    ("IMP", _("Inpatient")),
    ("EMER", _("Emergency")),
    ("OBSENC", _("Observation")),
    ("SS", _("Day case")),
)
# FHIR R4, value set encounter-discharge-disposition.
WAYS_OUT = (
    ("", "–"),
    ("home", _("Home")),
    ("alt-home", _("Another home, with care")),
    ("hosp", _("Hospice")),
    ("long", _("Long-term care")),
    ("snf", _("Skilled nursing facility")),
    ("rehab", _("Rehabilitation")),
    ("psy", _("Psychiatric hospital")),
    ("other-hcf", _("Another hospital")),
    ("aadvice", _("Left against advice")),
    (DIED, _("Died")),
    ("oth", _("Other")),
)


def disposition_of(way_out: str) -> dict[str, Any]:
    """The way out as a CodeableConcept."""
    return {"coding": [{"system": _DISPOSITION, "code": way_out}], "text": str(dict(WAYS_OUT).get(way_out, ""))}
