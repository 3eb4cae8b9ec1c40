"""C-CDA documents through the door of an import: into the chart, again without a change, and an entry mended in quarantine."""

import zipfile

import pytest

from wardround.hospital.intake.importing import import_files
from wardround.hospital.intake.quarantine import content_of, quarantined
from wardround.hospital.intake.replaying import replay, undo_batch
from wardround.hospital.records.models import Resource, StandardValue
from wardround.web.audit.actor import system_actor

ME = system_actor("import")
pytestmark = pytest.mark.django_db
HEAD = (
    b'<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    b'<id root="2.16.840.1.113883.19.5" extension="doc-1"/>'
    b'<code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><effectiveTime value="20260203083000+0100"/>'
    b'<recordTarget><patientRole><id root="2.16.840.1.113883.19.5.1" extension="777"/><patient><name><given>Anna</given>'
    b'<family>Kovacs</family></name><administrativeGenderCode code="F"/><birthTime value="19630704"/></patient></patientRole>'
    b"</recordTarget><component><structuredBody><component><section>"
    b'<code code="8716-3" codeSystem="2.16.840.1.113883.6.1"/><text/>'
)
PULSE = (
    b'<entry><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.27"/>'
    b'<id root="2.16.840.1.113883.19.5.2" extension="NAME"/><code code="8867-4" codeSystem="2.16.840.1.113883.6.1"/>'
    b'<statusCode code="completed"/><effectiveTime value="TIME"/><value xsi:type="PQ" value="80" unit="/min"/>'
    b"</observation></entry>"
)
FOOT = b"</section></component></structuredBody></component></ClinicalDocument>"


@pytest.fixture
def path(tmp_path):
    entries = [PULSE.replace(b"NAME", name).replace(b"TIME", time) for name, time in ((b"a", b"202602030800"), (b"b", b"200130311"))]  # fmt: skip
    (tmp_path / "summary.xml").write_bytes(HEAD + b"".join(entries) + FOOT)
    return tmp_path


def test_a_document_is_recognised_stored_standardised_and_again_changes_nothing(path):
    first = import_files([path], by=ME)
    again = import_files([path], by=ME)

    assert first.format == "ccda"
    assert first.by_type == {"Patient": 1, "DocumentReference": 1, "Observation": 1}
    assert StandardValue.objects.filter(measurement="heart_rate").count() == 1
    assert first.quarantined_messages == 1
    assert (again.created, again.updated, again.quarantined_known) == (0, 0, 1)


def test_the_document_and_what_is_in_it_lie_in_the_patients_chart(path):
    import_files([path], by=ME)

    patient = Resource.objects.get(type="Patient")
    assert {row.patient_id for row in Resource.objects.exclude(type="Patient")} == {patient.logical_id}


def test_an_entry_in_quarantine_is_mended_alone_and_brings_no_second_document(path):
    import_files([path], by=ME)
    (item,) = quarantined(ME)
    _line, source = content_of(item.id, by=ME)

    report = replay(item.id, by=ME, corrected=source.raw.replace(b"200130311", b"20130311"))

    assert report.by_type == {"Observation": 1}
    assert Resource.objects.filter(type="DocumentReference").count() == 1
    assert not quarantined(ME)


def test_an_archive_of_documents_is_recognised_and_its_other_files_are_left(path, tmp_path):
    package = tmp_path / "package.zip"
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path / "summary.xml", "IHE_XDM/SUBSET01/DOC0001.XML")
        archive.writestr("IHE_XDM/SUBSET01/METADATA.XML", "<SubmitObjectsRequest/>")
        archive.writestr("INDEX.HTM", "<html/>")

    report = import_files([package], by=ME)

    assert report.format == "ccda"
    assert report.by_type == {"Patient": 1, "DocumentReference": 1, "Observation": 1}
    assert report.quarantined_messages == 1  # the entry with the wrong time
    assert import_files([package], by=ME).created == 0


def test_the_batch_of_a_document_can_be_taken_back(path):
    report = import_files([path], by=ME)

    undo_batch(report.batch, by=ME)

    assert not Resource.objects.filter(is_deleted=False).exists()
