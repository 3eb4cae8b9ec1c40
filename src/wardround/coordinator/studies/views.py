"""A member asks which studies it is to take part in. It proves by a signature who it is; a browser has no business here."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from wardround.coordinator.members.actions import note_that_it_asked
from wardround.coordinator.members.queries import member_of_identity
from wardround.coordinator.studies.actions import note_handed_out
from wardround.coordinator.studies.queries import publications_for
from wardround.federation.joining import LetterError, read_proof


@login_not_required
@require_GET
def studies(request: HttpRequest) -> HttpResponse:
    proof = request.headers.get("Authorization", "").removeprefix("Wardround ")
    try:
        identity = read_proof(proof, for_path=request.path, now=timezone.now())
    except LetterError as refusal:
        return JsonResponse({"refused": str(refusal)}, status=401)
    member = member_of_identity(identity)
    if member is None:
        return JsonResponse({"refused": "This key is not a member's."}, status=403)
    note_that_it_asked(member)
    note_handed_out(member.name)
    letters = [letter.decode() for letter in publications_for(member.name)]
    return JsonResponse({"publications": letters})
