"""Diagnoses and procedures that only one sex can have: by published codes, else by the words of their title."""

import csv
import gzip
import io
import re
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from wardround.clinical.events import sex_findings
from wardround.clinical.measurements import ICD_10_CM, OMOP, Coding
from wardround.clinical.records import Person, Record
from wardround.clinical.sexes import ICD_9_CM, groups, sex_of, sex_of_title

SHARED = Path(__file__).parents[3] / "shared"
SNOMED = "http://snomed.info/sct"


@pytest.mark.parametrize(
    ("system", "code", "sex"),
    [
        (ICD_10_CM, "C61", "male"),
        (ICD_10_CM, "N40.1", "male"),
        (ICD_10_CM, "O80", "female"),
        (ICD_10_CM, "o9a.211", "female"),
        (ICD_10_CM, "Z3A.20", "female"),
        (ICD_10_CM, "C50.9", None),  # men have breast cancer too
        (ICD_10_CM, "C50.911", "female"),  # of the right female breast
        (ICD_10_CM, "C50.921", "male"),
        (ICD_10_CM, "P00.2", None),  # a newborn affected by its mother's disease
        (ICD_10_CM, "N39.3", None),
        ("http://hl7.org/fhir/sid/icd-10", "N51", "male"),
        (ICD_9_CM, "60001", "male"),
        (ICD_9_CM, "V22.1", "female"),
        (ICD_9_CM, "609", None),
        (OMOP, "198197", "male"),
        (OMOP, "1981970", None),
    ],
)
def test_a_published_code_says_who_can_have_it(system, code, sex):
    assert sex_of([Coding(system, code)]) == sex


@pytest.mark.parametrize(
    ("title", "sex"),
    [
        ("Normal pregnancy", "female"),
        ("Neoplasm of prostate", "male"),
        ("Prostatectomy", "male"),
        ("Family history of prostate cancer", None),
        ("Screening for malignant neoplasm of cervix", None),
        ("Fetus with intrauterine growth retardation", None),
        ("Cervical spondylosis", None),
        ("Counseling for termination of pregnancy", None),
        ("Auscultation of the fetal heart", "female"),
        ("Partner's pregnancy", None),
        ("Essential hypertension", None),
    ],
)
def test_the_title_decides_where_the_system_is_not_known(title, sex):
    assert sex_of([Coding(SNOMED, "1", title)]) == sex
    assert sex_of_title(title.upper()) == sex


def test_a_published_code_is_believed_before_its_title():
    assert sex_of([Coding(ICD_10_CM, "Z80.42", "Prostate cancer in the family")]) is None


def test_a_procedure_of_icd_9_cm_is_read_by_its_title_because_its_number_is_a_diagnosis_too():
    laser = Coding(ICD_9_CM, "60.21", "Transurethral guided laser induced prostatectomy")
    toe = Coding(ICD_9_CM, "84.11", "Amputation of toe")

    assert sex_of([laser], is_procedure=True) == "male"
    assert sex_of([toe], is_procedure=True) is None


def test_a_disease_of_the_other_sex_is_held():
    [finding] = sex_findings(Record("Condition", sex="male"), person=Person(sex="female"))

    assert (finding.kind, finding.path, finding.held) == ("wrong_sex", "Condition.code", True)
    assert "male" in finding.sentence


def test_somebody_whose_sex_is_not_male_or_female_can_have_any():
    assert sex_findings(Record("Condition", sex="male"), person=Person(sex=None)) == []
    assert sex_findings(Record("Condition", sex="male"), person=Person(sex="male")) == []
    assert sex_findings(Record("Condition", sex=None), person=Person(sex="female")) == []


@pytest.mark.parametrize("group", groups(), ids=lambda group: f"{group.system.rpartition('/')[2]} {group.sex}")
def test_every_code_was_seen_where_the_file_says(group):
    seen = _codes_in(group.seen_in)

    for entry in group.codes:
        for end in entry.split("-"):
            plain = end.replace(".", "")
            assert any(code.startswith(plain) for code in seen), f"{end} is not in {group.seen_in}"


def _codes_in(seen_in: str) -> set[str]:
    if not seen_in.startswith("pypi:"):
        path = SHARED / seen_in
        if not SHARED.is_dir():
            pytest.skip("The shared folder with the sources of codes is not beside this checkout (../shared).")
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        rows = csv.DictReader(io.StringIO(raw.decode("latin-1")))
        if "icd9_code" in (rows.fieldnames or ()):
            return {row["icd9_code"] for row in rows}
        return {row["conceptId"] for row in rows if row["plausibleGender"]}
    requirement, file = seen_in.removeprefix("pypi:").split(" ")
    name, version = requirement.split("==")
    try:
        installed = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        pytest.skip(f"{name} is not installed; pip install {requirement} to check these codes.")
    assert installed.version == version
    names = ET.parse(str(installed.locate_file(file))).getroot().iter("name")
    return {re.sub(r"\.", "", name.text) for name in names if name.text}
