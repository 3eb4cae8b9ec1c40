"""How a page answers what the federation's actions refuse: their sentence, above the page it was asked from."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from wardround.federation.errors import FederationError
from wardround.federation.joining import LARGEST
from wardround.hospital.training.actions import ApprovalError
from wardround.hospital.training.joining import JoiningError
from wardround.hospital.training.post import PostError
from wardround.hospital.training.switching import SwitchingError
from wardround.web.layout.said import said
from wardround.web.sealed_file import SealedFileError

REFUSALS = (FederationError, ApprovalError, JoiningError, PostError, SwitchingError, SealedFileError)
View = Callable[..., HttpResponse]


def says_why_not(back_to: str, *, with_study: bool = False) -> Callable[[View], View]:
    """For a view that changes something: a refusal is said on the page `back_to`."""

    def guarding(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except REFUSALS as error:
                messages.error(request, said(error))
                return redirect(back_to, *(kwargs.values() if with_study else ()))

        return guarded

    return guarding


def letter_of(request: HttpRequest) -> bytes:
    """The letter that a form brought, as a file or as pasted text; one byte more than a letter can have at most."""
    file = request.FILES.get("file")
    if isinstance(file, UploadedFile):
        data: bytes = file.read(LARGEST + 1)
        return data
    return request.POST.get("letter", "").encode()[: LARGEST + 1]
