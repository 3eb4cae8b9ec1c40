"""Documents of HL7 v2 (MDM) become DocumentReferences with their content."""

import base64

import pytest


def txa(**fields):
    """A TXA of document D1 with further fields by number."""
    basis = {1: "1", 2: "DS^Discharge summary", 6: "20260203120000", 9: "17^House^Gregory", 12: "D1^MEDSOL", 17: "AU"}
    numbered = basis | {int(name[1:]): value for name, value in fields.items()}
    return "|".join(["TXA", *(numbered.get(number, "") for number in range(1, max(numbered) + 1))])


def text_of(content):
    return base64.b64decode(content["attachment"]["data"]).decode()


def test_lines_under_one_heading_are_one_text(only_one):
    document = only_one(
        "DocumentReference",
        "MDM^T02",
        txa(),
        "OBX|1|TX|HIST^History^L||Chest pain,||||||F",
        "OBX|2|TX|HIST^History^L||for\\.br\\two days.~No fever.||||||F",
        "OBX|3|TX|PLAN^Plan^L||Rest.||||||F",
    )

    history, plan = document["content"]
    assert text_of(history) == "Chest pain,\nfor\ntwo days.\nNo fever."
    assert (history["attachment"]["title"], text_of(plan)) == ("History", "Rest.")
    assert history["attachment"]["contentType"].startswith("text/plain")


def test_a_document_says_what_it_is_whose_and_when(only_one):
    document = only_one(
        "DocumentReference", "MDM^T02", txa(_4="20260203", _18="R", _25="Summary"), "OBX|1|TX|X^X^L||x||||||F"
    )

    assert (document["status"], document["docStatus"]) == ("current", "final")
    assert document["type"]["coding"] == [
        {"system": "http://terminology.hl7.org/CodeSystem/v2-0270", "code": "DS", "display": "Discharge summary"}
    ]
    assert document["date"] == "2026-02-03T12:00:00+01:00"
    assert document["masterIdentifier"] == {"system": "urn:wardround:local:small:document:MEDSOL", "value": "D1"}
    assert document["author"][0]["display"] == "Gregory House"
    assert document["securityLabel"][0]["coding"][0]["code"] == "R"
    assert document["description"] == "Summary"
    assert document["context"]["period"] == {"start": "2026-02-03"}


@pytest.mark.parametrize(
    ("value", "content_type", "data"),
    [
        ("^application^pdf^Base64^JVBERg==", "application/pdf", b"%PDF"),
        ("^IM^JPEG^Base64^JVBERg==", "image/jpeg", b"%PDF"),
        ("^NS^Octet-stream^Base64^JVBERg==", "application/octet-stream", b"%PDF"),
        ("^TEXT^HTML^A^<b>x</b>", "text/html", b"<b>x</b>"),
        ("^AP^RTF^Hex^7B5C", "application/rtf", b"{\\"),
        ("^^^Base64^JVBERg==", "application/octet-stream", b"%PDF"),
    ],
)
def test_an_encapsulated_file_is_kept_with_its_type(only_one, value, content_type, data):
    document = only_one("DocumentReference", "MDM^T02", txa(), f"OBX|1|ED|X^Scan^L||{value}||||||F")

    (content,) = document["content"]
    assert content["attachment"]["contentType"] == content_type
    assert base64.b64decode(content["attachment"]["data"]) == data


def test_a_pointer_is_an_address(only_one):
    document = only_one(
        "DocumentReference", "MDM^T02", txa(), "OBX|1|RP|X^Image^L||https://x.example/1^^IM^JPEG||||||F"
    )

    assert document["content"][0]["attachment"]["url"] == "https://x.example/1"
    assert document["content"][0]["attachment"]["contentType"] == "image/jpeg"


@pytest.mark.parametrize(
    ("event", "code"), [("T05", "appends"), ("T06", "appends"), ("T09", "replaces"), ("T10", "replaces")]
)
def test_an_addendum_appends_to_its_parent_and_a_replacement_replaces_it(only_one, resources_of_message, event, code):
    *_replaced, document = resources_of_message(
        "DocumentReference", f"MDM^{event}", txa(_13="D0^MEDSOL"), "OBX|1|TX|X^X^L||x||||||F"
    )
    original = only_one("DocumentReference", "MDM^T02", txa(_12="D0^MEDSOL"), "OBX|1|TX|X^X^L||x||||||F")

    (relation,) = document["relatesTo"]
    assert relation["code"] == code
    named = original["identifier"][0]["value"].replace("^", "%5E")
    assert relation["target"]["reference"].endswith(f"|{named}")


def test_a_parent_of_an_original_is_related_and_no_more(only_one):
    document = only_one("DocumentReference", "MDM^T02", txa(_13="D0^MEDSOL"), "OBX|1|TX|X^X^L||x||||||F")

    assert "relatesTo" not in document
    assert document["context"]["related"][-1]["identifier"]["value"] == "D0"


def test_a_cancelled_document_was_an_error_and_keeps_its_content(take_message):
    draft = take_message("MDM^T11", txa())

    at, document = next((n, one) for n, one in enumerate(draft.resources) if one["resourceType"] == "DocumentReference")
    assert (document["status"], document["docStatus"]) == ("entered-in-error", "entered-in-error")
    assert "content" in draft.amendments[at].defaults
    assert "status" not in draft.amendments[at].defaults


def test_a_notification_brings_no_content_and_takes_none_away(take_message):
    draft = take_message("MDM^T01", txa(_3="TX"))

    at, document = next((n, one) for n, one in enumerate(draft.resources) if one["resourceType"] == "DocumentReference")
    assert "data" not in document["content"][0]["attachment"]
    assert draft.amendments[at].defaults == {"content", "status"}


@pytest.mark.parametrize(
    ("availability", "status"),
    [("", "current"), ("AV", "current"), ("UN", "current"), ("OB", "superseded"), ("CA", "entered-in-error")],
)
def test_the_availability_is_the_status_and_stays_beside_it(only_one, availability, status):
    document = only_one("DocumentReference", "MDM^T02", txa(_19=availability), "OBX|1|TX|X^X^L||x||||||F")

    assert document["status"] == status
    assert ("_status" in document) == (availability in ("UN", "OB", "CA"))


def test_the_order_it_was_made_for_is_related_and_the_text_is_no_result(take_message):
    draft = take_message(
        "MDM^T02", "ORC|SC|P1", "OBR|1|P1||ECHO^Echo^L" + "|" * 21 + "F", txa(), "OBX|1|TX|X^X^L||fine||||||F"
    )

    by_type = {one["resourceType"]: one for one in draft.resources}
    assert by_type["DocumentReference"]["context"]["related"][0]["reference"].endswith("order:P1")
    assert by_type["ServiceRequest"]["status"] == "completed"
    assert "Observation" not in by_type


@pytest.mark.parametrize(
    ("segments", "reason"),
    [
        ((txa(_12=""),), "TXA-12 is empty"),
        ((txa(_19="??"),), "table 0273"),
        ((txa(), "OBX|1|ED|X^X^L||^application^pdf^Base64^%%%||||||F"), "is not"),
    ],
)
def test_what_is_no_document_is_refused(take_message, segments, reason):
    assert reason in take_message("MDM^T02", *segments).reason
