"""All findings on one record in its patient's chart."""

from collections.abc import Sequence
from datetime import datetime

from wardround.clinical.dates import date_findings
from wardround.clinical.findings import RecordFinding
from wardround.clinical.records import Moment, Person, Record
from wardround.clinical.sentences import template
from wardround.clinical.states import required_findings, state_findings

_OF_THE_OTHER_SEX = template(
    "Only a %(sex)s patient can have this, and the patient is recorded as %(recorded)s; "
    "the code, the sex or the patient is wrong."
)

NOBODY = Person()


def record_findings(
    record: Record, *, person: Person = NOBODY, now: datetime, visit: Sequence[Moment] = ()
) -> list[RecordFinding]:
    """What is odd about this record of this person, the findings that hold it first."""
    found = date_findings(record, person=person, now=now, visit=visit)
    found += sex_findings(record, person=person)
    found += state_findings(record, person=person, now=now)
    found += required_findings(record)
    return sorted(found, key=lambda finding: not finding.held) if len(found) > 1 else found


def sex_findings(record: Record, *, person: Person) -> list[RecordFinding]:
    """A disease or procedure of the other sex. Somebody whose sex is other, unknown or said in two ways can have any."""
    if record.sex is None or person.sex is None or record.sex == person.sex:
        return []
    sentence = _OF_THE_OTHER_SEX.say(sex=record.sex, recorded=person.sex)
    return [RecordFinding("wrong_sex", f"{record.type}.code", sentence, held=True, about_person=True)]
