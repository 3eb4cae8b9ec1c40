"""The facts of a model as a page and as a file. Views translate HTTP and nothing else."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from wardround.hospital.diagnosis.model_facts import as_document, model_facts
from wardround.hospital.doors import through_the_door
from wardround.hospital.training.queries import NotKnownError


@require_safe
@through_the_door(NotKnownError)
def facts(request: HttpRequest, sha256: str) -> HttpResponse:
    """One model: what it is for and not for, how good it is here, and what is not known of it."""
    return render(request, "diagnosis/model_facts.html", {"page": model_facts(request.user, sha256)})


@require_safe
@through_the_door(NotKnownError)
def facts_file(request: HttpRequest, sha256: str) -> HttpResponse:
    """The same as JSON."""
    answer = JsonResponse(as_document(model_facts(request.user, sha256)), json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="model-facts-{sha256[:12]}.json"'
    return answer
