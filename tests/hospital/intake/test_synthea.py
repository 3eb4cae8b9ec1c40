"""Whole charts as another system exports them: Synthea's bundles, where they are present."""

import gzip
from pathlib import Path

import pytest

from wardround.hospital.intake.importing import import_files
from wardround.hospital.records.bodies import open_bodies
from wardround.hospital.records.models import ResourceVersion
from wardround.interchange.fhir.json import dumps, loads
from wardround.web.audit.actor import system_actor

pytestmark = pytest.mark.django_db
BUNDLES = next(
    (found for up in Path(__file__).parents if (found := up / "shared/data/synthea_fhir_r4/bundles").is_dir()), None
)


@pytest.mark.skipif(BUNDLES is None, reason="The folder shared/data/synthea_fhir_r4 is not beside the checkout.")
def test_every_resource_of_a_synthea_chart_comes_back_as_it_came_in(tmp_path):
    smallest = min(BUNDLES.glob("*.json.gz"), key=lambda path: path.stat().st_size)
    text = gzip.decompress(smallest.read_bytes())
    (tmp_path / "bundle.json").write_bytes(text)
    sent = {entry["resource"]["id"]: entry for entry in loads(text)["entry"]}

    report = import_files([tmp_path / "bundle.json"], by=system_actor("import"))

    assert not report.quarantined
    assert report.created == len(sent) > 50
    versions = ResourceVersion.objects.select_related("resource__data_key")
    bodies = open_bodies(versions)
    literal = {entry["fullUrl"]: f"{entry['resource']['resourceType']}/{key}" for key, entry in sent.items()}
    for version in versions:
        expected = dumps(sent[version.resource.logical_id]["resource"]).decode()
        for url, reference in literal.items():
            expected = expected.replace(f'"reference":"{url}"', f'"reference":"{reference}"')
        assert _without_meta(loads(bodies[version.resource_id])) == _without_meta(loads(expected))


def _without_meta(resource):
    return dumps({name: value for name, value in resource.items() if name != "meta"})
