"""Medplum's FHIR router finds what this server finds; where it does not, R4 says who is right."""

import gzip
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from searches import CONN, EXPLAINED, SEARCHES, SORTED, SORTED_OTHERWISE

from wardround.hospital.intake.importing import import_files
from wardround.web.audit.actor import system_actor

VERSION = "4.5.2"
PACKAGES = [f"@medplum/{name}@{VERSION}" for name in ("core", "definitions", "fhir-router")]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / f"wardround-tests/fhir-router-{VERSION}"
BUNDLES = next(
    (found for up in Path(__file__).parents if (found := up / "shared/data/synthea_fhir_r4/bundles").is_dir()), None
)
CHARTS = 3

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db,
    pytest.mark.skipif(
        shutil.which("node") is None or shutil.which("npm") is None, reason="node and npm are not here."
    ),
    pytest.mark.skipif(BUNDLES is None, reason="The folder shared/data/synthea_fhir_r4 is not beside the checkout."),
]


@pytest.fixture(scope="module")
def oracle_folder():
    """The packages, installed once beside the checkout's owner's other caches."""
    if not (CACHE / "node_modules/@medplum/fhir-router").is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES]
        done = subprocess.run(command, cwd=CACHE, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            shutil.rmtree(CACHE, ignore_errors=True)
            pytest.skip("npm cannot install @medplum/fhir-router here (no network?).")
    return CACHE


@pytest.fixture(scope="module")
def charts():
    """Three charts as Synthea wrote them, their references made literal."""
    # The first file is that of the organisations alone.
    files = sorted(BUNDLES.glob("*.json.gz"), key=lambda path: path.stat().st_size)[1 : CHARTS + 1]
    return [json.loads(gzip.decompress(file.read_bytes())) for file in files]


@pytest.fixture(scope="module")
def theirs(oracle_folder, charts):
    """Search -> ids in the order of the other server's answer."""
    said = json.dumps(
        {"resources": _literal(charts), "searches": [_whole(s) for s in (*SEARCHES, *SORTED, SORTED_OTHERWISE)]}
    )
    script = Path(__file__).with_name("oracle.cjs")
    done = subprocess.run(
        ["node", str(script), str(oracle_folder)], input=said, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return {search: answer["ids"] for search, answer in json.loads(done.stdout).items()}


@pytest.fixture
def ours(backend, charts, tmp_path):
    for number, chart in enumerate(charts):
        (tmp_path / f"{number}.json").write_text(json.dumps(chart))
    report = import_files(sorted(tmp_path.glob("*.json")), by=system_actor("import"))
    assert not report.quarantined

    def found(search):
        answer = backend.get(_whole(search))
        assert answer.status_code == 200, answer.content
        return [entry["resource"]["id"] for entry in answer.json().get("entry", [])]

    return found


def test_both_find_the_same_but_for_what_the_specification_explains(ours, theirs):
    different, nonempty = {}, 0
    for search in SEARCHES:
        mine, other = ours(search), theirs[_whole(search)]
        nonempty += bool(mine)
        assert len(set(mine)) == len(mine), search
        if set(mine) != set(other):
            different[search] = (len(mine), len(other))
    assert different == {search: (why.ours, why.theirs) for search, why in EXPLAINED.items()}
    assert nonempty > len(SEARCHES) * 3 // 4


def test_both_sort_alike(ours, theirs):
    for search in SORTED:
        assert ours(search) == theirs[_whole(search)], search
    assert ours(SORTED_OTHERWISE)[0] == CONN != theirs[_whole(SORTED_OTHERWISE)][0]


def test_each_explanation_names_a_section_of_the_specification():
    assert all("R4 Search" in difference.because for difference in EXPLAINED.values())


def _whole(search):
    return search if "_count" in search else f"{search}&_count=500"


def _literal(charts):
    resources = []
    for chart in charts:
        text = json.dumps(chart)
        for entry in chart["entry"]:
            resource = entry["resource"]
            literal = f'"reference": "{resource["resourceType"]}/{resource["id"]}"'
            text = text.replace(f'"reference": "{entry["fullUrl"]}"', literal)
        resources += [entry["resource"] for entry in json.loads(text)["entry"]]
    return resources
