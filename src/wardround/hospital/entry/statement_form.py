"""Forms for what is no measured value: what was typed, read box by box, and judged by the rules of the write path.

A form says which boxes it has and which FHIR resources they make. What is odd is said beside its box: what cannot be true is
stopped (hard); what may be true is asked about (soft) and stored with the reason of whoever says that it is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from wardround.hospital.entry.boxes import Box, ShownBox, Words
from wardround.hospital.entry.present_records import PresentRecord, present_records
from wardround.hospital.entry.reading import Reading
from wardround.hospital.entry.terms import Term, search_terms, term_of
from wardround.hospital.records.access import Patient
from wardround.hospital.records.actions.changing import Put
from wardround.hospital.records.blind_index import BlindIndex
from wardround.hospital.records.models import Resource
from wardround.hospital.records.record_judgement import foresee_records
from wardround.interchange.fhir.structure import check
from wardround.web.accounts.models import User
from wardround.web.layout.dates import when_text
from wardround.web.layout.said import said

Typed = Mapping[str, str]
_SHOWN = (
    "AllergyIntolerance",
    "Condition",
    "Encounter",
    "Immunization",
    "MedicationRequest",
    "MedicationStatement",
    "Patient",
    "Procedure",
)
_IMPOSSIBLE = frozenset({"future", "before_birth", "after_death", "end_before_start"})


@dataclass(frozen=True)
class Context:
    """Who writes about whom, and when."""

    patient: Patient
    by: User
    now: datetime = field(default_factory=timezone.now)
    without: str = ""  # the record that is corrected: it is no duplicate of itself

    @property
    def subject(self) -> dict[str, str]:
        return {"reference": f"Patient/{self.patient.id}"}

    @property
    def author(self) -> dict[str, str]:
        return {"display": str(self.by)}

    @property
    def today(self) -> str:
        return timezone.localtime(self.now).date().isoformat()

    @property
    def written_at(self) -> str:
        return timezone.localtime(self.now).isoformat(timespec="seconds")

    def records(self, *types: str) -> list[PresentRecord]:
        """What stands in the chart, read once."""
        return [record for record in self._chart if record.type in types and record.id != self.without]

    @cached_property
    def _chart(self) -> list[PresentRecord]:
        return present_records(self.patient, types=_SHOWN)


@dataclass(frozen=True)
class Caution:
    """Something that asks for a reason: at which box, of which resource, and the kind of the finding."""

    box: str
    sentence: str
    number: int = 0
    kind: str = "duplicate_entry"
    path: str = ""  # of the value in the resource, where it is about one


Cautions = Callable[[Sequence[dict[str, Any]], Context], Iterator[Caution]]


@dataclass(frozen=True)
class StatementForm:
    """One form. `places`: the box in which an element stands ("onset": "onset"); `list_route`: where the chart shows it."""

    name: str
    type: str
    title: Words
    save_title: Words
    boxes: Callable[[Context], tuple[Box, ...]]
    written: Callable[[Reading, Context], list[Put]]
    places: Mapping[str, str]
    list_route: str = "chart"
    intro: Words = ""
    cautions: Cautions | None = None
    typed_of: Callable[[Mapping[str, Any]], dict[str, str]] | None = None

    def box_of(self, element: str) -> str:
        """The box in which an element stands; "" for none of them."""
        return next((name for start, name in self.places.items() if element.startswith(start)), "")


@dataclass(frozen=True)
class JudgedStatement:
    """A form with what is to be said about it, and what would be written."""

    form: StatementForm
    boxes: tuple[ShownBox, ...]
    puts: tuple[Put, ...]
    problems: Mapping[str, str]  # by box; "" for the form itself
    cautions: tuple[Caution, ...]
    reason: str
    is_vouched_for: bool

    @property
    def may_be_saved(self) -> bool:
        return not self.problems and bool(self.puts) and (not self.cautions or self.is_vouched_for)

    @property
    def warned(self) -> str:
        """What a reason vouches for: these warnings and no others."""
        return signature(self.cautions)

    @property
    def of_no_box(self) -> list[Caution]:
        """The warnings that no box says."""
        return [caution for caution in self.cautions if all(caution.box != shown.name for shown in self.boxes)]

    @property
    def summary(self) -> list[dict[str, str]]:
        """What keeps it from being saved, in the order of the form."""
        lines = []
        for shown in self.boxes:
            if shown.problem:
                lines.append({"field": shown.focus_id, "sentence": shown.problem})
            lines += [{"field": "why", "sentence": sentence} for sentence in shown.warnings]
        if self.problems.get(""):
            lines.insert(0, {"field": "", "sentence": self.problems[""]})
        if self.problems.get("why"):
            lines.append({"field": "why", "sentence": self.problems["why"]})
        known = {shown.name for shown in self.boxes}
        lines += [{"field": "why", "sentence": w.sentence} for w in self.cautions if w.box not in known]
        return lines


def signature(warnings: Sequence[Caution]) -> str:
    text = "\n".join(sorted(f"{warning.kind} {warning.sentence}" for warning in warnings))
    return BlindIndex().hashed("warned", text)[:32] if text else ""


def judged(
    form: StatementForm,
    *,
    typed: Typed,
    context: Context,
    replaced: Mapping[int, Resource] | None = None,
    stands: Typed | None = None,
) -> JudgedStatement:
    """Read and judge what was typed. `replaced`: the rows of which a resource, by its number, would be the next version;
    `stands`: what its boxes hold."""
    boxes = form.boxes(context)
    reading = Reading(typed, boxes=boxes, stands=stands)
    puts = form.written(reading, context)
    problems = dict(reading.problems)
    cautions: list[Caution] = []
    resources = [put.resource for put in puts]
    if not problems:
        problems |= _not_fhir(resources, form=form)
    if not problems:
        own = [r for r in resources if r["resourceType"] != "Location"]
        foreseen = foresee_records(
            own, patient_id=context.patient.id, now=context.now, blind=BlindIndex(), replaced=replaced
        )
        cautions += form.cautions(own, context) if form.cautions is not None else ()
        numbers = {id(resource): number for number, resource in enumerate(resources)}
        for resource, found in zip(own, foreseen, strict=True):
            for one in found:
                finding, element = one.finding, one.finding.path.partition(".")[2]
                box = form.box_of(element)
                if finding.held and finding.kind in _IMPOSSIBLE and box:
                    problems.setdefault(box, impossible(finding.kind, finding.sentence))
                elif finding.held and not any(w.kind == finding.kind for w in cautions):
                    sentence = _softly(finding.kind, finding.sentence)
                    cautions.append(Caution(box, sentence, numbers[id(resource)], finding.kind))
    reason = typed.get("why", "").strip()[:500]
    is_vouched_for = bool(reason) and typed.get("warned", "") == signature(cautions)
    shown = shown_boxes(boxes, typed=typed, problems=problems, warnings=() if problems else cautions)
    return JudgedStatement(form, shown, tuple(puts), problems, tuple(cautions), reason, is_vouched_for)


def _not_fhir(resources: Sequence[dict[str, Any]], *, form: StatementForm) -> dict[str, str]:
    """What FHIR itself forbids, such as a period that ends before it starts (its rule per-1), by box."""
    found: dict[str, str] = {}
    for resource in resources:
        for problem in check(resource):
            element = problem.path.partition(".")[2]
            is_period = "per-1" in problem.sentence
            box = form.box_of(f"{element}.end" if is_period else element)
            found.setdefault(box, impossible("end_before_start", "") if is_period else problem.sentence)
    return found


def blank(form: StatementForm, *, context: Context, typed: Typed | None = None) -> JudgedStatement:
    """The form as it opens: nothing is said yet."""
    boxes = form.boxes(context)
    start = {box.name: box.start for box in boxes if box.start}
    local = timezone.localtime(context.now)
    for box in boxes:
        # Now is only a guess for what is new; a time that a record never said stays unsaid.
        if box.kind == "moment" and box.is_required and typed is None:
            start |= {f"{box.name}_date": f"{local:%Y-%m-%d}", f"{box.name}_time": f"{local:%H:%M}"}
    shown = shown_boxes(boxes, typed={**start, **(typed or {})}, problems={}, warnings=(), is_new=True)
    return JudgedStatement(form, shown, (), {}, (), "", is_vouched_for=False)


def searching(form: StatementForm, *, context: Context, typed: Typed) -> JudgedStatement:
    """The form with what a search for codes found, for a browser without scripts."""
    shown = shown_boxes(form.boxes(context), typed=typed, problems={}, warnings=())
    return JudgedStatement(form, shown, (), {}, (), "", is_vouched_for=False)


def impossible(kind: str, sentence: str) -> str:
    """What cannot be saved, in the reader's words."""
    match kind:
        case "future":
            return gettext("This lies in the future. Change the date.")
        case "before_birth":
            return gettext("This lies before the patient was born. Change the date.")
        case "after_death":
            return gettext("This lies after the patient died. Change the date.")
        case "end_before_start":
            return gettext("The end lies before the start. Change one of the two.")
    return said(sentence)


def already(record: PresentRecord, words: str) -> str:
    """ "Already recorded on 12-Jan-2026 by d.keller: Asthma." """
    day = date_format(timezone.localtime(record.recorded), "d-M-Y")
    return gettext("Already recorded on %(day)s by %(who)s: %(what)s.") % {"day": day, "who": record.by, "what": words}


def _softly(kind: str, sentence: str) -> str:
    if kind == "wrong_sex":
        return gettext("Only a patient of the other sex can have this. Is it the right code, and the right patient?")
    return said(sentence)


def shown_boxes(
    boxes: Sequence[Box],
    *,
    typed: Typed,
    problems: Mapping[str, str],
    warnings: Sequence[Caution],
    is_new: bool = False,
) -> tuple[ShownBox, ...]:
    shown = []
    first = next((b.name for b in boxes if b.name in problems), boxes[0].name if is_new and boxes else "")
    for box in boxes:
        text = typed.get(f"{box.name}_text", "")
        shown.append(
            ShownBox(
                box,
                typed=_as_printed(box, typed.get(box.name, "")),
                day=typed.get(f"{box.name}_date", ""),
                time=typed.get(f"{box.name}_time", ""),
                text=text,
                terms=_terms(box, typed=typed, is_new=is_new),
                problem=problems.get(box.name, ""),
                warnings=tuple(w.sentence for w in warnings if w.box == box.name),
                autofocus=box.name == first,
            )
        )
    return tuple(shown)


def _as_printed(box: Box, text: str) -> str:
    """What stands in a box for dates is written as the chart writes dates."""
    return (when_text(text) or text) if box.kind == "date" else text


def _terms(box: Box, *, typed: Typed, is_new: bool) -> list[Term]:
    """What stands beside a code box; a form that opens with a chosen code shows that one alone."""
    if box.kind != "code":
        return []
    chosen = typed.get(box.name, "")
    terms = terms_shown(typed.get(f"{box.name}_text", ""), chosen=chosen, of=box.of)
    return [term for term in terms if term.value == chosen] if is_new and chosen else terms


def terms_shown(text: str, *, chosen: str, of: str) -> list[Term]:
    """What the search found, with the chosen one among it."""
    terms = search_terms(text, of=of) if text.strip() else []
    if chosen and chosen != "text" and all(term.value != chosen for term in terms):
        kept = term_of(chosen, of=of)
        if kept is None:  # of a record that is corrected: a system that is not loaded here
            system, _bar, code = chosen.rpartition("|")
            kept = Term(system, code, text or code)
        terms = [kept, *terms]
    return terms
