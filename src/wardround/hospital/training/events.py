"""From a patient's standard facts to MEDS events: what learning reads, for a cohort and for the patient in the chart."""

import hashlib
import hmac
from collections.abc import Iterator
from typing import Literal, cast

import numpy as np

from wardround.clinical.catalogue import load_catalogue
from wardround.clinical.measurements import Coding
from wardround.hospital.records.queries import Facts, FactValue
from wardround.interchange.meds import Event, StandardFact, events_from
from wardround.web.home import Home

_KINDS = ("measurement", "condition", "procedure")


def subject_id(home: Home, *, study_hash: str, patient_id: str) -> int:
    """A patient's number in one study: a keyed 63-bit hash, so that two studies' or hospitals' numbers do not meet."""
    digest = hmac.new(home.key("index"), f"subject\0{study_hash}\0{patient_id}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def events_of(facts: Facts, *, subject: int) -> Iterator[Event]:
    """All events of one patient; held values are not among the facts."""
    stated = (_fact(value) for value in facts.values if value.fact in _KINDS)
    for event in events_from(stated, subject_id=subject, birth_year=facts.birth_year, gender=facts.gender or None):
        # MEDS tables hold 32-bit numbers; the patient in the chart must look to the model as those in training did.
        subject_id, time, code, number, text = event
        yield event if number is None else Event(subject_id, time, code, float(np.float32(number)), text)


def _fact(value: FactValue) -> StandardFact:
    kind = cast('Literal["measurement", "condition", "procedure"]', str(value.fact))
    if kind == "measurement":
        coding = load_catalogue().by_key(value.measurement).coding
        return StandardFact(time=value.time, coding=coding, kind=kind, value=value.value)
    return StandardFact(time=value.time, coding=Coding(value.system, value.code), kind=kind)
