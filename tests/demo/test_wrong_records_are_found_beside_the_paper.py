"""A wrong record is found beside the paper chart's, with its patient, and can be written right."""

import pytest

from wardround.demo.corrections import corrections
from wardround.demo.exports import write_exports
from wardround.demo.paper import paper_charts
from wardround.demo.source import PLACES


@pytest.mark.parametrize("hospital", list(PLACES))
def test_the_wrong_records_belong_to_the_patients_with_planted_errors(hospital, tmp_path):
    planted = write_exports(tmp_path, hospital)

    found = corrections(tmp_path, hospital, charts=paper_charts(hospital))

    assert {correction.mrn for correction in found} == {error.mrn for error in planted}


@pytest.mark.parametrize("hospital", list(PLACES))
def test_writing_every_wrong_record_right_gives_the_paper(hospital, tmp_path):
    write_exports(tmp_path, hospital)
    found = corrections(tmp_path, hospital, charts=paper_charts(hospital))

    for file in (tmp_path / "exports" / hospital).iterdir():
        content = file.read_bytes()
        for correction in found:
            if correction.file == file.name:
                assert correction.is_in(content)
                content = correction.applied_to(content)
        assert content == (tmp_path / "paper" / hospital / file.name).read_bytes()


def test_a_corrected_row_of_a_table_comes_with_its_header(tmp_path):
    write_exports(tmp_path, "cleveland")
    correction = corrections(tmp_path, "cleveland", charts=paper_charts("cleveland"))[0]

    header, row, end = correction.as_file().split(b"\n")
    assert header.startswith(b"PAT_NO,")
    assert correction.mrn.encode() in row
    assert end == b""
