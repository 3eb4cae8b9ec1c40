"""OMOP tables that an export wrote, read again: the same standard values at the same times."""

from collections import Counter

import pytest

from wardround.clinical.codes import CodeMap
from wardround.clinical.standardise import Standard, standardise
from wardround.demo.exports import mapping_path, write_exports
from wardround.hospital.exports.omop import export_omop
from wardround.hospital.intake.importing import import_files
from wardround.hospital.records.models import StandardValue
from wardround.interchange import omop
from wardround.interchange.draft import Draft
from wardround.interchange.fhir.values import observed_values
from wardround.interchange.mapping import mapping_of, read_mapping
from wardround.web.audit.actor import system_actor

ME = system_actor("command export")
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.mark.parametrize("hospital", ["cleveland", "long-beach"])
def test_the_tables_read_again_give_the_same_standard_values(hospital, settings, tmp_path):
    write_exports(tmp_path, hospital)
    text = mapping_path(hospital).read_text("utf-8")
    import_files([tmp_path / "paper" / hospital], by=ME, mapping_text=text)
    (tmp_path / "out").mkdir()
    export_omop(ME, tmp_path / "out", home=settings.HOME, version="0")
    told = read_mapping(mapping_path(hospital))
    source = {"slug": "cleveland", "format": "omop", "zone": settings.HOME.time_zone}
    mapping = mapping_of({"source": source})

    code_map = CodeMap.from_mapping(told.clinical)
    found = Counter()
    for reading in omop.read(tmp_path / "out", mapping=mapping):
        for resource in reading.resources if isinstance(reading, Draft) else ():
            for seen in observed_values(resource):
                standard = standardise(seen.codings, value=seen.value, unit=seen.unit, code_map=code_map)
                if isinstance(standard, Standard):
                    found[standard.measurement.key, str(standard.value).lower(), seen.time[:16]] += 1

    stored = StandardValue.objects.filter(is_current=True, fact="measurement", not_standard="", is_held=False)
    zone = mapping.zone
    here = Counter(
        (
            row.measurement,
            row.value_text or str(row.value_number).lower(),
            row.time.astimezone(zone).isoformat()[:16],
        )
        for row in stored
    )
    assert found == here
    assert found.total() > 1500
