"""Megabytes made to be slow are read or refused in seconds: no reader goes over its input again and again."""

from time import perf_counter

import pytest

from wardround.interchange import hl7v2, ndjson, omop, tables
from wardround.interchange.draft import Source
from wardround.interchange.mapping import mapping_of

SIZE = 2_000_000
MSH = b"MSH|^~\\&|A|B|C|D|20260203083000||ORU^R01|1|P|2.5.1\rPID|1||7\rOBR|1||L|A\r"
COLUMNS = {"NR": "mrn", "VISIT": "visit_start"}
CASES = {
    "one line without an end": (hl7v2, "x.hl7", MSH + b"OBX|1|TX|A||" + b"x" * SIZE),
    "line ends only": (hl7v2, "x.hl7", b"\r" * SIZE),
    "separators only": (hl7v2, "x.hl7", MSH + b"OBX|1|TX|A||" + b"~" * SIZE),
    "escapes only": (hl7v2, "x.hl7", MSH + b"OBX|1|TX|A||" + b"\\X" * (SIZE // 2)),
    "empty messages": (hl7v2, "x.hl7", b"MSH|\r" * (SIZE // 50)),
    "a cell without an end": (tables, "x.csv", b"NR,VISIT\n7," + b"x" * SIZE),
    "quotes that never close": (tables, "x.csv", b"NR,VISIT\n" + b'7,"2026\n' * (SIZE // 80)),
    "commas only": (tables, "x.csv", b"NR,VISIT\n" + b"," * SIZE),
    "brackets": (ndjson, "x.json", b"[" * SIZE),
    "a long number": (ndjson, "x.json", b"[" + b"9" * SIZE + b"]"),
    "a long string": (ndjson, "x.json", b'{"resourceType":"' + b"\\u0041" * (SIZE // 6) + b'"}'),
    "one person in many rows": (
        omop,
        "person.csv",
        b"person_id,gender_concept_id,year_of_birth\n" + b"1,8507,1963\n" * 20_000,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_large_and_odd_input_is_done_with_in_seconds(name):
    reader, file, raw = CASES[name]
    form = {hl7v2: "hl7v2", tables: "csv", ndjson: "fhir", omop: "omop"}[reader]
    columns = {"columns": COLUMNS} if form == "csv" else {}
    mapping = mapping_of({"source": {"slug": "small", "format": form, "zone": "Europe/Budapest"}} | columns)

    started = perf_counter()
    for _ in reader.read_again(Source(file, "line 1", raw), mapping=mapping):
        pass

    assert perf_counter() - started < 30


@pytest.mark.parametrize(("reader", "form"), [(hl7v2, "hl7v2"), (ndjson, "fhir"), (omop, "omop")])
def test_a_folder_without_a_file_of_the_format_is_said_to_be_empty(tmp_path, reader, form):
    (tmp_path / "notes.docx").write_bytes(b"x")
    mapping = mapping_of({"source": {"slug": "small", "format": form, "zone": "Europe/Budapest"}})

    (reject,) = reader.read(tmp_path, mapping=mapping)

    assert "holds no file that ends in" in reject.reason
