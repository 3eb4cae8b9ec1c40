"""Tables of visits, written where a test can import them."""

import pytest
from visits_of_a_clinic import HEADER, ROWS


@pytest.fixture
def write_table(tmp_path):
    """Write a table and return its path."""

    def write(*rows, name="visits.csv"):
        path = tmp_path / name
        path.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
        return path

    return write


@pytest.fixture
def table(write_table):
    return write_table(*ROWS)
