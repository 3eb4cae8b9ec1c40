"""The patient list: whoever answers a search, by name, page by page, as far as one's care teams go."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F

from wardround.clinical.plain_text import without_accents
from wardround.hospital.merges.queries import standing
from wardround.hospital.records.access import patients_of, require
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.models import Resource, ResourceFinding, ResourceVersion, StandardValue
from wardround.hospital.records.people import person_of
from wardround.hospital.records.search import MAX_CANDIDATES, find_patients
from wardround.interchange.fhir.json import loads
from wardround.web.audit.trail import record_one


@dataclass(frozen=True)
class PatientLine:
    """One line of the patient list."""

    id: str
    name: str
    number: str
    gender: str
    birth: str  # as recorded: "1963" or "1963-05-02"
    held: int  # values and records that wait for a decision
    has_died: bool = False


@dataclass(frozen=True)
class PatientPage:
    """One page of the patient list."""

    lines: tuple[PatientLine, ...]
    total: int
    page: int
    pages: int
    search: str


def patient_page(somebody: object, search: str = "", *, page: int = 1, size: int = 25) -> PatientPage:
    """This person's patients whose name, number or birth year answers the search, by name. Raises `NotAllowed`.

    Beyond 10,000 patients an empty search lists them in the order of their arrival: names are decrypted to be sorted.
    """
    actor = require(somebody, "charts")
    own = patients_of(actor, column="logical_id")
    everyone = Resource.objects.filter(own, type="Patient", is_deleted=False)
    # A retired record is not a patient of its own.
    everyone = everyone.exclude(logical_id__in=standing().values("retired"))
    if search.strip() or everyone.count() <= MAX_CANDIDATES:
        found = [(logical_id, person_of(body)) for logical_id, body in find_patients(search, within=own)]
        found.sort(key=lambda line: (without_accents(line[1].name), line[0]))
        total, start = len(found), _start(len(found), page=page, size=size)
        shown = found[start : start + size]
    else:
        total = everyone.count()
        start = _start(total, page=page, size=size)
        pks = everyone.order_by("pk").values_list("pk", flat=True)[start : start + size]
        hits = ResourceVersion.objects.filter(resource__in=list(pks), number=F("resource__version")).select_related(
            "resource__data_key"
        )
        bodies = open_bodies(hits)
        shown = [(v.resource.logical_id, person_of(loads(bodies[v.resource_id]))) for v in hits.order_by("resource")]
    held = _held_counts(logical_id for logical_id, _person in shown)
    record_one(actor, "patient.list", detail={"shown": len(shown), "total": total})
    lines = tuple(
        PatientLine(
            id=logical_id,
            name=person.name,
            number=person.number,
            gender=person.gender,
            birth=person.birth,
            held=held.get(logical_id, 0),
            has_died=person.has_died,
        )
        for logical_id, person in shown
    )
    pages = max(1, -(-total // size))
    return PatientPage(lines=lines, total=total, page=start // size + 1, pages=pages, search=search)


def _start(total: int, *, page: int, size: int) -> int:
    last = max(0, (total - 1) // size)
    return min(max(page - 1, 0), last) * size


def _held_counts(patient_ids: Iterable[str]) -> dict[str, int]:
    ids = list(patient_ids)
    values = StandardValue.objects.filter(patient_id__in=ids, is_held=True, is_record_held=False, is_current=True)
    records = ResourceFinding.objects.filter(patient_id__in=ids, is_held=True, is_current=True)
    held: Counter[str] = Counter()
    for rows in (values, records):
        held.update(dict(rows.values_list("patient_id").annotate(held=Count("id"))))
    return dict(held)
