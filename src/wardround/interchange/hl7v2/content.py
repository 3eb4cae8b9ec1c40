"""The table of message types: which content readers a type and event is given, in the order of their resources."""

from wardround.interchange.hl7v2.appointments import appointments
from wardround.interchange.hl7v2.charges import charges
from wardround.interchange.hl7v2.context import ContentReader
from wardround.interchange.hl7v2.diagnoses import diagnoses
from wardround.interchange.hl7v2.documents import documents
from wardround.interchange.hl7v2.orders import observed_of_the_patient, orders
from wardround.interchange.hl7v2.patient import patient
from wardround.interchange.hl7v2.problems import problems
from wardround.interchange.hl7v2.procedures import procedures
from wardround.interchange.hl7v2.referrals import referrals
from wardround.interchange.hl7v2.results import results
from wardround.interchange.hl7v2.vaccinations import vaccinations
from wardround.interchange.hl7v2.visit import visit

_ADMISSIONS: tuple[ContentReader, ...] = (patient, visit, diagnoses, procedures)
_RESULTS: tuple[ContentReader, ...] = (patient, visit, results, diagnoses, procedures)
_ORDERS: tuple[ContentReader, ...] = (patient, visit, diagnoses, procedures, orders, charges)
_DOCUMENTS: tuple[ContentReader, ...] = (patient, visit, diagnoses, documents)
_VACCINATIONS: tuple[ContentReader, ...] = (patient, visit, vaccinations)
_APPOINTMENTS: tuple[ContentReader, ...] = (patient, visit, diagnoses, appointments)
_REFERRALS: tuple[ContentReader, ...] = (patient, visit, diagnoses, procedures, orders, referrals)
_PROBLEMS: tuple[ContentReader, ...] = (patient, visit, problems)
_ACCOUNTS: tuple[ContentReader, ...] = (patient, visit, diagnoses, procedures, observed_of_the_patient)

CONTENT: dict[str, dict[str, tuple[ContentReader, ...]]] = {
    "ADT": dict.fromkeys(("A01", "A04", "A08", "A28", "A31"), _ADMISSIONS),
    "ORU": dict.fromkeys(("R01",), _RESULTS),
    "ORM": dict.fromkeys(("O01",), _ORDERS),
    "OMG": dict.fromkeys(("O19",), _ORDERS),
    "OML": dict.fromkeys(("O21",), _ORDERS),
    "OUL": dict.fromkeys(("R22", "R23", "R24"), _DOCUMENTS),
    "RDE": dict.fromkeys(("O11", "O25"), _ORDERS),
    "RDS": dict.fromkeys(("O13",), _ORDERS),
    "VXU": dict.fromkeys(("V04",), _VACCINATIONS),
    "MDM": dict.fromkeys((f"T{number:02}" for number in range(1, 12)), _DOCUMENTS),
    "SIU": dict.fromkeys(("S12", "S13", "S14", "S15", "S16", "S17", "S26"), _APPOINTMENTS),
    "REF": dict.fromkeys(("I12", "I14"), _REFERRALS),
    "PPR": dict.fromkeys(("PC1", "PC2", "PC3"), _PROBLEMS),
    "DFT": dict.fromkeys(("P03", "P11"), _ORDERS),
    "BAR": dict.fromkeys(("P01", "P12"), _ACCOUNTS),
}


def content_of(kind: str, event: str) -> tuple[ContentReader, ...] | None:
    """The content readers of a message type and event; None for one that is not read."""
    return CONTENT.get(kind, {}).get(event)
