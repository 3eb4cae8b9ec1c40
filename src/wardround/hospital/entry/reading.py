"""What was typed into the boxes of a form, read one by one; what cannot be read is said at its box."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from wardround.clinical.errors import UnreadableNumber
from wardround.clinical.numbers import read_quantity
from wardround.hospital.entry.boxes import Box
from wardround.hospital.entry.terms import term_of
from wardround.hospital.entry.typed import decimal_sign
from wardround.interchange.fhir.json import Number
from wardround.web.layout.dates import fhir_date

NOT_CODED = "text"  # what a form sends for words that stay words


class Reading:
    """The boxes of one form as they were typed. `problems`: what is wrong, by box.

    `stands`: what a record that is corrected holds in them; a code that it has need not be known here.
    """

    def __init__(
        self, typed: Mapping[str, str], *, boxes: Sequence[Box], stands: Mapping[str, str] | None = None
    ) -> None:
        self._typed = typed
        self._stands = stands or {}
        self._boxes = {box.name: box for box in boxes}
        self.problems: dict[str, str] = {}

    def line(self, name: str, *, missing: str = "") -> str:
        """A text; `missing` is said when there is none."""
        text = self._typed.get(name, "").strip()
        box = self._boxes.get(name)
        # What the source never said need not be said to correct something else.
        is_as_it_stands = name in self._stands and not self._stands[name]
        if not text and missing and not is_as_it_stands:
            self.refuse(name, missing)
        if box is not None and len(text) > box.most:
            self.refuse(name, gettext("This is longer than %(most)s letters; shorten it.") % {"most": box.most})
        return text

    def choice(self, name: str, *, missing: str = "") -> str:
        """One of the values that the box offers."""
        value = self.line(name, missing=missing)
        if value and value not in {offered for offered, _words in self._boxes[name].choices}:
            self.refuse(name, gettext("Choose one of those that are offered."))
            return ""
        return value

    def date(self, name: str, *, missing: str = "") -> str:
        """A day, a month or a year, as FHIR writes it; what people write: 2011, 03-2011, 14-03-2011, 14-Mar-2011."""
        text = self.line(name, missing=missing)
        if not text:
            return ""
        found = fhir_date(text)
        if not found:
            self.refuse(name, gettext("This is not a date. Write 2011, 03-2011 or 14-Mar-2011."))
        return found

    def moment(self, name: str, *, missing: str = "") -> str:
        """A day and a time, as an instant of the site's zone; a day alone stays a day."""
        day, clock = self._typed.get(f"{name}_date", "").strip(), self._typed.get(f"{name}_time", "").strip()
        if not day:
            if missing or clock:
                self.refuse(name, missing or gettext("Give the day too."))
            return ""
        try:
            known = date.fromisoformat(fhir_date(day))
            if not clock:
                return known.isoformat()
            local = datetime.fromisoformat(f"{known}T{clock[:5]}")
        except ValueError:
            self.refuse(name, gettext("This is not a day and a time. Write 14-Mar-2026 and 08:30."))
            return ""
        return timezone.make_aware(local).isoformat(timespec="seconds")

    def number(self, name: str, *, text: str = "") -> Number | None:
        """A number with the decimal sign of the form's language, every digit kept. `text`: the part of the box that is one."""
        text = text or self.line(name)
        if not text:
            return None
        try:
            number, unit = read_quantity(text, decimal=decimal_sign())
        except UnreadableNumber:
            number, unit = None, ""
        if number is None or unit or number <= 0:
            self.refuse(name, gettext("This is not a number. Write digits only, for example 500 or 2.5."))
            return None
        return Number(f"{number:f}")

    def concept(self, name: str, *, missing: str, is_free: bool = False) -> dict[str, Any]:
        """What was chosen from the list of codes, or words. `is_free`: words need not be chosen to be kept as words."""
        text, value = self.line(f"{name}_text"), self._typed.get(name, "")
        if value and value != NOT_CODED:
            if value == self._stands.get(name):
                system, _bar, code = value.rpartition("|")
                return {"coding": [{"system": system, "code": code}]}
            term = term_of(value, of=self._boxes[name].of)
            if term is not None:
                return term.concept()
            self.refuse(name, gettext("This code is not known here. Search again, or keep your words without a code."))
            return {}
        if not text:
            self.refuse(name, missing)
            return {}
        if not value and not is_free:
            self.refuse(name, gettext("Choose a code from the list, or “Not coded” to keep your words."))
        return {"text": text[:200]}

    def stood(self, name: str) -> str | None:
        """What the record that is corrected holds in this box; None where it is no box of it, or a record is new."""
        return self._stands.get(name)

    def is_changed(self, *names: str) -> bool:
        """Was anything typed into one of these boxes that the record which is corrected does not hold already?"""
        parts = [f"{name}{part}" for name in names for part in ("", "_date", "_time")]
        return any(self._as_typed(part) != self._stands.get(part, "") for part in parts)

    def _as_typed(self, part: str) -> str:
        text = self._typed.get(part, "").strip()
        box = self._boxes.get(part)
        if box is not None and box.kind == "date":
            return fhir_date(text) or text
        return text[:5] if part.endswith("_time") else text  # some browsers add the seconds

    def refuse(self, name: str, sentence: str) -> None:
        """This box cannot be taken; the first reason is the one that is said."""
        self.problems.setdefault(name, sentence)
