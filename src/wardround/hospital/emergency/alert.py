"""For every template: how many emergency accesses wait for whoever has to review them."""

from collections.abc import Mapping

from django.http import HttpRequest

from wardround.hospital.emergency.queries import waiting


def alert(request: HttpRequest) -> Mapping[str, int]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"emergencies_waiting": waiting(user)}
