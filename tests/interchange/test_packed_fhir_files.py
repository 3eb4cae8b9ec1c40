"""Compressed FHIR files are read like plain ones, and a bomb is stopped with a sentence."""

import gzip
import io
import random
import tracemalloc
import zipfile

import pytest

from wardround.interchange import packed
from wardround.interchange.draft import Draft, Reject, Source
from wardround.interchange.fhir.json import dumps
from wardround.interchange.ndjson import read, read_again

PATIENT = b'{"resourceType":"Patient","id":"p1","birthDate":"1963"}'
WEIGHT = b'{"resourceType":"Observation","id":"o1","valueQuantity":{"value":6.10}}'


@pytest.fixture
def mapping(make_mapping):
    return make_mapping("fhir")


@pytest.fixture
def archive(tmp_path):
    """Make a zip archive of members and return its path."""

    def make(members, **options):
        path = tmp_path / "export.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
            for name, content in members.items():
                opened.writestr(name, content, **options)
        return path

    return make


def test_lines_of_a_gz_file_are_those_of_the_plain_file(tmp_path, mapping):
    (tmp_path / "x.ndjson.gz").write_bytes(gzip.compress(PATIENT + b"\n" + WEIGHT + b"\n"))

    drafts = list(read(tmp_path, mapping=mapping))

    assert [dumps(draft.resources[0]) for draft in drafts] == [PATIENT, WEIGHT]
    assert [draft.source for draft in drafts] == [
        Source("x.ndjson.gz", "line 1", PATIENT + b"\n"),
        Source("x.ndjson.gz", "line 2", WEIGHT + b"\n"),
    ]


def test_a_document_in_a_gz_file_of_two_gzip_members_is_one_document(tmp_path, mapping):
    (tmp_path / "x.json.gz").write_bytes(gzip.compress(PATIENT[:20]) + gzip.compress(PATIENT[20:]))

    (draft,) = read(tmp_path, mapping=mapping)

    assert dumps(draft.resources[0]) == PATIENT


def test_a_refused_line_of_a_gz_file_is_read_again_as_a_line(tmp_path, mapping):
    (draft,) = read_again(Source("x.ndjson.gz", "line 9", PATIENT), mapping=mapping)

    assert (draft.source.position, draft.resources[0]["id"]) == ("line 9", "p1")


@pytest.mark.parametrize("cut", [3, 15, -1])
def test_a_gz_file_that_breaks_off_gives_what_it_has_and_a_reject_that_keeps_it(tmp_path, mapping, cut):
    raw = gzip.compress(PATIENT + b"\n")[:cut]
    (tmp_path / "x.ndjson.gz").write_bytes(raw)

    *_drafts, reject = read(tmp_path, mapping=mapping)

    assert "damaged or broken off" in reject.reason
    assert reject.source.raw == raw


@pytest.mark.parametrize("at", range(0, 60, 3))
def test_a_changed_byte_in_a_gz_file_never_gives_more_than_drafts_and_rejects(mapping, at):
    raw = bytearray(gzip.compress(PATIENT + b"\n" + WEIGHT))
    raw[at] ^= 0x55

    readings = list(read_again(Source("x.ndjson.gz", "file", bytes(raw)), mapping=mapping))

    assert all(isinstance(reading, Draft | Reject) for reading in readings)


@pytest.mark.parametrize("filler", [b" " * 4096, b"{}" + b" " * 4093 + b"\n"])
def test_a_gz_bomb_is_stopped_with_little_memory(tmp_path, mapping, monkeypatch, filler):
    monkeypatch.setattr(packed, "FREE_BYTES", 1024 * 1024)
    (tmp_path / "x.ndjson.gz").write_bytes(gzip.compress(filler * (24 * 1024 * 1024 // len(filler))))

    tracemalloc.start()
    last = None
    for reading in read(tmp_path, mapping=mapping):
        last = reading
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "more than 250 times its size" in last.reason
    assert peak < 16 * 1024 * 1024


def test_a_gz_file_with_one_endless_document_is_refused_as_too_large(tmp_path, mapping, monkeypatch):
    monkeypatch.setattr("wardround.interchange.ndjson.MAX_BYTES", 1000)
    monkeypatch.setattr("wardround.interchange.ndjson.MAX_LINE_BYTES", 1000)
    noise = "".join(random.Random(4).choices("abcdefgh", k=3000)).encode()
    (tmp_path / "x.ndjson.gz").write_bytes(gzip.compress(b'"' + noise + b'"\n' + PATIENT))

    reject, draft = read(tmp_path, mapping=mapping)

    assert "longer than 1000 bytes" in reject.reason
    assert draft.resources[0]["id"] == "p1"


def test_an_archive_is_read_patients_first_and_its_other_files_are_named_by_their_kind(archive, mapping):
    path = archive({"out/Observation.ndjson": WEIGHT, "out/Patient.ndjson": PATIENT, "out/Kovacs.pdf": b"%PDF"})

    patient, weight, rest = read(path, mapping=mapping)

    assert patient.source == Source("export.zip/out/Patient.ndjson", "line 1", PATIENT)
    assert weight.resources[0]["id"] == "o1"
    assert (rest.resources, rest.unmapped) == ((), ("archived files with .pdf",))


def test_names_in_an_archive_are_shown_and_never_used(archive, mapping, tmp_path):
    path = archive({"../../etc/\x1b[2JPatient.json": PATIENT, "/abs/b.json": WEIGHT, "C:\\x\\..\\c.json": WEIGHT})

    readings = list(read(path, mapping=mapping))

    assert [reading.source.file for reading in readings] == [
        "export.zip/etc/?[2JPatient.json",
        "export.zip/abs/b.json",
        "export.zip/C:/x/c.json",
    ]
    assert sorted(tmp_path.rglob("*")) == [path]


def test_an_archive_inside_an_archive_is_refused(archive, mapping):
    path = archive({"Patient.ndjson.gz": gzip.compress(PATIENT), "inner.zip": b"PK", "b.json": PATIENT})

    readings = list(read(path, mapping=mapping))

    assert sum("inside an archive" in getattr(reading, "reason", "") for reading in readings) == 2
    assert sum(isinstance(reading, Draft) for reading in readings) == 1


def test_an_archive_that_unpacks_to_too_much_is_stopped_over_all_its_files(archive, mapping, monkeypatch):
    monkeypatch.setattr(packed, "FREE_BYTES", 1024 * 1024)
    path = archive({f"{number}.ndjson": b" " * 1024 * 1024 for number in range(24)})

    (reject,) = read(path, mapping=mapping)

    assert "more than 250 times its size" in reject.reason


def test_an_archive_with_too_many_files_is_refused(archive, mapping, monkeypatch):
    monkeypatch.setattr(packed, "MAX_MEMBERS", 2)

    (reject,) = read(archive({f"{number}.json": PATIENT for number in range(3)}), mapping=mapping)

    assert "more than 2 files" in reject.reason


def test_a_directory_that_would_fill_the_memory_is_refused_before_it_is_read(archive, mapping, monkeypatch):
    monkeypatch.setattr(packed, "_MAX_DIRECTORY_BYTES", 20)

    (reject,) = read(archive({"a.json": PATIENT}), mapping=mapping)

    assert "longer list of files" in reject.reason


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_another_method_of_packing_is_refused_and_the_next_file_read(archive, mapping, method):
    path = archive({"a.json": WEIGHT}, compress_type=method)
    with zipfile.ZipFile(path, "a") as opened:
        opened.writestr("b.json", PATIENT)

    reject, draft = read(path, mapping=mapping)

    assert "pack it as deflate" in reject.reason
    assert draft.resources[0]["id"] == "p1"


def test_an_encrypted_member_is_refused(archive, mapping):
    path = archive({"a.json": WEIGHT})
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1  # the flag in the directory

    (reject,) = read_again(Source("export.zip", "file", bytes(raw)), mapping=mapping)

    assert "encrypted" in reject.reason


def test_a_mangled_archive_never_gives_more_than_drafts_and_rejects(archive, mapping):
    whole = archive({"a.json": WEIGHT, "b.ndjson": PATIENT * 3}).read_bytes()
    chance = random.Random(7)
    for _ in range(300):
        raw = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        raw = raw[: chance.choice([len(raw), chance.randrange(len(raw))])]
        for reading in read_again(Source("export.zip", "file", bytes(raw)), mapping=mapping):
            assert isinstance(reading, Draft | Reject)


def test_an_archive_larger_than_what_32_bits_say_is_measured_by_its_second_directory(mapping):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as opened:
        opened.writestr("a.json", PATIENT)
    end = raw.getvalue().rindex(b"PK\x05\x06")
    body, size, at = raw.getvalue()[:end], 1 << 40, end
    second = b"PK\x06\x06" + (44).to_bytes(8, "little") + bytes(28) + size.to_bytes(8, "little") + bytes(8)
    locator = b"PK\x06\x07" + bytes(4) + at.to_bytes(8, "little") + (1).to_bytes(4, "little")
    crafted = body + second + locator + raw.getvalue()[end:]

    (reject,) = read_again(Source("export.zip", "file", crafted), mapping=mapping)

    assert "longer list of files" in reject.reason
