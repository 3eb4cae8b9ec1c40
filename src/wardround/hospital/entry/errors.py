"""What an entry is refused for; each message says what would be right."""


class EntryError(Exception):
    """Something typed cannot be taken as it is."""


class TooMuchTyped(EntryError):
    """More text than a form keeps as a draft."""


class AlreadySaved(EntryError):
    """This very form, with what it says, is stored already."""


class SavedBefore(EntryError):
    """The same was saved a moment ago by the same person, or this form was saved with something else."""
