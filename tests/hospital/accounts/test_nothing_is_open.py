"""Every address of the site asks who comes, except those that must not."""

import pytest
from django.urls import URLPattern, get_resolver

OPEN = {"login", "logout", "fhir-metadata", "fhir-openapi", "healthz"}
SAMPLES = {"int": "1", "str": "x", "slug": "x", "path": "x", "uuid": "00000000-0000-0000-0000-000000000000"}
OF_PATTERNS = {
    "fhir-type": "fhir/R4/Patient",
    "fhir-type-search": "fhir/R4/Patient/_search",
    "fhir-type-history": "fhir/R4/Patient/_history",
    "fhir-patient-id-type": "fhir/R4/Patient/x/Observation",
    "fhir-patient-id-type-search": "fhir/R4/Patient/x/Observation/_search",
    "fhir-type-id": "fhir/R4/Patient/x",
    "fhir-type-id-history": "fhir/R4/Patient/x/_history",
    "fhir-type-id-history-vid": "fhir/R4/Patient/x/_history/1",
    "fhir-system": "fhir/R4/",
    "fhir-search": "fhir/R4/_search",
    "fhir-history": "fhir/R4/_history",
    "fhir-nowhere": "fhir/R4/any/where/else",
}


def addresses(patterns=None, prefix=""):
    """(name, address) of every route, with something in the place of each parameter."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        own = pattern.pattern
        route = str(own)
        for name, converter in own.converters.items():
            kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
            route = route.replace(f"<{kind}:{name}>", SAMPLES[kind]).replace(f"<{name}>", SAMPLES[kind])
        if isinstance(pattern, URLPattern):
            yield pattern.name, OF_PATTERNS.get(pattern.name, prefix + route)
        else:
            yield from addresses(pattern.url_patterns, prefix + route)


@pytest.mark.django_db
def test_who_is_signed_out_sees_no_page_but_the_log_in(client):
    routes = list(addresses())
    assert {"login", "fhir-type", "fhir-type-id"} <= {name for name, _address in routes}

    let_in = [
        address
        for name, address in routes
        for response in [client.get(f"/{address}")]
        if name not in OPEN
        and response.status_code not in (401, 405)  # 405: what takes only POST says so to everybody
        and not (response.status_code == 302 and response.url.startswith("/login/"))
    ]

    assert let_in == []


@pytest.mark.parametrize(
    "address",
    ["/patients/%00/", "/administration/audit/?person=%00", "/login/?next=%00", "/fhir/R4/Patient?_id=%00"],
)
def test_a_zero_character_in_an_address_is_not_read(client, stranger, address):
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(address).status_code == 400


def test_a_zero_character_in_a_form_is_not_read(client, stranger):
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    typed = "username=n.toth%00&role=nurse"

    answer = client.post("/administration/people/", typed, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 400
