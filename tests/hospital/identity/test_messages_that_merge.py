"""A message says that two records are of one person (HL7 v2 A34, A40): the import carries it out, once, and can take it back."""

import json

import pytest
from two_records import ME, body_of, content_of, row_of

from wardround.hospital.identity.models import CandidatePair
from wardround.hospital.identity.queries import pairs
from wardround.hospital.intake.importing import Import, import_files
from wardround.hospital.intake.models import QuarantineItem
from wardround.hospital.intake.replaying import undo_batch
from wardround.hospital.merges.models import Merge
from wardround.hospital.records.access import patient_for
from wardround.hospital.records.actions.undoing import NotUndoable
from wardround.hospital.records.models import Resource
from wardround.hospital.records.patient_list import patient_page
from wardround.interchange import draft
from wardround.interchange.draft import Draft, Source

pytestmark = pytest.mark.django_db
SYSTEM = "urn:wardround:mrn:clinic"


def reference(number):
    return f"Patient?identifier={SYSTEM}|{number}"


def patient(*numbers, family="Kovács"):
    return {
        "resourceType": "Patient",
        "identifier": [{"system": SYSTEM, "value": number} for number in numbers],
        "name": [{"family": family, "given": ["Ilona"]}],
        "gender": "female",
        "birthDate": "1963-05-12",
    }


def weight(number, value, *, id_):
    return {
        "resourceType": "Observation",
        "identifier": [{"system": "urn:order", "value": id_}],
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "subject": {"reference": reference(number)},
        "effectiveDateTime": "2026-03-02T08:00:00Z",
        "valueQuantity": {"value": value, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
    }


def message(*resources, retired="", survivor=""):
    merge = draft.Merge(survivor=reference(survivor), retired=reference(retired)) if retired else None
    raw = json.dumps([resources, retired, survivor]).encode()
    return Draft(resources, Source("adt.hl7", f"message {abs(hash(raw)) % 1000}", raw), merge=merge)


def take(*drafts):
    batch = Import(form="hl7v2", mapping_text="", by=ME)
    batch.start(["adt.hl7"])
    batch.take(drafts)
    return batch.finish()


def patient_with(number):
    [line] = patient_page(ME, number).lines
    return line.id


@pytest.fixture
def two(db):
    """1 and 2 are Ilona, each with a weight."""
    return take(
        message(patient("1")),
        message(patient("2")),
        message(weight("1", 70, id_="a")),
        message(weight("2", 71, id_="b")),
    )


def charts():
    rows = Resource.objects.filter(type="Observation", is_deleted=False)
    return sorted(rows.values_list("patient_id", flat=True))


def test_the_message_merges_and_what_comes_after_it_in_the_same_file_belongs_to_the_one(two):
    kept = patient_with("1")

    report = take(message(patient("1"), retired="2", survivor="1"), message(weight("2", 72, id_="c")))

    assert report.merged == 1
    assert charts() == [kept] * 3
    assert patient_with("2") == kept
    [pair] = pairs(ME, state="merged")
    assert pair.reason.startswith("A message")


def test_the_same_message_again_and_a_second_one_that_says_the_same_change_nothing(two):
    said = message(patient("1"), retired="2", survivor="1")
    take(said)
    before = Resource.objects.count(), charts()

    assert take(said).messages_known == 1
    report = take(message(patient("1"), {**patient("1"), "active": True}, retired="2", survivor="1"))

    assert report.merged == 0
    assert (Resource.objects.count(), charts()) == before
    assert Merge.objects.count() == 1


def test_the_files_from_before_the_merge_change_nothing_when_they_come_again(two):
    take(message(patient("1"), retired="2", survivor="1"))
    before = {str(row): content_of(str(row)) for row in Resource.objects.all()}

    spaced = [json.dumps(json.loads(json.dumps(weight("2", 71, id_="b"))), indent=1)]
    raw = Source("adt.hl7", "message 9", spaced[0].encode())
    report = take(Draft((weight("2", 71, id_="b"),), raw))

    assert (report.unchanged, report.updated, report.quarantined_messages) == (1, 0, 0)
    assert {str(row): content_of(str(row)) for row in Resource.objects.all()} == before


def test_what_names_the_old_number_later_reaches_the_survivor_and_its_own_patient_stays_retired(two):
    kept = patient_with("1")
    take(message(patient("1"), retired="2", survivor="1"))
    take(message({**patient("2"), "telecom": [{"system": "phone", "value": "1"}]}, weight("2", 73, id_="d")))

    assert charts() == [kept] * 3
    retired = Merge.objects.get().retired
    assert body_of(f"Patient/{retired}")["telecom"] == [{"system": "phone", "value": "1"}]
    assert body_of(f"Patient/{retired}")["active"] is False
    assert body_of(f"Patient/{retired}")["link"][0]["type"] == "replaced-by"
    assert "telecom" not in body_of(f"Patient/{kept}")


def test_a_message_with_both_numbers_is_about_the_survivor(two):
    kept = patient_with("1")
    take(message(patient("1"), retired="2", survivor="1"))

    report = take(message(patient("2", "1", family="Szabó")))

    assert report.quarantined_messages == 0
    assert body_of(f"Patient/{kept}")["name"][0]["family"] == "Szabó"


def test_a_retired_number_that_is_nobodys_is_noted_and_leads_to_the_survivor(two):
    kept = patient_with("1")

    report = take(message(patient("1"), retired="99", survivor="1"))

    assert report.merged == 1
    assert {"use": "old", "system": SYSTEM, "value": "99"} in body_of(f"Patient/{kept}")["identifier"]
    assert patient_with("99") == kept
    take(message(patient("99", family="Other"), weight("99", 74, id_="e")))
    assert charts().count(kept) == 2
    assert body_of(f"Patient/{kept}")["name"][0]["family"] == "Kovács"
    assert take(message(patient("1"), weight("1", 75, id_="f"), retired="99", survivor="1")).merged == 0


def test_a_survivor_who_is_not_here_waits_for_the_rest_of_the_file_and_then_in_quarantine(db):
    early = message(retired="2", survivor="1")

    report = take(early, message(patient("2")), message(patient("1")), message(weight("2", 70, id_="a")))
    assert (report.merged, report.quarantined_messages) == (1, 0)

    report = take(message(retired="2", survivor="77"))
    assert report.merged == 0
    assert "who is kept is not here" in QuarantineItem.objects.get().reason


def test_a_merge_that_is_refused_leaves_nothing_of_its_message(two):
    take(message(patient("3", family="Nagy")), message(patient("1"), retired="2", survivor="3"))
    before = content_of(f"Patient/{patient_with('3')}")

    # 2 is part of 3 already; that it is part of 1 too is for a steward to judge.
    report = take(message(patient("1", family="Changed"), retired="2", survivor="1"))

    assert report.quarantined_messages == 1
    assert body_of(f"Patient/{patient_with('1')}")["name"][0]["family"] == "Kovács"
    assert content_of(f"Patient/{patient_with('3')}") == before


def test_undoing_the_batch_takes_the_merge_apart_too(two):
    kept, retired = patient_with("1"), patient_with("2")
    before = {str(row): content_of(str(row)) for row in Resource.objects.all()}, charts()
    report = take(message(patient("1", family="Changed"), retired="2", survivor="1"))

    undo_batch(report.batch, by=ME)

    assert ({str(row): content_of(str(row)) for row in Resource.objects.all()}, charts()) == before
    assert patient_for(ME, retired).id == retired != kept
    assert CandidatePair.objects.get().state == "open"


def test_the_batch_that_brought_them_is_undone_after_the_merge_is(two):
    report = take(message(patient("1"), retired="2", survivor="1"))

    with pytest.raises(NotUndoable, match="Undo the merge first"):
        undo_batch(two.batch, by=ME)
    undo_batch(report.batch, by=ME)
    undone = undo_batch(two.batch, by=ME)

    assert undone.deleted == 4
    assert not Resource.objects.filter(is_deleted=False).exists()


def test_a_number_that_was_only_noted_is_taken_back_with_its_batch(two):
    kept = patient_with("1")
    before = content_of(f"Patient/{kept}")
    report = take(message(retired="99", survivor="1"))
    assert row_of(f"Patient/{kept}").version == 2

    undo_batch(report.batch, by=ME)

    assert content_of(f"Patient/{kept}") == before
    assert patient_page(ME, "99").lines == ()


def test_a_file_of_hl7_messages_with_an_a40_is_read_whole(tmp_path, db):
    def said(kind, number, *segments):
        header = f"MSH|^~\\&|A|B|C|D|20260301080000||{kind}|{len(segments)}{number}|P|2.5.1"
        person = f"PID|1||{number}^^^CLINIC^MR||Kov\u00e1cs^Ilona||19630512|F"
        return "\r".join([header, person, *segments])

    order = "OBR|1||F{0}|29463-7^Weight^LN|||20260302080000|||||||||||||||||||F"
    result = "OBX|1|NM|29463-7^Weight^LN||{1}|kg^kg^UCUM|||||F|||20260302080000"
    messages = [
        said("ADT^A28", "1"),
        said("ADT^A28", "2"),
        said("ORU^R01", "2", order.format("a"), result.format("", 70)),
        said("ADT^A40", "1", "MRG|2^^^CLINIC^MR"),
        said("ORU^R01", "2", order.format("b"), result.format("", 71)),
    ]
    path = tmp_path / "day.hl7"
    path.write_text("\r\n".join(messages) + "\r", "utf-8")

    report = import_files([path], by=ME, form="hl7v2")

    assert (report.merged, report.quarantined_messages) == (1, 0)
    kept = patient_with("1")
    assert patient_with("2") == kept
    assert charts() == [kept, kept]
    assert import_files([path], by=ME, form="hl7v2").changed_nothing
