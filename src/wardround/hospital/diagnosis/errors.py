"""Why a verdict is not taken; the sentences are for whoever gave it."""


class VerdictError(Exception):
    """A verdict is refused, and nothing was stored."""


class NoSuchEstimate(VerdictError):
    """The model is not in use any more, or gives this patient no estimate."""


class ReasonMissing(VerdictError):
    """To disagree needs a reason."""


class InputsChanged(VerdictError):
    """The estimate that was judged is not the present one."""


class NothingToTakeBack(VerdictError):
    """The person has given no verdict, or took it back already."""
