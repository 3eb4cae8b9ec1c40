"""The extractors find what the published FHIRPath expressions find, on the official examples and on Synthea's bundles."""

import gzip
import json
from collections import defaultdict
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from wardround.interchange.fhir.definitions import resource_types
from wardround.interchange.fhir.json import loads
from wardround.interchange.fhir.path.compiler import compile_path
from wardround.interchange.fhir.path.scope import Context
from wardround.interchange.fhir.search import index_entries
from wardround.interchange.fhir.search_entries import CompositeEntry
from wardround.interchange.fhir.search_parameters import parameters_of
from wardround.interchange.fhir.search_values import extractor_of

SHARED = Path(__file__).resolve().parents[4] / "shared"
DEFINITIONS = SHARED / "suites" / "fhir-r4-definitions" / "search-parameters.json"
EXAMPLES = SHARED / "suites" / "fhir-r4-examples"
SYNTHEA = SHARED / "data" / "synthea_fhir_r4" / "bundles"
pytestmark = pytest.mark.skipif(
    not DEFINITIONS.is_file(), reason="the published definitions are not beside this checkout"
)

# The expression `resolve() is Patient` also looks into the resource itself for "#p1". Whoever is described inside a
# resource is no patient with a chart, so such a reference is found by `subject`, and by no parameter for one type.
CONTAINED = "#"
# R4 gives these two components the wrong way round: the distillate turns them (scripts/distil_search_parameters.py).
TURNED = {"DocumentReference-relationship"}


@cache
def definitions():
    published = [entry["resource"] for entry in json.loads(DEFINITIONS.read_text("utf-8"))["entry"]]
    by_type = defaultdict(list)
    for definition in published:
        for name in definition["base"]:
            by_type[name].append(definition)
    return by_type, {definition["url"]: definition for definition in published}


def expected(resource):
    """The entries by code, from the published expressions alone."""
    by_type, by_address = definitions()
    name = resource["resourceType"]
    found = {}
    for definition in [*by_type["Resource"], *by_type[name]]:
        if definition["code"] not in parameters_of(name):
            continue
        if definition["type"] == "composite":
            found[definition["code"]] = composites(resource, definition, by_address)
        else:
            nodes = evaluated(definition["expression"], resource, name)
            found[definition["code"]] = entries_of(nodes, definition["type"], definition["code"])
    return found


def composites(resource, definition, by_address):
    entries = set()
    for place in evaluated(definition["expression"], resource, resource["resourceType"]):
        columns = []
        for part in definition["component"]:
            of = by_address[part["definition"]]
            if definition["id"] in TURNED:
                of = next(by_address[p["definition"]] for p in definition["component"] if p is not part)
            text = part["expression"].replace("DateTime", "dateTime").replace("%resource", resource["resourceType"])
            start = (
                (resource, resource["resourceType"]) if "%resource" in part["expression"] else (place.value, place.type)
            )
            columns.append(entries_of(compile_path(text).nodes(start[0], type_name=start[1]), of["type"], of["code"]))
        entries |= {without_codes(row) for row in product(*columns)}
    return entries


def evaluated(expression, resource, name):
    # Only the branches of this type: another type's path means nothing here, and to evaluate 60 of them takes long.
    branches = [b.strip() for b in expression.split(" | ")]
    own = [b for b in branches if b.lstrip("(").startswith((f"{name}.", "Resource.")) or "." not in b]
    return [node for branch in own for node in compile_path(branch).nodes(resource, context=Context())]


def entries_of(nodes, kind, code):
    entries = []
    for node in nodes:
        type_name = {"System.Boolean": "boolean"}.get(node.type, node.type)
        if type_name in resource_types():
            type_name = "Resource"
        extract = extractor_of(kind, type_name, [code])
        if extract is not None and node.value is not None:
            extract(node.value, entries)
    return set(entries)


def without_codes(row):
    return tuple(part._replace(parameter="") for part in row)


def found(resource):
    by_code = defaultdict(set)
    for entry in index_entries(resource):
        plain = without_codes(entry.parts) if isinstance(entry, CompositeEntry) else entry
        by_code[entry.parameter].add(plain)
    return by_code


def differences(resource):
    own = found(resource)
    wanted = expected(resource)
    assert own.keys() <= wanted.keys()
    for code, entries in wanted.items():
        is_for_one_type = parameters_of(resource["resourceType"])[code].type == "reference"
        missing = {e for e in entries - own[code] if not (is_for_one_type and e[3:4] and e[3].startswith(CONTAINED))}
        if missing or own[code] - entries:
            yield resource["resourceType"], code, sorted(map(str, missing)), sorted(map(str, own[code] - entries))


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the official R4 examples are not beside this checkout")
def test_every_official_example_is_indexed_as_its_expressions_say():
    files = sorted(EXAMPLES.glob("*.json"))

    assert len(files) == 719
    assert [d for file in files for d in differences(loads(file.read_bytes()))] == []


@pytest.mark.skipif(not SYNTHEA.is_dir(), reason="the Synthea bundles are not beside this checkout")
def test_resources_of_synthea_are_indexed_as_their_expressions_say():
    smallest = sorted(SYNTHEA.glob("*.json.gz"), key=lambda file: file.stat().st_size)[:4]
    bundles = [loads(gzip.decompress(file.read_bytes())) for file in smallest]
    resources = [entry["resource"] for bundle in bundles for entry in bundle["entry"]]

    assert sum(len(index_entries(resource)) for resource in resources) > 1_000
    assert [d for resource in resources for d in differences(resource)] == []


def test_the_comparison_notices_what_an_extractor_leaves_out(monkeypatch):
    observation = {"resourceType": "Observation", "code": {"coding": [{"code": "x"}]}, "valueString": "so"}
    whole = index_entries(observation)
    monkeypatch.setattr(f"{__name__}.index_entries", lambda _resource: whole[:-1])

    assert [code for _type, code, _missing, _more in differences(observation)] == ["code-value-string"]
