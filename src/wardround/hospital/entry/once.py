"""A form is saved once: not twice by a double click, nor again by the back button.

Every form carries a token. The same token with the same content is already stored; the same content from another form a
moment later, or the same form with other content, is asked about before it is stored.
"""

import secrets
from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from wardround.hospital.entry.errors import AlreadySaved, SavedBefore
from wardround.hospital.entry.models import SavedForm
from wardround.hospital.records.blind_index import BlindIndex
from wardround.web.accounts.models import User
from wardround.web.audit.trail import must_be_in_transaction

_A_MOMENT = timedelta(minutes=10)
_KEPT_FOR = timedelta(days=7)


def new_token() -> str:
    """For a form that is opened."""
    return secrets.token_urlsafe(24)


def claim(user: User, *, token: str, content: bytes, is_meant: bool = False) -> None:
    """Note that this form is saved now, in the transaction that saves it and before anything else in it.

    `content`: what is to be stored, without the token. `is_meant`: the person was asked, and means to store it again.
    Raises `AlreadySaved` when it is stored, `SavedBefore` when the person should be asked first.
    """
    must_be_in_transaction()
    digest = BlindIndex().digest_of_bytes(f"saved form|{user.pk}", content)
    before = SavedForm.objects.filter(user=user, token=token).first()
    if before is not None and bytes(before.content) == digest:
        raise AlreadySaved(gettext("This was saved at %(time)s already; it is stored once.") % _at(before))
    if before is not None:
        raise SavedBefore(
            gettext(
                "This form was saved at %(time)s with other values. Save again only what is new; "
                "what is wrong in the chart is put right there, with Correct."
            )
            % _at(before)
        )
    now = timezone.now()
    again = SavedForm.objects.filter(user=user, content=digest, saved__gte=now - _A_MOMENT).order_by("-saved").first()
    if again is not None and not is_meant:
        raise SavedBefore(
            gettext("You saved the same at %(time)s. If it is to be stored a second time, save again.") % _at(again)
        )
    SavedForm.objects.create(user=user, token=token[:64] or new_token(), content=digest, saved=now)


def sweep() -> None:
    """Forget the tokens of forms that nobody has open any more."""
    SavedForm.objects.filter(saved__lt=timezone.now() - _KEPT_FOR).delete()


def _at(form: SavedForm) -> dict[str, str]:
    return {"time": date_format(timezone.localtime(form.saved), "H:i")}
