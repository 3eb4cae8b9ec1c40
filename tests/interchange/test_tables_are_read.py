"""One row of a table is one visit; what a row says comes out as FHIR with codes, units and digits as received."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wardround.interchange.draft import Draft, Reject, Source
from wardround.interchange.fhir.json import dumps, number_text
from wardround.interchange.fhir.structure import check
from wardround.interchange.tables import read, read_again

COLUMNS = {
    "NR": "mrn",
    "NAME": "family",
    "SEX": "sex",
    "BORN": "birth_year",
    "VISIT": "visit_start",
    "CP": {"measurement": "chest_pain_type"},
    "CHOL": {"measurement": "total_cholesterol", "unit": "mmol/l"},
    "NOTE": {"role": "observation"},
    "CATH": {"role": "procedure", "code": "KORO"},
    "DX": {"role": "condition", "time": "CATH"},
    "WARD": "ignore",
}
ANSWERS = {"chest_pain_type": {"4": "asymptomatic"}, "sex": {"N": "female"}}
HEADER = "NR;NAME;SEX;BORN;VISIT;CP;CHOL;NOTE;CATH;DX;WARD\n"
ROW = "7;Kovács;N;1963;2026-02-03 08:30;4;6,10;lies down;2026-07-05 13:30;KHK;B2\n"


@pytest.fixture
def mapping(make_mapping):
    return make_mapping("csv", source={"decimal": "comma"}, columns=COLUMNS, answers=ANSWERS)


@pytest.fixture
def read_text(tmp_path, mapping):
    def read_it(text, *, mapping=mapping):
        (tmp_path / "t.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        return list(read(tmp_path / "t.csv", mapping=mapping))

    return read_it


def by_type(draft):
    return {resource["resourceType"]: resource for resource in draft.resources}


def test_a_row_becomes_a_patient_a_visit_and_what_was_found(read_text):
    (draft,) = read_text(HEADER + ROW)

    types = [resource["resourceType"] for resource in draft.resources]
    assert types == ["Patient", "Encounter", "Observation", "Observation", "Observation", "Procedure", "Condition"]
    assert not [problem for resource in draft.resources for problem in check(resource)]
    patient = draft.resources[0]
    assert (patient["gender"], patient["birthDate"]) == ("female", "1963")
    assert patient["identifier"][0]["system"] == "urn:wardround:mrn:small"


def test_codes_units_and_digits_stay_as_received(read_text):
    (draft,) = read_text(HEADER + ROW)

    pain, cholesterol, note = draft.resources[2:5]
    assert pain["code"]["coding"] == [{"system": "urn:wardround:local:small", "code": "CP"}]
    assert pain["valueCodeableConcept"]["coding"] == [{"system": "urn:wardround:local:small", "code": "4"}]
    assert number_text(cholesterol["valueQuantity"]["value"]) == "6.10"
    assert cholesterol["valueQuantity"]["unit"] == "mmol/l"
    assert note["valueString"] == "lies down"


def test_local_times_carry_the_zone_of_their_day(read_text):
    (draft,) = read_text(HEADER + ROW)

    assert draft.resources[2]["effectiveDateTime"] == "2026-02-03T08:30:00+01:00"
    assert by_type(draft)["Procedure"]["performedDateTime"] == "2026-07-05T13:30:00+02:00"
    assert by_type(draft)["Condition"]["recordedDate"] == "2026-07-05T13:30:00+02:00"


def test_everything_refers_to_the_patient_and_has_its_own_identifier(read_text):
    (draft,) = read_text(HEADER + ROW)

    assert {resource["subject"]["reference"] for resource in draft.resources[1:]} == {
        "Patient?identifier=urn:wardround:mrn:small|7"
    }
    identifiers = [resource["identifier"][0]["value"] for resource in draft.resources]
    assert len(set(identifiers)) == len(identifiers)


def test_the_same_row_read_twice_is_the_same_to_the_byte(read_text):
    first, second = read_text(HEADER + ROW), read_text(HEADER + ROW)

    assert [dumps(r) for r in first[0].resources] == [dumps(r) for r in second[0].resources]


def test_an_empty_cell_is_no_observation(read_text):
    (draft,) = read_text(HEADER + "7;Kovács;N;1963;2026-02-03;;;;;;\n")

    assert [resource["resourceType"] for resource in draft.resources] == ["Patient", "Encounter"]


def test_a_number_that_is_none_is_kept_as_text_with_its_unit(read_text):
    (draft,) = read_text(HEADER + ROW.replace("6,10", "6,1O"))

    assert draft.resources[3]["valueString"] == "6,1O"
    assert draft.resources[3]["extension"][0]["valueString"] == "mmol/l"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ROW.replace("2026-02-03 08:30", "2026-02-31 08:30"), "in VISIT a time is not on the calendar"),
        (ROW.replace("2026-02-03 08:30", "03.02.2026"), "in VISIT a time is not in the form"),
        (ROW[:30] + "\n", "it may be broken off"),
        (ROW.replace("7;", ";", 1), "hospital number is empty"),
        (ROW.replace(";N;", ";X;"), "add it to [answers.sex]"),
        (ROW.replace(";1963;", ";63;"), "four digits"),
        (ROW.replace("2026-02-03 08:30", ""), "has a value, but the visit, which dates it, is empty"),
        (ROW.replace("2026-07-05 13:30", ""), "DX has a value, but CATH, which dates it, is empty"),
        (ROW.replace("Kovács", '"Kovács'), "quote"),
        (ROW.replace("Kovács", "Kov\0cs"), "zero bytes"),
    ],
)
def test_a_row_that_cannot_be_read_is_rejected_with_its_place_and_the_rest_goes_on(read_text, row, reason):
    first, second = read_text(HEADER + row + ROW.replace("7;", "8;", 1))

    assert isinstance(first, Reject)
    assert reason in first.reason
    assert first.source.position == "line 2"
    assert isinstance(second, Draft)
    assert second.source.position == "line 3"


def test_bytes_of_another_encoding_are_rejected_and_the_encoding_asked_for(read_text):
    (reject,) = read_text((HEADER + ROW).encode("iso-8859-2"))

    assert "source.encoding" in reject.reason


def test_a_named_encoding_is_used(read_text, make_mapping):
    source = {"decimal": "comma", "encoding": "8859/2"}
    latin = make_mapping("csv", source=source, columns=COLUMNS, answers=ANSWERS)

    (draft,) = read_text((HEADER + ROW).encode("iso-8859-2"), mapping=latin)

    assert draft.resources[0]["name"][0]["family"] == "Kovács"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (HEADER.replace("WARD", "TEL") + ROW, "the column WARD of the mapping is not in the table"),
        (HEADER.replace(";WARD", "") + ROW, "the column WARD of the mapping is not in the table"),
        (HEADER.replace("NOTE", "CP") + ROW, "stands there twice"),
    ],
)
def test_a_header_that_does_not_fit_the_mapping_is_rejected_once(read_text, text, reason):
    (reject,) = read_text(text)

    assert reason in reject.reason


def test_a_column_that_the_mapping_does_not_name_is_listed_where_it_carries_something(read_text):
    row = ROW.replace(";B2\n", ";B2;{}\n")

    first, second = read_text(HEADER.replace(";WARD\n", ";WARD;DIET\n") + row.format("salt") + row.format(""))

    assert first.unmapped == ("column DIET",)
    assert second.unmapped == ()
    assert len(first.resources) == len(second.resources)


def test_a_quoted_cell_may_hold_a_line_end(read_text):
    first, second = read_text(HEADER + ROW.replace("lies down", '"lies\ndown"') + ROW.replace("7;", "8;", 1))

    assert first.resources[4]["valueString"] == "lies\ndown"
    assert second.source.position == "line 4"


def test_a_corrected_row_is_read_again_at_its_place(read_text, mapping):
    (reject,) = read_text(HEADER + ROW.replace("2026-02-03", "2026-02-31"))
    corrected = reject.source.raw.replace(b"2026-02-31", b"2026-02-13")

    (draft,) = read_again(Source(reject.source.file, reject.source.position, corrected), mapping=mapping)

    assert draft.resources[2]["effectiveDateTime"].startswith("2026-02-13T08:30")
    assert draft.source.position == "line 2"


def test_a_missing_file_is_rejected(tmp_path, mapping):
    (reject,) = read(tmp_path / "none.csv", mapping=mapping)

    assert "cannot be opened" in reject.reason


def test_no_reason_repeats_a_cell(read_text):
    secret = "Szentkirályi"

    (reject,) = read_text(HEADER + f"7;{secret};{secret};{secret};{secret};4;6;x;{secret};{secret};x\n")

    assert secret not in reject.reason


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_mangled_table_gives_drafts_or_rejects_and_nothing_else(data, mapping):
    text = bytearray((HEADER + ROW * 3).encode())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(text) - 1))
        with contextlib.suppress(IndexError):
            text[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))

    for reading in read_again(Source("t.csv", "line 1", bytes(text)), mapping=mapping):
        assert isinstance(reading, Draft | Reject)
        assert not isinstance(reading, Draft) or all(dumps(resource) for resource in reading.resources)
