"""Export, import, steward: afterwards each hospital's study matrix is the source's, cell by cell."""

import pytest

from wardround.demo.exports import mapping_path, write_exports
from wardround.demo.source import PLACES
from wardround.demo.spoken import wardround

PATIENTS = {"cleveland": 303, "budapest": 294, "zurich-basel": 123, "long-beach": 200}


@pytest.fixture
def imported(request, tmp_path):
    """A hospital's home after its import: (short name, folder, home, what the import said)."""
    hospital = request.param
    home, log = tmp_path / "home", tmp_path / "log"
    write_exports(tmp_path, hospital)
    name = PLACES[hospital].name
    wardround("hospital", "init", "--home", home, "--name", name, "--slug", hospital, "--json", log=log)
    wardround("demo", "staff", "--home", home, "--side", hospital, log=log, stdin="a-long-enough-password\n")
    files = ("--mapping", mapping_path(hospital), tmp_path / "exports" / hospital)
    report = wardround("hospital", "import", "--home", home, "--json", *files, log=log)
    return hospital, tmp_path, home, report


def step(name, imported, *arguments):
    hospital, folder, home, _ = imported
    return wardround("demo", name, "--home", home, "--hospital", hospital, *arguments, log=folder / "log")


each_hospital = pytest.mark.parametrize(
    "imported",
    # The smallest hospital is quick enough for every run.
    [pytest.param(h, marks=() if h == "zurich-basel" else pytest.mark.slow) for h in PLACES],
    indirect=True,
)


@each_hospital
def test_the_stewards_work_makes_every_cell_equal_to_the_source(imported):
    hospital, folder, _, report = imported
    before = step("matrix", imported)

    desk = step("desk", imported, str(folder))
    after = step("matrix", imported)

    planted = sum(planted for _, planted, _ in desk["kinds"])
    assert len(before["different"]) >= planted - 2, "planted errors must not reach the matrix unnoticed"
    assert report["quarantined_messages"] == desk["quarantined"] == 2
    assert (desk["caught"], desk["missed"], desk["false_alarms"]) == (planted, [], 0)
    assert after["different"] == []
    assert after["patients"] == PATIENTS[hospital]
    assert desk["left_held"] == after["held"] == (1 if hospital == "long-beach" else 0)


@pytest.mark.parametrize("imported", ["zurich-basel"], indirect=True)
def test_after_the_stewards_work_nothing_waits_and_the_audit_trail_is_whole(imported):
    _, folder, home, _ = imported
    desk = step("desk", imported, str(folder))

    verdict = wardround("hospital", "verify", "--home", home, "--json", log=folder / "log")
    queue = wardround("hospital", "quality", "--home", home, "--json", log=folder / "log")

    assert verdict["events"] > 1000
    assert list(verdict["problems"]) == []
    assert queue["decided"]["accepted"] >= desk["accepted"]
    assert queue["held"] == 0
