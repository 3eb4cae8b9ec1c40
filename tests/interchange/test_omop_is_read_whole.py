"""Every table of the CDM that tells of patients is read, in every kind of file; what is not read is named."""

import base64
import csv
import gzip
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wardround.interchange.draft import Draft, Reject, Source
from wardround.interchange.fhir.json import dumps
from wardround.interchange.fhir.structure import check
from wardround.interchange.omop import read, read_again

OMOP = "https://fhir-terminology.ohdsi.org"
PERSON = "person_id,gender_concept_id,year_of_birth,race_concept_id\n1,8532,1950,0\n"
TABLES = {
    "person": PERSON,
    "death": "person_id,death_date,death_datetime,cause_source_value\n1,2026-05-01,2026-05-01 04:30:00,\n",
    "visit_occurrence": "visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_end_date\n"
    "10,1,0,2026-02-03,2026-02-05\n",
    "visit_detail": "visit_detail_id,person_id,visit_detail_concept_id,visit_detail_start_date,visit_detail_end_date,"
    "visit_occurrence_id,visit_detail_source_value\n11,1,0,2026-02-03,2026-02-04,10,ICU\n",
    "drug_exposure": "drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_end_date,"
    "verbatim_end_date,stop_reason,sig,route_source_value,drug_source_value,visit_occurrence_id,quantity\n"
    "20,1,0,2026-02-03,2026-02-10,,finished,one a day,oral,ASPIRIN,10,7\n",
    "device_exposure": "device_exposure_id,person_id,device_concept_id,device_exposure_start_date,device_source_value,"
    "unique_device_id\n30,1,0,2026-02-03,STENT,00844588003288\n",
    "specimen": "specimen_id,person_id,specimen_concept_id,specimen_date,specimen_source_value,quantity,unit_source_value\n"
    "40,1,0,2026-02-03,BLOOD,2.50,mL\n",
    "note": "note_id,person_id,note_date,note_datetime,note_title,note_text,note_source_value\n"
    '50,1,2026-02-05,2026-02-05 12:00:00,Letter,"Dear colleague,\nall is well.",LETTER\n',
    "measurement": "measurement_id,person_id,measurement_concept_id,measurement_date,measurement_time,value_as_number,"
    "unit_source_value,range_low,range_high,measurement_source_value,measurement_source_concept_id\n"
    "60,1,0,2026-02-03,09:15:00,210,mg/dL,100,200,CHOL,2000000061\n",
}
ATHENA = (
    "concept_id\tconcept_name\tdomain_id\tvocabulary_id\tconcept_class_id\tstandard_concept\tconcept_code\t"
    "valid_start_date\tvalid_end_date\tinvalid_reason\n"
    "3027114\tCholesterol [Mass/volume] in Serum or Plasma\tMeasurement\tLOINC\tLab Test\tS\t2093-3\t19700101\t20991231\t\n"
    '1\tA name with one " quote\tMetadata\tNone\tx\t\tx\t19700101\t20991231\t\n'
    "8840\tmilligram per deciliter\tUnit\tUCUM\tUnit\tS\tmg/dL\t19700101\t20991231\t\n"
    "4171756\t<\tMeas Value Operator\tSNOMED\tQualifier Value\tS\t276139006\t19700101\t20991231\t\n"
)
BY_CONCEPT = (
    "measurement_id,person_id,measurement_concept_id,measurement_date,operator_concept_id,value_as_number,unit_concept_id\n"
    "60,1,3027114,2026-02-03,,210,8840\n61,1,3027114,2026-02-04,4171756,90,8840\n"
)


@pytest.fixture
def mapping(make_mapping):
    return make_mapping("omop", source={"zone": "Europe/Budapest"})


@pytest.fixture
def read_tables(tmp_path, mapping):
    def read_them(tables, *, ending=".csv", pack=lambda text: text.encode()):
        for name, text in tables.items():
            (tmp_path / f"{name}{ending}").write_bytes(pack(text))
        return list(read(tmp_path, mapping=mapping))

    return read_them


def as_parquet(text):
    header, *rows = csv.reader(io.StringIO(text))
    columns = {name: [row[n] or None for row in rows] for n, name in enumerate(header)}
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def of_kind(draft, kind):
    return [resource for resource in draft.resources if resource["resourceType"] == kind]


def test_each_table_becomes_its_kind_of_resource(read_tables):
    (draft,) = read_tables(TABLES)

    assert not [problem.sentence for resource in draft.resources for problem in check(resource)]
    assert draft.resources[0]["deceasedDateTime"] == "2026-05-01T04:30:00+02:00"
    visit, detail = of_kind(draft, "Encounter")
    assert visit["period"]["end"] == "2026-02-05"
    assert detail["partOf"]["reference"].endswith("visit_occurrence:10")
    (drug,) = of_kind(draft, "MedicationStatement")
    assert drug["medicationCodeableConcept"]["text"] == "ASPIRIN"
    assert drug["effectivePeriod"] == {"start": "2026-02-03", "end": "2026-02-10"}
    assert drug["dosage"] == [{"text": "one a day", "route": {"text": "oral"}}]
    (device,) = of_kind(draft, "DeviceUseStatement")
    assert device["contained"][0]["udiCarrier"] == [{"deviceIdentifier": "00844588003288"}]
    (specimen,) = of_kind(draft, "Specimen")
    assert specimen["collection"]["collectedDateTime"] == "2026-02-03"
    (note,) = of_kind(draft, "DocumentReference")
    text = base64.b64decode(note["content"][0]["attachment"]["data"]).decode()
    assert text == "Dear colleague,\nall is well."
    (cholesterol,) = of_kind(draft, "Observation")
    assert cholesterol["effectiveDateTime"] == "2026-02-03T09:15:00+01:00"
    assert dumps(cholesterol["referenceRange"][0]["high"]) == b'{"value":200,"unit":"mg/dL"}'


def test_columns_that_carry_something_and_are_not_read_are_named(read_tables):
    (draft,) = read_tables(TABLES)

    assert draft.unmapped == ("drug_exposure.quantity",)


def test_tables_that_are_not_read_are_named_and_vocabularies_are_not(read_tables):
    others = dict.fromkeys(("provider", "care_site", "cost", "drug_era", "concept_ancestor", "cdm_source"), "x\n1\n")

    readings = read_tables({"person": PERSON, **others})

    named = {name for reading in readings for name in reading.unmapped}
    assert named == {"table provider", "table care_site", "table cost", "table drug_era"}
    assert not [reading for reading in readings if isinstance(reading, Reject)]


@pytest.mark.parametrize(
    ("ending", "pack"),
    [
        (".csv.gz", lambda text: gzip.compress(text.encode())),
        (".parquet", as_parquet),
        (".tsv", lambda text: "".join("\t".join(row) + "\n" for row in csv.reader(io.StringIO(text))).encode()),
    ],
)
def test_packed_columnar_and_tabbed_tables_say_the_same(read_tables, tmp_path, ending, pack):
    tables = {name: text for name, text in TABLES.items() if name != "note" or ending != ".tsv"}
    (plain,) = read_tables(tables)
    for path in tmp_path.iterdir():
        path.unlink()

    (draft,) = read_tables(tables, ending=ending, pack=pack)

    assert [dumps(resource) for resource in draft.resources] == [dumps(resource) for resource in plain.resources]


def test_athenas_concepts_name_codes_units_and_operators(read_tables, tmp_path):
    (tmp_path / "CONCEPT.csv").write_text(ATHENA)

    (draft,) = read_tables({"person": PERSON, "measurement": BY_CONCEPT})

    value, limit = of_kind(draft, "Observation")
    assert {(c["system"], c["code"]) for c in value["code"]["coding"]} == {
        (OMOP, "3027114"),
        ("http://loinc.org", "2093-3"),
    }
    assert dumps(value["valueQuantity"]) == (
        b'{"value":210,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}'
    )
    assert limit["valueQuantity"]["comparator"] == "<"


def test_a_person_is_read_again_without_the_vocabulary(read_tables, tmp_path, mapping):
    (tmp_path / "CONCEPT.csv").write_text(ATHENA)
    (draft,) = read_tables({"person": PERSON, "measurement": BY_CONCEPT})

    (again,) = read_again(draft.source, mapping=mapping)

    assert [dumps(r) for r in again.resources] == [dumps(r) for r in draft.resources]


def test_a_sites_own_concepts_are_its_codes(read_tables):
    vocabulary = {
        "concept": "concept_id,concept_name,vocabulary_id,concept_code\n2000000061,Cholesterol,Local 1,CHOL\n",
        "vocabulary": "vocabulary_id,vocabulary_reference\nLocal 1,urn:wardround:local:small\n",
    }

    (draft,) = read_tables(TABLES | vocabulary)

    (cholesterol,) = of_kind(draft, "Observation")
    assert cholesterol["code"]["coding"] == [
        {"system": "urn:wardround:local:small", "code": "CHOL", "display": "Cholesterol"}
    ]


def test_a_birth_that_stands_in_its_datetime_alone_is_kept(read_tables):
    person = "person_id,gender_concept_id,year_of_birth,birth_datetime\n1,8532,1950,1950-07-03 00:00:00\n"

    (draft,) = read_tables({"person": person})

    assert draft.resources[0]["birthDate"] == "1950-07-03"


@pytest.mark.parametrize(
    ("death", "reason"),
    [
        ("person_id,death_date\n1,2026-02-30\n", "not on the calendar"),
        ("person_id,death_date\n1,2026-05-01\n1,2026-05-02\n", "has a death already"),
        ("person_id,death_date\n9,2026-05-01\n", "read together with its person"),
    ],
)
def test_a_death_that_cannot_be_is_refused(read_tables, death, reason):
    readings = read_tables({"person": PERSON, "death": death})

    (reject,) = [reading for reading in readings if isinstance(reading, Reject)]
    assert reason in reject.reason


@pytest.mark.parametrize("raw", [b"\x1f\x8b\x08broken", b"PAR1broken"])
def test_a_damaged_file_is_refused_with_a_sentence(tmp_path, mapping, raw):
    name = "person.csv.gz" if raw.startswith(b"\x1f") else "person.parquet"
    (tmp_path / name).write_bytes(raw)

    (reject,) = read(tmp_path, mapping=mapping)

    assert "cannot be used" in reject.reason


def test_a_mangled_vocabulary_costs_names_and_nothing_else(read_tables):
    (draft,) = [
        reading
        for reading in read_tables({"person": PERSON, "measurement": BY_CONCEPT, "concept": '"\n\0,,,\n'})
        if isinstance(reading, Draft)
    ]

    assert of_kind(draft, "Observation")[0]["code"]["coding"] == [{"system": OMOP, "code": "3027114"}]
    assert isinstance(draft.source, Source)
