"""Drafts: what somebody typed into a form, kept encrypted until it is saved, discarded or a week old.

One per person and form. The door is asked when a draft is begun and by the page that shows it again; what is added to
one's own draft in between opens nothing, so a quiet typist leaves one line in the audit trail and not one per second.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import orjson
from django.db import transaction
from django.utils import timezone

from wardround.hospital.entry.errors import TooMuchTyped
from wardround.hospital.entry.models import Draft, SavedForm
from wardround.hospital.records.access import actor_of, patient_for, require
from wardround.hospital.records.keyring import BrokenSeal, Keyring
from wardround.web.accounts.models import User
from wardround.web.audit.actor import system_actor
from wardround.web.audit.trail import Entry, record, record_one

KEPT_FOR = timedelta(days=7)
_MOST_BYTES = 200_000
# What every form carries for the server's sake and nobody typed.
_NOT_TYPED = frozenset(
    {"csrfmiddlewaretoken", "form_token", "again", "next", "use", "add", "remove", "panel", "find", "save"}
)
# What stands in a form before anybody types: the time, and the units. Alone it is no draft.
_BEFOREHAND = ("measured_", "unit-", "shown")

Typed = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class RestoredDraft:
    """What was typed, by the name of the field, and when it was last kept."""

    typed: dict[str, list[str]]
    saved: datetime
    key: str


def key_of(form: str, patient_id: str = "") -> str:
    """The key of the draft of this form about this patient: "vital-signs:<id>", "new-patient:"."""
    return f"{form}:{patient_id}"


def key_of_correction(type_name: str, logical_id: str, *, patient_id: str) -> str:
    """The same of the correction of one record; short, since ids may be long."""
    return key_of(f"correct-{sha256(f'{type_name}/{logical_id}'.encode()).hexdigest()[:16]}", patient_id)


def keep(user: User, key: str, *, typed: Typed) -> datetime | None:
    """Keep what was typed instead of what was kept before; when. None where there is nothing to keep: nothing typed, or
    all of it saved since.

    Raises `NotThere`, `NotAllowed`, and `TooMuchTyped`.
    """
    token = next(iter(typed.get("form_token", ())), "")
    if token and SavedForm.objects.filter(user=user, token=token).exists():
        return None  # it was saved while this was under way
    said = {name: list(values) for name, values in typed.items() if name not in _NOT_TYPED and any(values)}
    if all(name.startswith(_BEFOREHAND) for name in said):
        forget(user, key)
        return None
    text = orjson.dumps(said)
    if len(text) > _MOST_BYTES:
        raise TooMuchTyped(
            "This is more than a draft keeps; save what you have, and write the rest in a form of its own."
        )
    draft = Draft.objects.filter(user=user, key=key).first()
    patient_id = _pass_the_door(user, key) if draft is None else draft.patient_id
    with transaction.atomic():
        keyring = Keyring()
        data_key = keyring.keys_for([patient_id])[patient_id]
        now = timezone.now()
        sealed = keyring.seal(text, key=data_key, place=_place(user, key))
        changed = {"patient_id": patient_id, "data_key": data_key, "sealed": sealed, "saved": now}
        _draft, is_new = Draft.objects.update_or_create(user=user, key=key, defaults=changed)
        if is_new:
            record_one(actor_of(user), "draft.begin", patient_id=patient_id, what=_form(key))
    return now


def restored(user: User, key: str) -> RestoredDraft | None:
    """The draft that this form opens with. The page has passed the door to the patient before it asks."""
    draft = Draft.objects.select_related("data_key").filter(user=user, key=key).first()
    if draft is None or draft.saved < timezone.now() - KEPT_FOR:
        return None
    try:
        text = Keyring().open(draft.sealed, key=draft.data_key, place=_place(user, key))
    except BrokenSeal:
        return None  # a draft is a help; one that was tampered with must not keep the form from opening
    typed = orjson.loads(text)
    return RestoredDraft(typed=typed, saved=draft.saved, key=key) if typed else None


def forget(user: User, key: str, *, is_saved: bool = False) -> None:
    """Delete the draft, because its form was saved or because the person discards it."""
    with transaction.atomic():
        draft = Draft.objects.filter(user=user, key=key).first()
        if draft is None:
            return
        draft.delete()
        if not is_saved:  # the save has its own lines in the audit trail
            record_one(actor_of(user), "draft.discard", patient_id=draft.patient_id, what=_form(key))


def sweep() -> int:
    """Delete drafts that are older than a week; how many."""
    with transaction.atomic():
        old = list(Draft.objects.filter(saved__lt=timezone.now() - KEPT_FOR))
        Draft.objects.filter(pk__in=[draft.pk for draft in old]).delete()
        entries = [
            Entry(
                action="draft.expire",
                patient_id=draft.patient_id,
                what=_form(draft.key),
                detail={"user": draft.user_id},
            )
            for draft in old
        ]
        record(system_actor("worker"), entries=entries)
    return len(old)


def _pass_the_door(user: User, key: str) -> str:
    """Whose chart the form writes into: "" for somebody who is no patient yet."""
    patient_id = key.partition(":")[2]
    if not patient_id:
        require(user, "write")
        return ""
    return patient_for(user, patient_id, to="write").id


def _form(key: str) -> str:
    return key.partition(":")[0]


def _place(user: User, key: str) -> str:
    return f"entry_draft|{user.pk}|{key}"
