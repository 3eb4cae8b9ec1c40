"""Write the tables of docs/fhir.md from the registries: `python scripts/describe_fhir.py` (a test compares)."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from wardround.interchange.fhir.definitions import resource_types
from wardround.interchange.fhir.search_parameters import SearchParameter, parameters_of

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "fhir.md"
IN_FULL = (
    "Patient", "Practitioner", "Organization", "Encounter", "Condition", "Observation", "DiagnosticReport",
    "MedicationRequest", "MedicationStatement", "AllergyIntolerance", "Procedure", "Immunization",
    "DocumentReference", "Consent", "Provenance", "AuditEvent", "RiskAssessment", "ServiceRequest", "CarePlan",
    "QuestionnaireResponse",
)  # fmt: skip
KINDS = ("token", "string", "date", "reference", "quantity", "number", "uri", "composite")


def interactions() -> Iterator[str]:
    """Which method at which address does what."""
    from wardround.hospital.fhir.interactions import INTERACTIONS

    yield "| Interaction | Request |"
    yield "|---|---|"
    for one in INTERACTIONS:
        name = f"{one.code}, conditional" if one.is_conditional else one.code
        address = f"/{one.address}" + ("?criteria" if one.is_conditional else "")
        yield f"| {name} | `{one.method} {address.replace('{type|*}', '{type}')}` |".replace("{", "[").replace("}", "]")


def operations() -> Iterator[str]:
    """Every operation, and where it is called."""
    from wardround.hospital.fhir.openapi_operations import template_of
    from wardround.hospital.fhir.operations.registry import OPERATIONS

    yield "| Operation | Request | Definition |"
    yield "|---|---|---|"
    for one in OPERATIONS:
        address = template_of(one.address).replace("{", "[").replace("}", "]")
        yield f"| ${one.name} | `{' or '.join(sorted(one.handlers))} {address}` | {one.definition} |"


def parameters() -> Iterator[str]:
    """The parameters of the types that hospitals exchange most, by kind; of the others how many there are."""
    common = parameters_of("Resource")
    yield "Of every type: " + _listed(common.values()) + "."
    for type_name in IN_FULL:
        yield ""
        yield f"**{type_name}**"
        yield ""
        yield "| Kind | Parameters |"
        yield "|---|---|"
        own = [one for code, one in parameters_of(type_name).items() if code not in common]
        for kind in KINDS:
            of_kind = [one for one in own if one.type == kind]
            if of_kind:
                yield f"| {kind} | {_listed(of_kind)} |"
    others = sorted(resource_types() - set(IN_FULL))
    yield ""
    yield (
        f"The other {len(others)} types have all their published parameters too (their number in brackets): "
        + ", ".join(f"{t} ({len(parameters_of(t)) - len(common)})" for t in others)
        + "."
    )


def _listed(found: Iterable[SearchParameter]) -> str:
    """Codes in order; a star marks what is kept only as a keyed hash."""
    return ", ".join(
        f"`{one.code}`" + ("*" if one.is_identifying or one.type == "string" or one.code == "birthdate" else "")
        for one in sorted(found, key=lambda one: one.code)
    )


TABLES: dict[str, Callable[[], Iterator[str]]] = {
    "interactions": interactions,
    "operations": operations,
    "parameters": parameters,
}


def described(text: str) -> str:
    """The document with its tables made anew between their markers."""
    for name, table in TABLES.items():
        begin, end = f"<!-- {name}: made by scripts/describe_fhir.py -->\n", f"<!-- end of {name} -->"
        head, _marker, rest = text.partition(begin)
        _old, _marker, tail = rest.partition(end)
        if not tail:
            raise SystemExit(f"{DOCUMENT.name} lacks the markers of the table {name}.")
        text = head + begin + "\n" + "\n".join(table()) + "\n\n" + end + tail
    return text


def main() -> None:
    import django

    from wardround.web.home import Home

    with tempfile.TemporaryDirectory() as folder:
        # Django's settings read a home; the tables hold nothing of it.
        os.environ["WARDROUND_HOME"] = str(Home.create(Path(folder) / "home", kind="hospital", name="Any").path)
        os.environ["DJANGO_SETTINGS_MODULE"] = "wardround.hospital.settings"
        django.setup()
        DOCUMENT.write_text(described(DOCUMENT.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
