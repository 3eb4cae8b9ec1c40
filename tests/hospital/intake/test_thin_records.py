"""A source that knows less of a patient takes nothing away from what another one told."""

import pytest

from wardround.hospital.intake.importing import import_files
from wardround.hospital.records.access import patient_for
from wardround.hospital.records.models import Resource
from wardround.hospital.records.queries import banner
from wardround.web.audit.actor import system_actor

pytestmark = pytest.mark.django_db
BY = system_actor("import")
MAPPING = """
[source]
name = "{name}"
slug = "{name}"
format = "csv"
zone = "UTC"
mrn_system = "urn:hospital:mrn"

[columns]
{columns}
"""
FULL = 'NO = "mrn"\nFAMILY = "family"\nSEX = "sex"\nBORN = "birth_year"\nPHONE = "phone"\nVISIT = "visit_start"'
THIN = 'NO = "mrn"\nSEX = "sex"\nVISIT = "visit_start"'


def test_a_registry_with_fewer_columns_leaves_name_and_telephone_where_they_are(tmp_path):
    (tmp_path / "full.csv").write_text("NO,FAMILY,SEX,BORN,PHONE,VISIT\n7,Ammann,F,1950,555-1,2026-03-02 08:00\n")
    (tmp_path / "thin.csv").write_text("NO,SEX,VISIT\n7,F,2026-04-02 08:00\n")
    import_files([tmp_path / "full.csv"], by=BY, mapping_text=MAPPING.format(name="full", columns=FULL))

    report = import_files([tmp_path / "thin.csv"], by=BY, mapping_text=MAPPING.format(name="thin", columns=THIN))

    assert not report.quarantined
    [row] = Resource.objects.filter(type="Patient")
    patient = banner(patient_for(BY, row.logical_id)).resource
    assert (patient["name"][0]["family"], patient["birthDate"]) == ("Ammann", "1950")
    assert patient["telecom"][0]["value"] == "555-1"


def adt(mrn: str, *, given: str) -> bytes:
    return (
        f"MSH|^~\\&|A|B|C|D|20260203083000||ADT^A28|{mrn}|P|2.5.1\r"
        f"PID|1||{mrn}^^^HOSP^MR~999-11-2222^^^SSA^SS||Ammann^{given}||1990|F\r"
    ).encode()


def test_a_newborn_who_comes_under_her_mothers_number_is_not_filed_in_her_mothers_chart(tmp_path):
    (tmp_path / "day.hl7").write_bytes(adt("100", given="Ruth") + adt("200", given="Baby"))

    report = import_files([tmp_path / "day.hl7"], by=BY)

    [row] = Resource.objects.filter(type="Patient")
    assert banner(patient_for(BY, row.logical_id)).resource["name"][0]["given"] == ["Ruth"]
    [reason] = report.quarantined
    assert "Another Patient has this identifier" in reason
