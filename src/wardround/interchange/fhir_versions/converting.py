"""A resource of another version brought to R4, and looked over there before it is believed."""

import re
from typing import Any

from wardround.interchange.errors import Unreadable
from wardround.interchange.fhir.structure import check
from wardround.interchange.fhir_versions import r5_to_r4, stu3_to_r4
from wardround.interchange.fhir_versions.recognition import R4, R5, STU3
from wardround.interchange.fhir_versions.rules import Table, converted

_TABLES: dict[str, dict[str, Table]] = {R5: r5_to_r4.TABLES, STU3: stu3_to_r4.TABLES}
_NAMED = {
    (version, type_name): table.becomes
    for version, tables in _TABLES.items()
    for type_name, table in tables.items()
    if table.becomes
}
_REFERENCE = re.compile(r"(.*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64}(?:/_history/.*)?)")


def as_r4(resource: dict[str, Any], *, version: str) -> dict[str, Any]:
    """The R4 resource with all of what this one says. R4 resources come back as they are.

    Raises Unreadable with a sentence that names the element that has no place in R4.
    """
    if version == R4:
        return resource
    type_name = resource.get("resourceType")
    table = _TABLES[version].get(type_name) if isinstance(type_name, str) else None
    if table is None:
        known = ", ".join(sorted(_TABLES[version]))
        raise Unreadable(f"This is FHIR {version}, of which these types are brought to R4: {known}. Send it as R4.")
    source = {name: _shared(value, version) for name, value in resource.items()}
    contained = source.pop("contained", None)
    made = converted(source, table, version=version, type_name=str(type_name))
    if isinstance(contained, list):
        made["contained"] = [as_r4_inside(each, version=version) for each in contained]
    problems = check(made)
    if problems:
        raise Unreadable(
            f"This is FHIR {version}, and what it says cannot be brought to R4 as it is: at {problems[0].path}: "
            f"{problems[0].sentence}"
        )
    return made


def as_r4_inside(resource: Any, *, version: str) -> Any:
    """A contained resource; what is no object is left for the check of the whole."""
    if not isinstance(resource, dict):
        return resource
    table = _TABLES[version].get(str(resource.get("resourceType")))
    if table is None:
        return as_r4(resource, version=version)
    source = {name: _shared(value, version) for name, value in resource.items()}
    return converted(source, table, version=version, type_name=str(resource["resourceType"]))


def _shared(value: Any, version: str) -> Any:
    """What changed in data types wherever they stand: references to types with another name, doses, sizes of attachments."""
    if isinstance(value, list):
        return [_shared(item, version) for item in value]
    if not isinstance(value, dict):
        return value
    made = {name: _shared(item, version) for name, item in value.items()}
    reference = made.get("reference")
    if isinstance(reference, str) and (match := _REFERENCE.fullmatch(reference)):
        name = _NAMED.get((version, match[2]))
        if name:
            made["reference"] = f"{match[1] or ''}{name}/{match[3]}"
    if isinstance(made.get("type"), str) and (version, made["type"]) in _NAMED and "reference" in made:
        made["type"] = _NAMED[version, made["type"]]
    size = made.get("size")
    if (
        isinstance(size, str)
        and size.isascii()
        and size.isdigit()
        and len(size) < 18
        and made.keys() & {"contentType", "url", "data"}
    ):
        made["size"] = int(size)  # an integer64 is written as text
    return made
