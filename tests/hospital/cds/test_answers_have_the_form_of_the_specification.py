"""CDS Hooks 2.0 (cds-hooks.hl7.org/2.0): what we answer has the fields, types and values that its tables name."""

import re
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.django_db

SERVICE = "/cds-services/heart"
# "Prefetch query restrictions": instance reads, and type searches with references and tokens by equality.
READ = re.compile(r"[A-Z][A-Za-z]+/\{\{context\.patientId\}\}")
SEARCH = re.compile(r"[A-Z][A-Za-z]+\?patient=\{\{context\.patientId\}\}&code=[^&{}]+")


@pytest.fixture(autouse=True)
def known(heart, register):
    """The model is in use, and the other record is registered."""
    register()


@pytest.fixture
def service(client, token) -> dict:
    response = client.get("/cds-services", headers={"Authorization": f"Bearer {token('/cds-services')}"})
    assert response["Content-Type"] == "application/json"
    [found] = response.json()["services"]
    return found


@pytest.fixture(params=["estimated", "held"])
def card(request, call, request_of, prefetch) -> dict:
    """A card with an estimate, and one that says why there is none."""
    sent = prefetch(pressure=16 if request.param == "held" else 160)
    if request.param == "held":
        sent["observations"]["entry"] = sent["observations"]["entry"][:1]
    answer = call(SERVICE, request_of(sent)).json()
    assert answer.keys() == {"cards"}
    [found] = answer["cards"]
    return found


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    yield path, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from leaves(part, f"{path}.{key}")


def is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def is_coding(value: dict) -> bool:
    return value.keys() <= {"system", "code", "display"} and is_text(value["system"]) and is_text(value["code"])


def test_nothing_is_null_or_empty(service, card):
    assert [path for path, value in leaves([service, card]) if value is None or value in ("", [], {})] == []


def test_a_service_is_described_by_the_attributes_of_discovery(service):
    assert service.keys() == {"hook", "id", "title", "description", "usageRequirements", "prefetch"}
    assert all(is_text(service[name]) for name in service.keys() - {"prefetch"})
    assert service["hook"] == "patient-view"
    assert "All prefetch keys are needed" in service["usageRequirements"]
    assert "Not for: " in service["usageRequirements"]


def test_a_prefetch_template_asks_only_for_what_every_client_should_know(service):
    for template in service["prefetch"].values():
        assert READ.fullmatch(template) or SEARCH.fullmatch(template), template


def test_a_card_has_the_attributes_of_a_card(card):
    assert card.keys() <= {
        "uuid", "summary", "detail", "indicator", "source", "suggestions", "selectionBehavior", "overrideReasons", "links",
    }  # fmt: skip
    assert str(uuid.UUID(card["uuid"])) == card["uuid"]
    assert is_text(card["summary"])
    assert len(card["summary"]) < 140
    assert ". " not in card["summary"]  # one sentence
    assert card["indicator"] in {"info", "warning", "critical"}
    assert card["source"].keys() <= {"label", "url", "icon", "topic"}
    assert is_text(card["source"]["label"])
    assert urlsplit(card["source"]["url"]).netloc
    assert is_coding(card["source"]["topic"])


def test_suggestions_come_with_a_selection_behaviour_and_whole_actions(card):
    assert ("suggestions" in card) == ("selectionBehavior" in card)
    assert card.get("selectionBehavior", "any") in {"at-most-one", "any"}
    for suggestion in card.get("suggestions", ()):
        assert suggestion.keys() <= {"label", "uuid", "isRecommended", "actions"}
        assert is_text(suggestion["label"])
        assert uuid.UUID(suggestion["uuid"])
        for action in suggestion["actions"]:
            assert action.keys() == {"type", "description", "resource"}
            assert action["type"] == "create"
            assert is_text(action["description"])
            assert "id" not in action["resource"]  # the record that creates it names it


def test_a_reason_to_override_is_a_coding_that_people_can_read(card):
    for reason in card.get("overrideReasons", ()):
        assert is_coding(reason)
        assert is_text(reason["display"])


def test_a_link_is_absolute_and_carries_no_app_context(card):
    for link in card["links"]:
        assert link.keys() == {"label", "url", "type"}
        assert is_text(link["label"])
        assert link["type"] == "absolute"
        assert urlsplit(link["url"]).scheme
