"""How every page of the hospital answers what the records refuse: 403 for a wrong role, 404 for what is not there."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from wardround.hospital.records.access import NotAllowed, NotThere

Answer = TypeVar("Answer", bound=HttpResponseBase)


def through_the_door(*not_there: type[Exception]) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """For a view. A patient that is not there and one that is not for this person look the same; `not_there` names what
    else may be missing."""

    missing: tuple[type[Exception], ...] = (NotThere, *not_there)

    def guarding(view: Callable[..., Answer]) -> Callable[..., Answer]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Answer:
            try:
                return view(request, *args, **kwargs)
            except NotAllowed as error:
                raise PermissionDenied from error
            except missing as error:
                raise Http404 from error

        return guarded

    return guarding
