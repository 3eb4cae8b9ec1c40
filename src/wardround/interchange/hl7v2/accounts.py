"""Accounts of charges: PID-18 and MRG-3 as Account, after HL7's tables PID[Account] and MRG[Account]."""

from collections.abc import Iterator

from wardround.interchange.fhir.building import Key, Resource
from wardround.interchange.hl7v2 import demographics
from wardround.interchange.hl7v2.context import Context
from wardround.interchange.hl7v2.messages import Repetition


def accounts(context: Context) -> Iterator[Resource]:
    """The patient's account; and the one that became part of it (A41)."""
    own = account_key(context)
    if own is not None:
        yield _account(context, own, context.person.first(18), status="active")
    former = context.one("MRG")
    if former is not None and former.text(3):
        key = _key(context, former.text(3))
        if key != own:
            account = _account(context, key, former.first(3), status="unknown")
            yield account | ({"partOf": own.reference("Account")} if own else {})


def account_key(context: Context) -> Key | None:
    """What the account of PID-18 is known by."""
    number = context.person.text(18)
    return _key(context, number) if number else None


def _key(context: Context, number: str) -> Key:
    return context.record_key("account", number)


def _account(context: Context, key: Key, value: Repetition, *, status: str) -> Resource:
    return {
        "resourceType": "Account",
        "identifier": [
            key.identifier(),
            demographics.number(value, mapping=context.mapping, kind="AN", secondary=True),
        ],
        "status": status,
        "subject": [context.patient],
    }
