"""Is there another patient here with the same first and last name? Then the chart says so beside the name (SAFER guides)."""

from typing import Any

from wardround.hospital.merges.queries import standing
from wardround.hospital.records.blind_index import BlindIndex, words
from wardround.hospital.records.models import Resource, StringIndex


def has_namesake(patient: dict[str, Any]) -> bool:
    """From the hashed name index alone: nobody else's record is opened, and nothing of it is told. One question."""
    names = [name for name in patient.get("name", ()) if isinstance(name, dict)]
    name = next((one for one in names if one.get("use") == "official"), names[0] if names else {})
    family, given = words(str(name.get("family", ""))), words(" ".join(map(str, name.get("given", ()))))[:1]
    if not family or not given:
        return False
    blind = BlindIndex()
    others = Resource.objects.filter(type="Patient", is_deleted=False).exclude(logical_id=patient["id"])
    others = others.exclude(logical_id__in=standing().values("retired"))
    for parameter, asked in (("family", family), ("given", given)):
        for word in asked:
            rows = StringIndex.objects.filter(
                type="Patient", parameter=parameter, kind="whole", value=blind.hashed(parameter, "whole", word)
            )
            others = others.filter(pk__in=rows.values("resource"))
    return others.exists()
