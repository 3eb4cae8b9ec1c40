"""A chart as another system exports it, on every page: Synthea's bundles, where they are present."""

import gzip
from pathlib import Path

import pytest

from wardround.hospital.charts.pages import LISTINGS
from wardround.hospital.intake.importing import import_files
from wardround.hospital.records.models import Resource
from wardround.web.audit.actor import system_actor

pytestmark = pytest.mark.django_db
BUNDLES = next(
    (found for up in Path(__file__).parents if (found := up / "shared/data/synthea_fhir_r4/bundles").is_dir()), None
)
VERSIE = "Versie_Botsford_56121408-15fe-47a5-8279-6f05dee51464.json.gz"


@pytest.mark.skipif(BUNDLES is None, reason="The folder shared/data/synthea_fhir_r4 is not beside the checkout.")
def test_each_page_shows_what_was_imported(tmp_path, as_client, steward):
    (tmp_path / "bundle.json").write_bytes(gzip.decompress((BUNDLES / VERSIE).read_bytes()))
    import_files([tmp_path / "bundle.json"], by=system_actor("import"))
    patient = Resource.objects.get(type="Patient").logical_id
    client = as_client(steward)

    def text(page: str) -> str:
        answer = client.get(f"/patients/{patient}/{page}")
        assert answer.status_code == 200
        return answer.content.decode()

    shown = {page: text(page) for page in ("", "vital-signs/", "laboratory/", "encounters/", "history/", "print/")}
    shown |= {name: text(f"{name}/") for name in LISTINGS}

    # Counted in the bundle: 10 allergies, 25 vaccinations, 5 conditions of which one is active, 8 orders, 19 visits.
    assert shown[""].count('class="allergy"') == 10
    assert shown["allergies"].count("<b>") == 10
    assert shown["immunizations"].count("<b>") == 25
    assert shown["problems"].count("<b>") == 5
    assert shown["problems"].count("Resolved</span>") == 4
    assert shown["medicines"].count("Stopped") == 6
    assert shown["encounters/"].count("<b>") == 19
    assert "fexofenadine hydrochloride 30 mg oral tablet" in shown["medicines"]
