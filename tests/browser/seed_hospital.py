"""Fill a new hospital home through the real write path, in a process of its own: python seed_hospital.py HOME.

Prints the ids of the patients that the tests open, as JSON.
"""

import json
import sys
from pathlib import Path

from seeding import opened, person

PEOPLE = {
    "n.horvath": ("nurse", "Nóra Horváth"),
    "b.acs": ("nurse", "Bea Ács"),
    "d.keller": ("doctor", "Dr D. Keller"),
    "s.moreau": ("steward", "Sylvie Moreau"),
    "r.lang": ("researcher", "Rosa Lang"),
    "p.weber": ("privacy_officer", "Petra Weber"),
    "a.novak": ("administrator", "Adam Novak"),
}
MAPPING = """
[source]
name = "Klinik"
slug = "klinik"
format = "csv"
zone = "UTC"

[columns]
NO = "mrn"
FAMILY = "family"
SEX = "sex"
BORN = "birth_year"
VISIT = "visit_start"
CHOL = { measurement = "total_cholesterol", unit = "mg/dL" }
"""
VISITS = """NO,FAMILY,SEX,BORN,VISIT,CHOL,NOTE
K-1,Ammann,F,1950,2026-03-02 08:00,240,first visit
K-2,Brunner,M,1948,2026-03-03 08:00,5.2,
K-3,Caduff,M,1955,2026-03-04 08:00,2100,
K-4,Decurtins,F,1951,2026-03
K-5,Egli,M,1952,2026-03-35 08:00,200,
"""


def main(home: str) -> None:
    by = opened(home, people=PEOPLE)
    from care_team import closed_team
    from django.conf import settings
    from imported_chart import store_imported
    from rich_chart import below_what_is_measured, everything_of

    from wardround.bench.admission import admission
    from wardround.bench.heart_model import put_in_use
    from wardround.bench.heart_visit import visit
    from wardround.hospital.identity.models import CandidatePair
    from wardround.hospital.identity.searching import search_everybody
    from wardround.hospital.intake.importing import import_files
    from wardround.hospital.intake.models import QuarantineItem
    from wardround.hospital.quality.snapshots import measure
    from wardround.hospital.records.actions.resources import create_resource
    from wardround.hospital.records.models import Resource

    def patient(family: str, given: str, *, number: int, **facts: str) -> str:
        return create_resource(person(family, given, number=f"T-{number}", **facts), by=by).logical_id

    whole = patient("Kőszeghy", "Ágnes", number=4711)
    for resource in visit(whole):
        create_resource(resource, by=by)
    rich = patient("Rivera", "Elena", number=4715, birth="1958-03-14")
    patient("Rivera", "Elena", number=4716, birth="1971-08-02")
    names = {}
    for resource in everything_of(rich):
        names[resource["resourceType"]] = create_resource(resource, by=by).logical_id
    limit = create_resource(below_what_is_measured(rich), by=by).logical_id
    imported = store_imported(rich, store=lambda resource: create_resource(resource, by=by).logical_id)
    held = patient("Szűcs", "Péter", number=4712, gender="male", birth="1955")
    for resource in visit(held, pressure=16):
        create_resource(resource, by=by)
    slip = patient("Tímár", "Éva", number=4714, birth="1960")
    for resource in visit(slip, pressure=17):
        create_resource(resource, by=by)
    astray = patient("Vadász", "Ilka", number=4718, birth="1961")
    for resource in visit(astray, pressure=17):
        create_resource(resource, by=by)
    long_name = patient(
        "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh",
        "Hubert Blaine",
        number=412877093612,
        birth="1949-12-31",
    )
    for number in range(30):
        patient(f"Family{chr(65 + number % 26)}{number}", "Given", number=5000 + number)
    put_in_use(settings.HOME)
    thin = patient("Dürr", "Max", number=4713, gender="male", birth="1950")
    taken = import_files([_visits(Path(home))], by=by, mapping_text=MAPPING)
    refused = QuarantineItem.objects.earliest("pk").pk
    ilona = patient("Kovács", "Ilona", number=4720, birth="1961-05-02")
    before_birth = {
        "resourceType": "Condition",
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I10"}]},
        "subject": {"reference": f"Patient/{ilona}"},
        "onsetDateTime": "1916-03-14",
    }
    create_resource(before_birth, by=by)
    patient("Kovacs", "Ilona", number=4721, birth="1961-05-02")
    for patient_id, bed in ((whole, "14"), (slip, "2")):
        create_resource(admission(patient_id, ward="Acute Medical", bed=bed, since="2026-03-02T07:30:00+00:00"), by=by)
    search_everybody(by)
    pair = CandidatePair.objects.earliest("pk").pk
    measure(by)
    of_whole = Resource.objects.filter(patient_id=whole)
    value, problem = (of_whole.filter(type=kind).earliest("pk").logical_id for kind in ("Observation", "Condition"))
    stay = of_whole.filter(type="Encounter").latest("pk").logical_id
    from wardround.hospital.training.queries import adopted_models

    ids = {
        "model": adopted_models()[0].artifact.sha256,
        "rich": rich,
        **imported,
        "document": names["DocumentReference"],
        "whole": whole,
        "value": value,
        "problem": problem,
        "stay": stay,
        "limit": limit,
        "held": held,
        "thin": thin,
        "long_name": long_name,
        "slip": slip,
        "astray": astray,
        "upload": _upload(by),
        **closed_team(
            patient("Apáti", "Lili", number=4730, birth="1971"), number="T-4730", birth="1971", opened_by="b.acs", by=by
        ),
    }
    sys.stdout.write(json.dumps({**ids, "batch": taken.batch, "refused": refused, "pair": pair}))


def _upload(by: object) -> str:
    """Files that were handed over and are not imported yet."""
    from wardround.hospital.intake.upload_files import SealingHandler
    from wardround.hospital.intake.uploads import new_id, take_upload

    handler = SealingHandler(new_id(), most=1_000_000)
    handler.new_file("files", "visits.csv", "text/csv", None, None, None)
    handler.receive_data_chunk(VISITS.encode(), 0)
    return take_upload(handler.upload_id, [handler.file_complete(len(VISITS)).kept], by=by).pk


def _visits(folder: Path) -> Path:
    path = folder / "visits.csv"
    path.write_text(VISITS, "utf-8")
    return path


if __name__ == "__main__":
    main(sys.argv[1])
