"""What can go wrong with an emergency access; every message is a sentence and says nothing of who is here."""

from django.utils.translation import gettext_lazy as _


class EmergencyError(Exception):
    """The chart is not opened, or nothing is reviewed; the message says what would be right."""


NOT_FOUND = _(
    "There is no such patient. Check the hospital number and the birth date, both exactly as they are recorded."
)
