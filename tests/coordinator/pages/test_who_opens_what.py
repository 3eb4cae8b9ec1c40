"""Every route of the coordinator with every role, a role of a hospital, and nobody: one table says who comes in.

The routes are taken from the site itself, so that a new one without a line here fails.
"""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from wardround.coordinator.models.actions import register_model
from wardround.coordinator.models.vault import keep_model
from wardround.coordinator.runs.models import Run, Standing
from wardround.web.accounts.models import Role
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

WATCH = frozenset({"operator", "auditor", "administrator"})
OPERATE, AUDIT, PEOPLE = frozenset({"operator"}), frozenset({"auditor", "administrator"}), frozenset({"administrator"})
ROLES = [*(str(role) for role in Role)]

# name of the route: (method, who comes in). What comes in may still be told why not (422, or a redirect with a message).
PAGES = {
    "home": ("get", WATCH),
    "runs": ("get", WATCH),
    "run": ("get", WATCH),
    "run-stream": ("get", WATCH),
    "run-order": ("post", OPERATE),
    "run-report": ("get", WATCH),
    "studies": ("get", WATCH),
    "study": ("get", WATCH),
    "publish-study": ("get", OPERATE),
    "start-run": ("post", OPERATE),
    "study-document": ("get", WATCH),
    "members": ("get", WATCH),
    "member": ("get", WATCH),
    "invite-member": ("get", OPERATE),
    "take-request": ("post", OPERATE),
    "invitation": ("get", OPERATE),
    "admission-letter": ("get", OPERATE),
    "admit-member": ("post", OPERATE),
    "revoke-member": ("post", OPERATE),
    "models": ("get", WATCH),
    "model-facts": ("get", WATCH),
    "model-facts-file": ("get", WATCH),
    "audit": ("get", AUDIT),
    "audit-export": ("post", AUDIT),
    "audit-verify": ("post", AUDIT),
    "people": ("get", PEOPLE),
    "add-person": ("post", PEOPLE),
    "person": ("get", PEOPLE),
    "change-person": ("post", PEOPLE),
}
# For hospitals, which prove by a signature who they are, for a supervisor, and for everybody who has an account.
NOT_BY_ROLE = {
    "join",
    "admission",
    "published-studies",
    "healthz",
    "login",
    "logout",
    "session",
    "own-password",
    "components",
}


def routes(resolver=None, prefix: str = "/") -> dict[str, str]:
    found = {}
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            found |= routes(entry, path)
        elif isinstance(entry, URLPattern):
            found[entry.name or path] = path
    return found


@pytest.fixture
def address(run_id, board, settings):
    """address("run"): the route with ids that exist."""
    run = Run.objects.get(pk=run_id)
    keep_model(settings.HOME, run_id=run_id, artifact=b"a model of the tests")
    from django.db import transaction

    with transaction.atomic():
        model = register_model(run, rounds=3)
    ids = {"<str:run_id>": run_id, "<str:hash_>": run.study.hash, "<slug:name>": "budapest",
           "<str:sha256>": model.sha256, "<str:username>": "somebody"}  # fmt: skip

    def of(name: str) -> str:
        path = routes()[name]
        for place, value in ids.items():
            path = path.replace(place, value)
        return path

    return of


@pytest.fixture
def asked(address, person, client):
    from wardround.web.accounts.models import User

    User.objects.create(username="somebody", role="auditor")

    def ask(name: str, role: str):
        method, _ = PAGES[name]
        if role:
            client.force_login(person(role), backend="django.contrib.auth.backends.ModelBackend")
        return getattr(client, method)(address(name))

    return ask


def test_every_route_of_the_site_stands_in_the_table():
    assert set(routes()) == set(PAGES) | NOT_BY_ROLE


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", PAGES)
def test_a_role_comes_in_where_the_table_says_so_and_nowhere_else(name, role, asked):
    answer = asked(name, role)

    if role in PAGES[name][1]:
        # The one who was invited by a test has no letter (404), and a form without its fields is answered (400, 422).
        assert answer.status_code in {200, 302, 400, 404, 422}
        assert not AuditEvent.objects.filter(action="access", outcome="refused").exists()
    else:
        assert answer.status_code == 403
        assert AuditEvent.objects.filter(actor_name=f"{role}.1", action="access", outcome="refused").exists()


@pytest.mark.parametrize("name", PAGES)
def test_nobody_is_sent_to_the_log_in(name, asked):
    answer = asked(name, "")

    assert answer.status_code == 302
    assert answer.url.startswith("/login/")


def test_what_changes_something_takes_no_get_and_needs_its_token(address, person, client):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person("operator"), backend="django.contrib.auth.backends.ModelBackend")
    for name, (method, _) in PAGES.items():
        if method == "post":
            assert strict.get(address(name)).status_code in {403, 405}
            assert strict.post(address(name)).status_code == 403
    assert Run.objects.get().standing == Standing.RUNNING
