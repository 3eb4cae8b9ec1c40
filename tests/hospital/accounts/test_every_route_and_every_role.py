"""Every route with every role, with somebody of another care team, and with nobody: who comes in is what `routes.py` says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client
from django.urls import URLPattern, get_resolver
from routes import EVERYBODY, ROUTES, Route

from wardround.hospital.care.actions import first_team, join_team, leave_team, make_team, take_patient
from wardround.web.accounts.models import User
from wardround.web.audit.actor import system_actor

BY = system_actor("tests")
INTERFACES = ("fhir/", "cds-services")  # these ask for tokens too and have tests of their own
OF_A_CHART = {"patient_id", "value_id", "finding_id"}  # behind a patient's door, where "not yours" is "not there"
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Place:
    """A route of the site, and what its address asks for."""

    name: str
    template: str

    @property
    def parameters(self) -> list[str]:
        return _PARAMETER.findall(self.template)

    def address(self, things: dict[str, object]) -> str:
        return "/" + _PARAMETER.sub(lambda found: str(things[found[1]]), self.template)


def places(patterns=None, prefix="") -> Iterator[Place]:
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        route = prefix + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from places(pattern.url_patterns, route)
        elif not route.startswith(INTERFACES):
            yield Place(pattern.name or route, route)


@pytest.fixture
def things(make_patient, make_observation) -> dict[str, object]:
    """What stands in addresses: a patient whom nobody put anywhere, and a held value and a finding of theirs."""
    from wardround.hospital.records.actions.resources import create_resource
    from wardround.hospital.records.models import ResourceFinding, StandardValue

    patient = make_patient()
    make_observation(patient, loinc="8480-6", value=1200, unit="mm[Hg]")
    create_resource(
        {
            "resourceType": "Condition",
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I10"}]},
            "subject": {"reference": f"Patient/{patient}"},
            "onsetDateTime": "1916-03-14",
        },
        by=BY,
    )
    note = create_resource(
        {
            "resourceType": "DocumentReference",
            "status": "current",
            "subject": {"reference": f"Patient/{patient}"},
            "content": [{"attachment": {"contentType": "text/plain", "data": "U2xlcHQgd2VsbC4="}}],
        },
        by=BY,
    )
    return {
        "patient_id": patient,
        "type_name": "DocumentReference",
        "logical_id": note.logical_id,
        "value_id": StandardValue.objects.get(is_held=True, is_record_held=False).pk,
        "finding_id": ResourceFinding.objects.filter(is_held=True).latest("pk").pk,
    }


def signed_in(role: str) -> Client:
    user = User.objects.create(username=f"of.{role}", role=role, password="!")
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def posted(client: Client, address: str, data: dict[str, str] | None = None):
    """Sent as a browser does, with the token of its form."""
    token = _get_new_csrf_string()
    client.cookies[settings.CSRF_COOKIE_NAME] = token
    return client.post(address, data or {}, headers={"X-CSRFToken": token})


def asks_to_log_in(response) -> bool:
    return response.status_code == 401 or (response.status_code == 302 and response.url.startswith("/login/"))


def known(things: dict[str, object]) -> Iterator[tuple[Place, Route, str]]:
    for place in places():
        route = ROUTES.get(place.name)
        if route is not None and not route.is_open:
            yield place, route, place.address({**things, **route.kwargs})


def test_every_route_has_its_line():
    """Whoever adds a route says in `routes.py` who may open it."""
    names = {place.name for place in places()}

    assert sorted(names - ROUTES.keys()) == []
    assert sorted(ROUTES.keys() - names) == []


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_a_role_comes_in_where_it_should_and_nowhere_else(things, role):
    client = signed_in(role)
    wrong = []
    for place, route, address in known(things):
        refused = 404 if OF_A_CHART.intersection(place.parameters) else 403
        for method, roles in (("GET", route.get), ("POST", route.post)):
            response = client.get(address, route.data) if method == "GET" else posted(client, address, route.data)
            status = response.status_code
            is_new = status >= 500 or asks_to_log_in(response)
            if roles is None:
                is_new |= status not in {405, 403, 404}
            elif role not in roles:
                is_new |= status != refused
            else:  # what is asked for by a number that nobody has is not there, and that is said
                is_new |= status == 403 or (status == 404 and not (route.kwargs or route.data))
            if is_new:
                wrong.append(f"{method} {place.name}: {status}")

    assert wrong == []


def test_nobody_comes_in_anywhere(things):
    client = Client(enforce_csrf_checks=True)
    wrong = [
        f"{place.name}: {response.status_code}"
        for place, _route, address in known(things)
        for response in (client.get(address), posted(client, address))
        if not asks_to_log_in(response)
    ]

    assert wrong == []


@pytest.mark.parametrize("role", ["nurse", "doctor"])
def test_on_every_route_of_a_patient_anothers_patient_is_not_there(things, role):
    client = signed_in(role)
    cardiology = make_team("Cardiology", by=BY)
    join_team(cardiology, f"of.{role}", by=BY)
    leave_team(first_team(), f"of.{role}", by=BY)
    wrong = []
    for place in places():
        if "patient_id" not in place.parameters:
            continue
        # What else stands in an address need not exist: the patient's door comes first.
        address = place.address({name: things.get(name, "1") for name in place.parameters})
        answers = [client.get(address).status_code, posted(client, address).status_code]
        if not set(answers) <= {404, 405} or answers == [405, 405]:
            wrong.append(f"{place.name}: {answers}")

    assert wrong == []
    take_patient(cardiology, str(things["patient_id"]), by=BY)
    assert client.get(f"/patients/{things['patient_id']}/").status_code == 200


def test_a_form_without_its_token_is_refused(things):
    client = signed_in("doctor")
    wrong = [
        f"{place.name}: {status}"
        for place, route, address in known(things)
        if route.post is not None
        for status in [client.post(address).status_code]
        if status != 403
    ]

    assert wrong == []
