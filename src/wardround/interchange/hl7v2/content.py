"""The table of message types: which content readers a type and event is given, in the order of their resources."""

from wardround.interchange.hl7v2.accounts import accounts
from wardround.interchange.hl7v2.allergies import allergies
from wardround.interchange.hl7v2.appointments import appointments
from wardround.interchange.hl7v2.charges import charges
from wardround.interchange.hl7v2.context import ContentReader
from wardround.interchange.hl7v2.coverage import coverage
from wardround.interchange.hl7v2.diagnoses import diagnoses
from wardround.interchange.hl7v2.documents import documents
from wardround.interchange.hl7v2.orders import observed_of_the_patient, orders
from wardround.interchange.hl7v2.patient import patient
from wardround.interchange.hl7v2.problems import problems
from wardround.interchange.hl7v2.procedures import procedures
from wardround.interchange.hl7v2.referrals import referrals
from wardround.interchange.hl7v2.related_people import related_people
from wardround.interchange.hl7v2.results import results
from wardround.interchange.hl7v2.vaccinations import vaccinations
from wardround.interchange.hl7v2.visit import visit

# Who the patient is, and the visit: what every message may bring.
_PERSON: tuple[ContentReader, ...] = (patient, related_people, accounts, visit, allergies, coverage)
_STATE: tuple[ContentReader, ...] = (*_PERSON, diagnoses, procedures)
_ORDERS = (*_STATE, orders, charges)
_DOCUMENTS = (*_PERSON, diagnoses, documents)
_ADMISSIONS = (*_STATE, results)

CONTENT: dict[str, dict[str, tuple[ContentReader, ...]]] = {
    "ADT": dict.fromkeys(
        (
            # A17, A20, A24, A37 speak of two patients or of a bed; A42 to A44, A46, A48 to A51 move numbers between visits.
            *("A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A09", "A10", "A11", "A12", "A13", "A14", "A15"),
            *("A16", "A18", "A21", "A22", "A23", "A25", "A26", "A27", "A28", "A29", "A31", "A32", "A33", "A34", "A38"),
            *("A40", "A41", "A45", "A47", "A52", "A53", "A54", "A55", "A60"),
        ),
        _ADMISSIONS,
    ),
    "ORU": dict.fromkeys(("R01",), (*_STATE, results)),
    "ORM": dict.fromkeys(("O01",), _ORDERS),
    "OMG": dict.fromkeys(("O19",), _ORDERS),
    "OML": dict.fromkeys(("O21", "O33", "O35"), _ORDERS),
    "OUL": dict.fromkeys(("R22", "R23", "R24"), _DOCUMENTS),
    "OMI": dict.fromkeys(("O23",), _ORDERS),
    # O01 is the event of the versions before 2.4.
    "OMP": dict.fromkeys(("O09",), _ORDERS),
    "RDE": dict.fromkeys(("O01", "O11", "O25"), _ORDERS),
    "RDS": dict.fromkeys(("O01", "O13"), _ORDERS),
    "RAS": dict.fromkeys(("O01", "O17"), _ORDERS),
    "VXU": dict.fromkeys(("V04",), (*_PERSON, vaccinations)),
    "MDM": dict.fromkeys((f"T{number:02}" for number in range(1, 12)), _DOCUMENTS),
    "SIU": dict.fromkeys(("S12", "S13", "S14", "S15", "S16", "S17", "S26"), (*_PERSON, diagnoses, appointments)),
    "REF": dict.fromkeys(("I12", "I13", "I14"), (*_STATE, orders, referrals)),
    "PPR": dict.fromkeys(("PC1", "PC2", "PC3"), (*_PERSON, problems)),
    "DFT": dict.fromkeys(("P03", "P11"), _ORDERS),
    "BAR": dict.fromkeys(("P01", "P05", "P12"), (*_STATE, observed_of_the_patient)),
}


def content_of(kind: str, event: str) -> tuple[ContentReader, ...] | None:
    """The content readers of a message type and event; None for one that is not read."""
    return CONTENT.get(kind, {}).get(event)
