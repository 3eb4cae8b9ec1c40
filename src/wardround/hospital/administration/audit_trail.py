"""The audit trail as the hospital's reviewers read it. Reading it is an event of the trail as well."""

from collections.abc import Iterator

from wardround.hospital.records.by_number import patients_by_number
from wardround.hospital.roles import require
from wardround.web.audit.export import Form, export
from wardround.web.audit.queries import AuditQuestion, events
from wardround.web.audit.sealing import seal_pending
from wardround.web.audit.trail import record_one
from wardround.web.audit.verification import Verdict, verify
from wardround.web.paging import PAGE, Page, page_of


def trail_page(somebody: object, question: AuditQuestion, *, start: int) -> Page:
    """Fifty of the events that fit, newest first. Raises `NotAllowed`."""
    actor = require(somebody, "audit")
    found = events(question)
    total = found.count()
    start = min(start, max(total - 1, 0)) // PAGE * PAGE
    page = page_of(list(found[start : start + PAGE]), start=start, total=total)
    # Whose trail was read is told of the patient too: "who opened this record" includes who asked that.
    record_one(
        actor, "audit.read", patient_id=question.patient_id, detail={**question.facts(), "shown": len(page.rows)}
    )
    return page


def patient_with_number(somebody: object, number: str) -> str | None:
    """The id of the one patient who has this number; None where nobody or several have it. Raises `NotAllowed`."""
    actor = require(somebody, "audit")
    found = list(patients_by_number(number))
    if len(found) != 1:
        record_one(actor, "audit.patient", outcome="refused")
        return None
    return found[0]


def exported(somebody: object, question: AuditQuestion, *, form: Form) -> Iterator[str]:
    """Raises `NotAllowed`."""
    return export(question, form=form, by=require(somebody, "audit"))


def checked(somebody: object) -> Verdict:
    """Seal what waits and check every event, the chain and every signed head. Raises `NotAllowed`."""
    actor = require(somebody, "audit")
    seal_pending()
    verdict = verify()
    record_one(actor, "audit.check", detail={"events": verdict.events, "problems": len(verdict.problems)})
    return verdict
