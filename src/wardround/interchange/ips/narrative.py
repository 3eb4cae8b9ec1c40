"""The text of a summary's sections: a table that a person reads, made of what the resources say and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from wardround.interchange.fhir.json import number_text
from wardround.interchange.ips.sections import NEWEST_OF_EACH, Resource, time_of

_XHTML = "http://www.w3.org/1999/xhtml"
NOTHING = "Nothing is recorded here. That does not mean that there is nothing."
WITHHELD = "Whoever asked may not see this part of the record. That does not mean that there is nothing."


@dataclass(frozen=True, slots=True)
class Note:
    """What the hospital knows beside a resource: its values in standard units, and whether one of them is held."""

    standard: str = ""
    held: str = ""


def table_of(resources: Sequence[Resource], *, notes: Mapping[str, Note], closed: Sequence[str] = ()) -> str:
    """The xhtml `div` of one section; `closed` are its types that whoever asked may not see."""
    if not resources:
        return div(f"<p>{escape(WITHHELD if closed else NOTHING)}</p>")
    rows = [(r, notes.get(f"{r['resourceType']}/{r['id']}", Note())) for r in resources]
    columns = ["What", "Value or dose", "Status", "When"]
    if any(note.standard for _resource, note in rows):
        columns.insert(2, "In standard units")
    if any(note.held for _resource, note in rows):
        columns.append("Note")
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(_row(resource, note, columns=columns) for resource, note in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return div(table + _left_out(closed))


def about(patient: Resource, *, author: str, instant: str, closed: Sequence[str]) -> str:
    """The xhtml `div` of the whole document: about whom, by whom, when, and what it leaves out."""
    died = patient.get("deceasedDateTime") or ("yes" if patient.get("deceasedBoolean") is True else "")
    rows = (
        ("Name", _name_text(patient.get("name", ()))),
        ("Born", str(patient.get("birthDate", ""))),
        ("Died", str(died)),
        ("Gender", str(patient.get("gender", ""))),
        ("Made by", author),
        ("Made at", instant),
    )
    body = "".join(f"<tr><th>{name}</th><td>{escape(value)}</td></tr>" for name, value in rows if value)
    chosen = (
        "A summary made by the hospital's records system, checked by nobody. It shows what is in force; "
        f"of each result and vital sign it shows the newest {NEWEST_OF_EACH}."
    )
    return div(f"<table><tbody>{body}</tbody></table><p>{escape(chosen)}</p>{_left_out(closed)}")


def _left_out(closed: Sequence[str]) -> str:
    if not closed:
        return ""
    return f"<p>{escape('Left out, because whoever asked may not see it: ' + ', '.join(closed) + '.')}</p>"


def div(content: str) -> str:
    return f'<div xmlns="{_XHTML}">{content}</div>'


def concept_text(concept: Any) -> str:
    """A CodeableConcept in words: its text, a display, or its code with the system."""
    if isinstance(concept, list):
        return ", ".join(filter(None, map(concept_text, concept)))
    if not isinstance(concept, dict):
        return concept if isinstance(concept, str) else ""
    if concept.get("text"):
        return str(concept["text"])
    codings = [coding for coding in concept.get("coding", ()) if isinstance(coding, dict)]
    for coding in codings:
        if coding.get("display"):
            return str(coding["display"])
    return next(
        (f"{coding['code']} ({coding.get('system', 'no system')})" for coding in codings if "code" in coding), ""
    )


def _name_text(names: Iterable[Resource]) -> str:
    """The name in use: the official one before others, none that is old."""
    now = sorted((n for n in names if n.get("use") != "old"), key=lambda name: name.get("use") != "official")
    for name in now:
        parts = (*name.get("prefix", ()), *name.get("given", ()), name.get("family", ""), *name.get("suffix", ()))
        text = name.get("text") or " ".join(part for part in parts if part)
        if text:
            return str(text)
    return ""


def value_text(resource: Resource) -> str:
    """The value or the dose, as it was written; of components each."""
    own = _choice_text(resource, "value")
    if not own and resource.get("dataAbsentReason"):
        own = f"absent: {concept_text(resource['dataAbsentReason'])}"
    dosages = (*resource.get("dosage", ()), *resource.get("dosageInstruction", ()))
    parts = [
        own,
        *(f"{concept_text(c.get('code'))}: {_choice_text(c, 'value') or '-'}" for c in resource.get("component", ())),
        *(dosage.get("text") or _dose_text(dosage) for dosage in dosages),
        str(resource.get("conclusion") or resource.get("summary") or ""),
        *(concept_text(reaction.get("manifestation")) for reaction in resource.get("reaction", ())),
    ]
    return "; ".join(filter(None, parts))


def _row(resource: Resource, note: Note, *, columns: Iterable[str]) -> str:
    cells = {
        "What": _title_of(resource),
        "Value or dose": value_text(resource),
        "In standard units": note.standard,
        "Status": _status_text(resource),
        "When": time_of(resource)[:10],
        "Note": note.held,
    }
    return "<tr>" + "".join(f"<td>{escape(cells[column])}</td>" for column in columns) + "</tr>"


def _status_text(resource: Resource) -> str:
    """The status, and what turns the meaning of the row round or puts it in doubt."""
    verification = concept_text(resource.get("verificationStatus"))
    parts = (
        "NOT to be given" if resource.get("doNotPerform") is True else "",
        concept_text(resource.get("clinicalStatus")) or str(resource.get("status", "")),
        "" if verification.lower() == "confirmed" else verification,
        "high risk" if resource.get("criticality") == "high" else "",
    )
    return ", ".join(filter(None, parts))


def _title_of(resource: Resource) -> str:
    for name in ("code", "medicationCodeableConcept", "vaccineCode", "type", "category", "scope"):
        found = concept_text(resource.get(name))
        if found:
            return found
    for name in ("medicationReference", "device", "title", "description"):
        value = resource.get(name)
        if isinstance(value, dict):
            value = value.get("display") or value.get("reference")
        if value:
            return str(value)
    return str(resource["resourceType"])


def _choice_text(element: Resource, name: str) -> str:
    for key, value in element.items():
        if not key.startswith(name) or key == name:
            continue
        match key.removeprefix(name):
            case "Quantity" | "Age" | "Duration" | "Count" | "Distance":
                return _quantity_text(value)
            case "CodeableConcept":
                return concept_text(value)
            case "Range":
                return f"{_quantity_text(value.get('low', {}))} to {_quantity_text(value.get('high', {}))}"
            case "Ratio":
                return f"{_quantity_text(value.get('numerator', {}))} : {_quantity_text(value.get('denominator', {}))}"
            case "Period":
                return f"{value.get('start', '')} to {value.get('end', '')}"
        return _plain(value)
    return ""


def _quantity_text(quantity: Resource) -> str:
    parts = (
        quantity.get("comparator", ""),
        _plain(quantity.get("value", "")),
        quantity.get("unit") or quantity.get("code", ""),
    )
    return f"{parts[0]}{parts[1]} {parts[2]}".strip()


def _dose_text(dosage: Resource) -> str:
    doses = [_choice_text(rate, "dose") for rate in dosage.get("doseAndRate", ())]
    repeat = dosage.get("timing", {}).get("repeat", {})
    often = ""
    if "frequency" in repeat and "period" in repeat:
        often = f"{_plain(repeat['frequency'])} times in {_plain(repeat['period'])} {repeat.get('periodUnit', '')}"
    return " ".join(filter(None, [*doses, often, concept_text(dosage.get("route"))]))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) or value is None:
        return "" if value is None else str(value)
    return value if isinstance(value, str) else "" if isinstance(value, dict | list) else number_text(value)
