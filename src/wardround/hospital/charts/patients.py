"""The lines of the patient list, with who of them is in a bed here now."""

from dataclasses import dataclass

from wardround.hospital.charts.stays import admitted_among
from wardround.hospital.records.patient_list import PatientLine, patient_page


@dataclass(frozen=True)
class Lines:
    """One page of the list."""

    lines: tuple[PatientLine, ...]
    admitted: frozenset[str]
    total: int
    page: int
    pages: int
    search: str
    more: int  # behind this page


def patient_lines(somebody: object, *, search: str, page: int) -> Lines:
    """The patients who answer the search. Raises `NotAllowed`."""
    found = patient_page(somebody, search=search, page=page)
    before = (found.page - 1) * 25
    return Lines(
        lines=found.lines,
        admitted=frozenset(admitted_among([line.id for line in found.lines])),
        total=found.total,
        page=found.page,
        pages=found.pages,
        search=found.search,
        more=max(found.total - before - len(found.lines), 0),
    )
