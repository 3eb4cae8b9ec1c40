"""Every read of the wards: who lies where, what each patient's line shows, and the worklist of one person."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F
from django.utils import timezone

from wardround.clinical.plain_text import without_accents
from wardround.hospital.charts.allergies import Alerts, alerts_of
from wardround.hospital.charts.opened import of_patients, outside
from wardround.hospital.charts.person import age_today, printed_name
from wardround.hospital.charts.usual import Whose
from wardround.hospital.records.access import patients_of, require
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.models import Resource, ResourceFinding, ResourceVersion, StandardValue, TokenIndex
from wardround.hospital.records.people import Person, person_of
from wardround.hospital.records.visits import INSIDE, PRESENT
from wardround.hospital.wards.due import DEFAULT_HOURS, Due, due
from wardround.hospital.wards.models import WardPlan
from wardround.hospital.wards.places import Place, named_places, place_of, ward_key
from wardround.hospital.wards.vital_signs import VitalSigns, latest_of
from wardround.interchange.errors import NotADate
from wardround.interchange.fhir.dates import moment
from wardround.interchange.fhir.json import loads
from wardround.web.audit.actor import Actor
from wardround.web.audit.trail import record_one

_MOST = 1_000  # present visits that are looked at; a hospital that never ends its visits still has a board


@dataclass(frozen=True)
class Line:
    """One patient who is in the hospital, as a board shows them."""

    patient_id: str
    name: str
    number: str
    age: str  # "63y"; empty where no birth is recorded
    gender: str
    place: Place
    admitted: datetime | None
    vital_signs: VitalSigns
    allergies: Alerts
    held: int
    due: Due
    every_hours: int


@dataclass(frozen=True)
class Ward:
    """One ward: its name, the key in its address, and how its patients stand."""

    name: str
    key: str
    lines: tuple[Line, ...]
    every_hours: int

    @property
    def overdue(self) -> int:
        return sum(line.due.is_overdue for line in self.lines)

    @property
    def held(self) -> int:
        return sum(line.held for line in self.lines)


def worklist(somebody: object) -> list[Ward]:
    """The wards of this person's patients, each with its lines, most overdue first. Raises `NotAllowed`."""
    actor = require(somebody, "write")
    lines = sorted(_lines(actor), key=lambda line: line.due.at)
    record_one(actor, "worklist.show", detail={"shown": len(lines)})
    return _wards(lines)


def wards(somebody: object) -> list[Ward]:
    """Every ward with patients of this person, by name; its lines by bed. Raises `NotAllowed`."""
    actor = require(somebody, "charts")
    lines = sorted(_lines(actor), key=_by_bed)
    record_one(actor, "ward.list", detail={"shown": len(lines)})
    return sorted(_wards(lines), key=lambda ward: (not ward.name, without_accents(ward.name)))


def ward(somebody: object, key: str) -> Ward | None:
    """One ward; None where this person has no patient on it. Raises `NotAllowed`."""
    actor = require(somebody, "charts")
    lines = sorted(_lines(actor, key=key), key=_by_bed)
    if not lines:
        return None
    record_one(actor, "ward.show", what=lines[0].place.ward[:200], detail={"shown": len(lines)})
    return _wards(lines)[0]


def hours_of(ward_name: str, *, plans: Mapping[str, int]) -> int:
    """Every how many hours, by the ward's own rule, the hospital's, or the one that ships."""
    return plans.get(ward_name) or plans.get("") or DEFAULT_HOURS


def plans() -> dict[str, int]:
    """The rules that were set, by ward; "" is the hospital."""
    return dict(WardPlan.objects.values_list("ward", "every_hours"))


def _lines(actor: Actor, *, key: str | None = None) -> list[Line]:
    """Of all wards, or of the one with this key: only its patients' records are opened."""
    visits = {p: visit for p, visit in _visits(actor).items() if key is None or visit[0].key == key}
    ids = list(visits)
    now, rules = timezone.now(), plans()
    people, held, allergies = _people(ids), _held(ids), of_patients(ids, ("AllergyIntolerance",))
    signs = latest_of(ids, whose={patient_id: _whose(person) for patient_id, person in people.items()})
    found = []
    for patient_id, (place, admitted) in visits.items():
        person = people.get(patient_id)
        if person is None:
            continue
        every = hours_of(place.ward, plans=rules)
        vital_signs = signs[patient_id]
        found.append(
            Line(
                patient_id=patient_id,
                name=printed_name(person.name),
                number=person.number,
                age=age_today(person.birth),
                gender=person.gender,
                place=place,
                admitted=admitted,
                vital_signs=vital_signs,
                allergies=alerts_of(allergies[patient_id]),
                held=held.get(patient_id, 0),
                due=due(vital_signs.taken, admitted=admitted, every_hours=every, now=now),
                every_hours=every,
            )
        )
    return found


def _visits(actor: Actor) -> dict[str, tuple[Place, datetime | None]]:
    """Of each of this person's patients who is in the hospital: where, and since when. The latest visit counts."""
    present = TokenIndex.objects.filter(type="Encounter", parameter="status", code__in=PRESENT)
    inside = TokenIndex.objects.filter(type="Encounter", parameter="class", code__in=INSIDE)
    rows = Resource.objects.filter(
        patients_of(actor), type="Encounter", is_deleted=False, pk__in=present.values("resource")
    ).filter(pk__in=inside.values("resource"))
    newest = list(rows.order_by("-last_updated").values_list("pk", flat=True)[:_MOST])
    visits = list(_bodies(newest))
    known = _places(encounter for _patient_id, encounter in visits)
    found: dict[str, tuple[Place, datetime | None]] = {}
    for patient_id, encounter in visits:
        here = place_of(encounter, known=known), _start(encounter)
        before = found.get(patient_id)
        if patient_id and (before is None or _is_later(here[1], before[1])):
            found[patient_id] = here
    return found


def _bodies(pks: Sequence[int]) -> Iterable[tuple[str, dict[str, object]]]:
    versions = ResourceVersion.objects.filter(resource__in=pks, number=F("resource__version")).exclude(body=b"")
    found = list(versions.select_related("resource__data_key"))
    texts = open_bodies(found)
    return [(version.resource.patient_id, loads(texts[version.resource_id])) for version in found]


def _places(encounters: Iterable[Mapping[str, object]]) -> dict[str, dict[str, object]]:
    """The wards and beds that these visits name and that are records of their own, with what they are part of, by id."""
    known: dict[str, dict[str, object]] = {}
    wanted = {name for encounter in encounters for name in named_places(encounter)}
    while wanted:
        found = {name: record.body for name, record in outside("Location", wanted).items()}
        known |= found
        wanted = {name for place in found.values() for name in named_places(place)} - known.keys()
    return known


def _whose(person: Person) -> Whose:
    year = int(person.birth[:4]) if person.birth[:4].isdecimal() else None
    match person.gender:
        case "male":
            return Whose(birth_year=year, sex="male")
        case "female":
            return Whose(birth_year=year, sex="female")
    return Whose(birth_year=year)


def _people(patient_ids: Sequence[str]) -> dict[str, Person]:
    rows = Resource.objects.filter(type="Patient", logical_id__in=patient_ids, is_deleted=False)
    return {patient_id: person_of(body) for patient_id, body in _bodies(list(rows.values_list("pk", flat=True)))}


def _held(patient_ids: Sequence[str]) -> dict[str, int]:
    """Values and records that wait for a decision."""
    values = StandardValue.objects.filter(
        patient_id__in=patient_ids, is_held=True, is_record_held=False, is_current=True, resource__is_deleted=False
    )
    records = ResourceFinding.objects.filter(
        patient_id__in=patient_ids, is_held=True, is_current=True, resource__is_deleted=False
    )
    found: dict[str, int] = {}
    for rows in (values, records):
        for patient_id, many in rows.values_list("patient_id").annotate(many=Count("pk")).order_by():
            found[patient_id] = found.get(patient_id, 0) + many
    return found


def _wards(lines: Sequence[Line]) -> list[Ward]:
    rules = plans()
    by_name: dict[str, list[Line]] = {}
    for line in lines:
        by_name.setdefault(line.place.ward, []).append(line)
    return [
        Ward(name, ward_key(name), tuple(of_ward), hours_of(name, plans=rules)) for name, of_ward in by_name.items()
    ]


def _by_bed(line: Line) -> tuple[object, ...]:
    """Bed 2 before bed 10."""
    numbers = [part.zfill(6) if part.isdecimal() else part for part in (line.place.room, line.place.bed)]
    return (*numbers, without_accents(line.name))


def _start(encounter: Mapping[str, object]) -> datetime | None:
    period = encounter.get("period")
    start = period.get("start") if isinstance(period, dict) else None
    try:
        return moment(start) if isinstance(start, str) else None
    except NotADate:
        return None


def _is_later(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one > other)
