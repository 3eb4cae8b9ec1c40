"""Excel, OpenDocument and Parquet by the same mapping file as CSV: a cell is what it says, and what is not read is said."""

import datetime as dt
import io
import zipfile
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wardround.interchange.draft import Draft, Reject
from wardround.interchange.fhir.json import dumps, number_text
from wardround.interchange.tables import read, read_again, xls
from wardround.interchange.tables.cell_text import format_of, serial_text
from wardround.interchange.tables.cell_text import number_text as cell_number

COLUMNS = {
    "NR": "mrn",
    "BORN": "birth_date",
    "VISIT": "visit_start",
    "CHOL": {"measurement": "total_cholesterol", "unit": "mmol/L"},
    "HBA1C": {"measurement": "hemoglobin_a1c", "unit": "%"},
    "NOTE": {"role": "observation"},
}
HEADER = ["NR", "BORN", "VISIT", "CHOL", "HBA1C", "NOTE"]
BORN, VISIT = dt.date(1963, 4, 5), dt.datetime.fromisoformat("2026-02-03 08:30")


@pytest.fixture
def mapping(make_mapping):
    return make_mapping("csv", columns=COLUMNS)


@pytest.fixture
def write_book(tmp_path):
    """A workbook of one sheet (or of `sheets`), written by `fill(sheet, formats)`."""

    def write(fill, *, name="book.xlsx", sheets=("Results",)):
        path = tmp_path / name
        with xlsxwriter.Workbook(path) as book:
            formats = {
                kind: book.add_format({"num_format": code})
                for kind, code in (
                    ("day", "dd.mm.yyyy"),
                    ("minute", "dd.mm.yyyy hh:mm"),
                    ("two", "0.00"),
                    ("percent", "0.0%"),
                )
            }
            for sheet in sheets:
                fill(book.add_worksheet(sheet), formats)
        return path

    return write


def one_visit(sheet, formats, *, at=0, number=7):
    sheet.write_row(at, 0, HEADER)
    visit_row(sheet, formats, at=at + 1, number=number)


def visit_row(sheet, formats, *, at, number=7):
    sheet.write_number(at, 0, number)
    sheet.write_datetime(at, 1, BORN, formats["day"])
    sheet.write_datetime(at, 2, VISIT, formats["minute"])
    sheet.write_number(at, 3, 6.1, formats["two"])
    sheet.write_number(at, 4, 0.065, formats["percent"])
    sheet.write_string(at, 5, "lies down")


def observations(draft):
    return [r for r in draft.resources if r["resourceType"] == "Observation"]


def test_numbers_dates_and_texts_are_what_the_cells_say(write_book, mapping):
    (draft,) = read(write_book(one_visit), mapping=mapping)

    patient, visit = draft.resources[:2]
    cholesterol, hba1c, note = observations(draft)
    assert (patient["identifier"][0]["value"], patient["birthDate"]) == ("7", "1963-04-05")
    assert visit["period"]["start"] == "2026-02-03T08:30:00+01:00"
    assert number_text(cholesterol["valueQuantity"]["value"]) == "6.10"  # the format keeps the nought
    assert number_text(hba1c["valueQuantity"]["value"]) == "6.5"  # a cell that shows 6.5% in a column of percents
    assert note["valueString"] == "lies down"
    assert draft.source.position == "row 2"


def test_a_source_with_decimal_commas_and_its_own_dates_reads_typed_cells_alike(write_book, make_mapping):
    source = {"decimal": "comma", "date_format": "%d.%m.%Y %H:%M"}

    def fill(sheet, formats):
        one_visit(sheet, formats)
        visit_row(sheet, formats, at=2, number=8)
        sheet.write_string(2, 2, "03.02.2026 08:30")
        sheet.write_string(2, 3, "6,10")

    typed, written = read(write_book(fill), mapping=make_mapping("csv", source=source, columns=COLUMNS))

    assert [dumps(o["valueQuantity"]) for o in observations(typed)[:1]] == [
        dumps(o["valueQuantity"]) for o in observations(written)[:1]
    ]
    assert observations(typed)[0]["effectiveDateTime"] == observations(written)[0]["effectiveDateTime"]


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (0.1 + 0.2, "General", "0.3"),
        (1.5, "0.00", "1.50"),
        (1.23456, "0.00", "1.23456"),  # the format shows less than was typed: what was typed is kept
        (1234.5, "#,##0.0", "1234.5"),
        (2, '0.0" mg/dl"', "2.0"),
        (7, "@", "7"),
        (0.5, "0%", "50%"),
        (-0.0, "General", "0"),
        (1e-7, "General", "0.0000001"),
        (12345678901234567, "0", "12345678901234567"),
    ],
)
def test_a_number_has_the_digits_of_its_cell(number, code, said):
    assert cell_number(number, form=format_of(code)) == said


@pytest.mark.parametrize(
    ("serial", "code", "from_1904", "said"),
    [
        ("1", "yyyy-mm-dd", False, "1900-01-01"),
        ("59", "yyyy-mm-dd", False, "1900-02-28"),
        ("60", "yyyy-mm-dd", False, None),  # 29 February 1900 was never
        ("61", "yyyy-mm-dd", False, "1900-03-01"),
        ("0", "yyyy-mm-dd", True, "1904-01-01"),
        ("46056.354166666664", "dd.mm.yyyy hh:mm", False, "2026-02-03 08:30"),
        ("46056.354166666664", "dd.mm.yyyy", False, "2026-02-03 08:30"),
        ("46056", "dd.mm.yyyy hh:mm", False, "2026-02-03 00:00"),
        ("0.5", "hh:mm", False, "12:00:00"),
        ("1.25", "[h]:mm", False, "30:00:00"),
        ("-3", "yyyy", False, None),
    ],
)
def test_a_day_is_the_day_that_the_program_shows(serial, code, from_1904, said):
    assert serial_text(serial, form=format_of(code), from_1904=from_1904) == said


def test_a_hidden_row_goes_to_quarantine_and_may_be_read_from_there(write_book, mapping):
    def fill(sheet, formats):
        one_visit(sheet, formats)
        visit_row(sheet, formats, at=2, number=8)
        sheet.set_row(2, None, None, {"hidden": True})

    shown, hidden = read(write_book(fill), mapping=mapping)

    assert isinstance(shown, Draft)
    assert "hidden" in hidden.reason
    (again,) = read_again(hidden.source, mapping=mapping)
    assert again.resources[0]["identifier"][0]["value"] == "8"
    assert observations(again)[0]["effectiveDateTime"] == "2026-02-03T08:30:00+01:00"


def test_a_row_in_merged_cells_is_refused_and_says_so(write_book, mapping):
    def fill(sheet, formats):
        one_visit(sheet, formats)
        visit_row(sheet, formats, at=2)
        visit_row(sheet, formats, at=3)
        sheet.merge_range(2, 0, 3, 0, 8)

    kept, *refused = read(write_book(fill), mapping=mapping)

    assert isinstance(kept, Draft)
    assert [r.source.position for r in refused] == ["row 3", "row 4"]
    assert all("merged cells" in r.reason for r in refused)


def test_a_formula_counts_by_its_result_and_without_one_is_refused(write_book, mapping):
    def fill(sheet, formats):
        one_visit(sheet, formats)
        sheet.write_formula(1, 3, "=3+3.1", formats["two"], 6.1)
        visit_row(sheet, formats, at=2)
        sheet.write_formula(2, 3, "=3+3.1", formats["two"], "")

    with_result, without = read(write_book(fill), mapping=mapping)

    assert number_text(observations(with_result)[0]["valueQuantity"]["value"]) == "6.10"
    assert "formula without its result" in without.reason


def test_a_title_above_the_header_is_passed_over_and_reported(write_book, mapping):
    def fill(sheet, formats):
        sheet.merge_range(0, 0, 0, 5, "Lipid clinic, February")
        one_visit(sheet, formats, at=2)

    draft, note = read(write_book(fill), mapping=mapping)

    assert draft.source.position == "row 4"
    assert (note.resources, note.unmapped) == ((), ("rows above the header",))


def test_several_sheets_want_a_choice_and_the_others_are_reported(write_book, mapping, make_mapping):
    book = write_book(one_visit, sheets=("January", "February"))
    february = make_mapping("csv", source={"sheet": "February"}, columns=COLUMNS)
    march = make_mapping("csv", source={"sheet": "March"}, columns=COLUMNS)

    (unclear,) = read(book, mapping=mapping)
    draft, note = read(book, mapping=february)
    (missing,) = read(book, mapping=march)

    assert "January, February" in unclear.reason
    assert "source.sheet" in unclear.reason
    assert draft.resources
    assert note.unmapped == ("sheet January",)
    assert "no sheet 'March'" in missing.reason


def test_a_zip_bomb_in_a_workbook_is_stopped(write_book, tmp_path, mapping):
    bomb = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(write_book(one_visit)) as book,
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for info in book.infolist():
            content = book.read(info)
            if info.filename.endswith("sheet1.xml"):
                content = content.replace(b"</sheetData>", b" " * (200 * 1024 * 1024) + b"</sheetData>")
            packed.writestr(info.filename, content)

    (reject,) = [reading for reading in read(bomb, mapping=mapping) if isinstance(reading, Reject)]

    assert "unpacks to more than" in reject.reason


def test_an_entity_bomb_in_a_workbook_is_stopped(tmp_path, mapping):
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w") as packed:
        packed.writestr("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b "cc">]><a>&b;</a>')

    (reject,) = read(bomb, mapping=mapping)

    assert "damaged or no XML that is read here" in reject.reason


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.ods", "a.parquet"])
@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, b"NR,BORN\n"]
)
def test_what_is_no_workbook_is_refused_with_a_sentence(tmp_path, mapping, name, content):
    (tmp_path / name).write_bytes(content)

    (reject,) = read(tmp_path / name, mapping=mapping)

    assert reject.reason.startswith("The file cannot be read to its end")


ODS = """<?xml version="1.0"?><office:document-content xmlns:office="urn:o" xmlns:table="urn:t" xmlns:text="urn:x">
<office:body><office:spreadsheet><table:table table:name="Results">
<table:table-row>{header}</table:table-row>
<table:table-row>
<table:table-cell office:value-type="float" office:value="7"><text:p>7</text:p></table:table-cell>
<table:table-cell office:value-type="date" office:date-value="1963-04-05"><text:p>05.04.1963</text:p></table:table-cell>
<table:table-cell office:value-type="date" office:date-value="2026-02-03T08:30:00"><text:p>03.02.26</text:p></table:table-cell>
<table:table-cell office:value-type="float" office:value="6.1"><text:p>6,10</text:p></table:table-cell>
<table:table-cell office:value-type="percentage" office:value="0.065"><text:p>6,5%</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>lies <text:span>down</text:span></text:p></table:table-cell>
<table:table-cell table:number-columns-repeated="16378"/></table:table-row>
<table:table-row table:visibility="filter"><table:table-cell office:value-type="string"><text:p>8</text:p></table:table-cell>
</table:table-row>
<table:table-row table:number-rows-repeated="1048573"><table:table-cell table:number-columns-repeated="16384"/>
</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"""


def write_ods(path, text):
    header = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{h}</text:p></table:table-cell>' for h in HEADER
    )
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("content.xml", text.format(header=header))
    return path


def test_an_opendocument_sheet_says_the_same(tmp_path, write_book, mapping):
    (from_excel,) = read(write_book(one_visit), mapping=mapping)

    draft, hidden = read(write_ods(tmp_path / "book.ods", ODS), mapping=mapping)

    assert [dumps(r) for r in draft.resources] == [dumps(r) for r in from_excel.resources]
    assert "hidden" in hidden.reason
    assert hidden.source.position == "row 3"


def test_a_document_that_repeats_its_cells_without_end_is_refused(tmp_path, mapping):
    bomb = ODS.replace('"1048573"><table:table-cell table:number-columns-repeated="16384"/>', (
        '"1048573"><table:table-cell office:value-type="string" table:number-columns-repeated="16000">'
        "<text:p>x</text:p></table:table-cell>"
    ))  # fmt: skip

    *_, reject = read(write_ods(tmp_path / "bomb.ods", bomb), mapping=mapping)

    assert "repeats its cells" in reject.reason


def test_a_parquet_file_says_the_same_with_its_scale_and_its_gaps(tmp_path, write_book, mapping):
    (from_excel,) = read(write_book(one_visit), mapping=mapping)
    columns = {
        "NR": pa.array([7, 8], pa.int64()),
        "BORN": pa.array([BORN, None], pa.date32()),
        "VISIT": pa.array([VISIT, VISIT], pa.timestamp("ns")),
        "CHOL": pa.array([Decimal("6.10"), None], pa.decimal128(5, 2)),
        "HBA1C": pa.array([6.5, float("nan")], pa.float32()),
        "NOTE": pa.array(["lies down", None]).dictionary_encode(),
        "TAGS": pa.array([["a"], []], pa.list_(pa.string())),
        "WARD": pa.array(["B2", None]),
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet", row_group_size=1)

    first, second, note = read(tmp_path / "t.parquet", mapping=mapping)

    assert [dumps(r) for r in first.resources] == [dumps(r) for r in from_excel.resources]
    assert first.unmapped == ("column WARD",)
    assert [r["resourceType"] for r in second.resources] == ["Patient", "Encounter"]
    assert note.unmapped == ("column TAGS",)


def test_a_parquet_file_that_claims_endless_rows_is_refused(tmp_path, mapping):
    rows = 5_000_000
    table = pa.table({name: pa.nulls(rows, pa.string()) for name in HEADER})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=rows)

    (reject,) = read(tmp_path / "t.parquet", mapping=mapping)

    assert "more rows than a file of its size" in reject.reason


def _whole(kind, write_book, tmp_path):
    if kind == "xlsx":
        return write_book(one_visit).read_bytes()
    if kind == "ods":
        return write_ods(tmp_path / "w.ods", ODS).read_bytes()
    buffer = io.BytesIO()
    pq.write_table(pa.table({name: ["7"] for name in HEADER}), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["xlsx", "ods", "parquet"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_mangled_file_gives_drafts_or_rejects_and_nothing_else(data, kind, write_book, tmp_path, mapping):
    kept = tmp_path / f"whole.{kind}"
    if not kept.exists():  # a workbook carries the second in which it was written
        kept.write_bytes(_whole(kind, write_book, tmp_path))
    text = bytearray(kept.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    (tmp_path / f"m.{kind}").write_bytes(bytes(text))

    for reading in read(tmp_path / f"m.{kind}", mapping=mapping):
        assert isinstance(reading, Draft | Reject)


def test_the_reader_of_old_workbooks_says_the_same_but_for_the_number_formats(write_book, mapping, monkeypatch):
    monkeypatch.setattr(xls, "_MARK", b"PK\x03\x04")  # the library reads both kinds alike
    book = write_book(one_visit)
    (from_excel,) = read(book, mapping=mapping)
    old = book.rename(book.with_suffix(".xls"))

    (draft,) = read(old, mapping=mapping)

    assert [dumps(r) for r in draft.resources[:2]] == [dumps(r) for r in from_excel.resources[:2]]
    assert [number_text(o["valueQuantity"]["value"]) for o in observations(draft)[:2]] == ["6.1", "0.065"]
