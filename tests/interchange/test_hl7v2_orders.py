"""Orders of HL7 v2 (ORM, OMG, OML, OUL, REF) become ServiceRequests with what they bring along."""

import pytest

OBR = "OBR|1|P1^WARD|F1^LAB|24317-0^Hemogram^LN"


def orc(control="NW", status="", **fields):
    """An ORC with its order control, status and further fields by number."""
    numbered = {1: control, 2: "P1^WARD", 3: "F1^LAB", 5: status} | {int(k[1:]): v for k, v in fields.items()}
    return "|".join(["ORC", *(numbered.get(number, "") for number in range(1, max(numbered) + 1))])


def contained(resource, reference):
    return next(one for one in resource["contained"] if f"#{one['id']}" == reference["reference"])


@pytest.mark.parametrize(
    ("control", "status", "becomes"),
    [
        ("NW", "", "active"),
        ("OK", "", "active"),
        ("CA", "", "revoked"),
        ("OC", "", "revoked"),
        ("DC", "", "revoked"),
        ("HD", "", "on-hold"),
        ("NW", "CM", "completed"),
        ("SC", "HD", "on-hold"),
        ("SC", "ER", "entered-in-error"),
        ("SC", "A", "active"),
        ("XO", "", "unknown"),
    ],
)
def test_the_status_of_an_order_is_orc_5_else_orc_1(only_one, control, status, becomes):
    assert only_one("ServiceRequest", "ORM^O01", orc(control, status), OBR)["status"] == becomes


@pytest.mark.parametrize(
    ("result", "becomes"), [("F", "completed"), ("X", "revoked"), ("I", "active"), ("", "unknown")]
)
def test_where_orc_is_silent_the_results_tell_the_status(only_one, result, becomes):
    detail = OBR + "|" * 21 + result

    assert only_one("ServiceRequest", "ORM^O01", orc("SC"), detail)["status"] == becomes


def test_an_order_that_does_not_tell_its_status_leaves_the_stored_one(take_message):
    draft = take_message("ORM^O01", orc("XO"), OBR)

    (at,) = [n for n, one in enumerate(draft.resources) if one["resourceType"] == "ServiceRequest"]
    assert draft.amendments[at].defaults == {"status"}
    told = take_message("ORM^O01", orc("CA"), OBR)
    assert told.amendments[at].defaults == frozenset()


def test_an_order_says_what_is_asked_by_whom_and_when(only_one):
    control = orc(_9="20260203091500", _12="17^House^Gregory^^^Dr^MD^^DOCS", _21="Cardiology^^77", _29="I")
    detail = OBR + "|S|202602040800|||||||fasting||||||||||||||||||I10^Hypertension^I10"

    order = only_one("ServiceRequest", "ORM^O01", control, detail, "NTE|1||Please call\\F\\ at once~Thank you")

    assert order["authoredOn"] == "2026-02-03T09:15:00+01:00"
    assert order["occurrenceDateTime"] == "2026-02-04T08:00:00+01:00"
    assert order["priority"] == "stat"
    assert order["code"]["coding"] == [{"system": "http://loinc.org", "code": "24317-0", "display": "Hemogram"}]
    assert order["locationCode"][0]["coding"][1]["code"] == "HOSP"
    assert [note["text"] for note in order["note"]] == ["fasting", "Please call| at once\nThank you"]
    role = contained(order, order["requester"])
    doctor, organization = contained(order, role["practitioner"]), contained(order, role["organization"])
    assert doctor["name"] == [{"family": "House", "given": ["Gregory"], "prefix": ["Dr"]}]
    assert doctor["identifier"] == [{"system": "urn:wardround:local:small:person:DOCS", "value": "17"}]
    assert doctor["qualification"][0]["code"]["coding"][0]["code"] == "MD"
    assert organization["name"] == "Cardiology"
    assert order["requester"]["display"] == "Dr Gregory House"


def test_only_a_new_order_says_when_it_was_made(only_one):
    assert "authoredOn" not in only_one("ServiceRequest", "ORM^O01", orc("SC", "IP", _9="20260203"), OBR)


def test_an_order_is_known_by_the_placers_number_and_tells_the_fillers(only_one):
    order = only_one("ServiceRequest", "ORM^O01", orc(), OBR)

    assert [(one.get("use"), one["system"], one["value"]) for one in order["identifier"]] == [
        (None, "urn:wardround:local:small", "order:P1^WARD"),
        (None, "urn:wardround:local:small:placer:WARD", "P1"),
        ("secondary", "urn:wardround:local:small:filler:LAB", "F1"),
    ]


def test_an_oid_of_who_gave_a_number_is_its_system(only_one):
    order = only_one("ServiceRequest", "ORM^O01", "ORC|NW|P1^^1.2.3.4^ISO", "OBR|1|||X^X^L")

    assert order["identifier"][1]["system"] == "urn:oid:1.2.3.4"


def test_two_services_under_one_number_stay_two_orders_with_one_requisition(resources_of_message):
    found = resources_of_message(
        "ServiceRequest",
        "OML^O21",
        "ORC|NW|P1",
        "OBR|1|P1|F1|A^A^L",
        "OBR|2|P1|F1|B^B^L",
        "ORC|NW|P2",
        "OBR|3|P2||C^C^L",
    )

    assert [one["identifier"][0]["value"] for one in found] == ["order:P1:A", "order:P1:B", "order:P2"]
    assert [one.get("requisition", {}).get("value") for one in found] == ["P1", "P1", None]
    assert [one["status"] for one in found] == ["active"] * 3
    assert not [n for n in found[0]["identifier"][1:] if n.get("use") != "secondary"]


def test_an_order_without_numbers_is_known_by_its_message(only_one):
    order = only_one("ServiceRequest", "ORM^O01", "ORC|NW", "OBR|1|||X^X^L", control="77")

    assert order["identifier"] == [{"system": "urn:wardround:local:small", "value": "order:7:77:1"}]


def test_diagnoses_are_reasons_and_observations_support(take_message):
    draft = take_message(
        "OML^O21", orc(), OBR, "DG1|1||E10.9^Diabetes^I10|||F", "OBX|1|NM|AGE^Age^L||63|a|||||O", "NTE|1||by hand"
    )

    by_type = {one["resourceType"]: one for one in draft.resources}
    order, answer = by_type["ServiceRequest"], by_type["Observation"]
    assert order["reasonReference"][0]["reference"].startswith("Condition?identifier=")
    assert order["supportingInfo"] == [
        {"reference": "Observation?identifier=urn:wardround:local:small|order:P1%5EWARD:AGE"}
    ]
    assert answer["valueQuantity"]["value"] == 63
    assert answer["note"] == [{"text": "by hand"}]


def test_a_specimen_is_collected_for_its_order(take_message):
    draft = take_message(
        "OML^O21",
        orc(),
        OBR,
        "SPM|1|T1&WARD^L1&LAB||SER^Serum^HL70487||HEPA^Heparin^HL70371||ARM^Arm^L||||5^mL&mL&UCUM||noon|||202602030800"
        "|202602031000||Y|||CLOT^Clotted^HL70493|||||||ACC1",
        "SAC|||BOX7",
    )

    by_type = {one["resourceType"]: one for one in draft.resources}
    specimen = by_type["Specimen"]
    assert [(one.get("use"), one["value"]) for one in specimen["identifier"]] == [
        (None, "specimen:T1^WARD"),
        (None, "T1"),
        ("secondary", "L1"),
    ]
    assert specimen["status"] == "available"
    assert specimen["collection"]["collectedDateTime"] == "2026-02-03T08:00:00+01:00"
    assert specimen["collection"]["quantity"] == {
        "value": 5,
        "unit": "mL",
        "system": "http://unitsofmeasure.org",
        "code": "mL",
    }
    assert specimen["receivedTime"] == "2026-02-03T10:00:00+01:00"
    assert specimen["container"][1]["identifier"][0]["value"] == "BOX7"
    assert by_type["ServiceRequest"]["specimen"][0]["reference"].endswith("specimen:T1%5EWARD")
    assert specimen["request"][0]["reference"].endswith("order:P1%5EWARD")


def test_a_specimen_for_two_orders_is_one_and_names_both(only_one):
    spm = "SPM|1|T1||SER^Serum^L"

    specimen = only_one("Specimen", "OML^O21", "ORC|NW|P1", "OBR|1|P1||A^A^L", spm, "ORC|NW|P2", "OBR|2|P2||B^B^L", spm)

    assert [one["reference"].rpartition(":")[2] for one in specimen["request"]] == ["P1", "P2"]


def test_a_specimen_may_stand_before_the_orders_on_it(resources_of_message):
    message = ("SPM|1|T1||SER^Serum^L", "ORC|NW|P1", "OBR|1|P1||A^A^L", "ORC|NW|P2", "OBR|2|P2||B^B^L")
    message += ("SPM|2|T2||URN^Urine^L", "ORC|NW|P3", "OBR|3|P3||C^C^L")

    orders = resources_of_message("ServiceRequest", "OML^O33", *message)

    assert [one["specimen"][0]["reference"].rpartition(":")[2] for one in orders] == ["T1", "T1", "T2"]


def test_a_rejected_specimen_is_unsatisfactory_and_says_why(only_one):
    specimen = only_one("Specimen", "OML^O21", orc(), OBR, "SPM|1|T1||SER^Serum^L" + "|" * 17 + "RC^Clotting^HL70490")

    assert specimen["status"] == "unsatisfactory"
    assert specimen["note"] == [{"text": "Clotting"}]


def test_an_order_without_spm_tells_of_its_specimen_itself(only_one):
    detail = "OBR|1|P1||X^X^L|||202602030800||10^mL|5^Nurse^Nina|||||BLD&Blood&L^^from the left^ARM&Arm&L"

    specimen = only_one("Specimen", "ORM^O01", "ORC|NW|P1", detail)

    assert specimen["type"]["coding"][0]["code"] == "BLD"
    assert specimen["note"] == [{"text": "from the left"}]
    assert specimen["collection"]["bodySite"]["coding"][0]["code"] == "ARM"
    assert specimen["collection"]["collectedDateTime"] == "2026-02-03T08:00:00+01:00"
    assert contained(specimen, specimen["collection"]["collector"])["name"][0]["family"] == "Nurse"


def test_results_that_come_with_their_specimen_are_based_on_the_order(resources_of_message):
    found = resources_of_message(
        "Observation",
        "OUL^R22",
        "SPM|1|T1||SER^Serum^L",
        "OBR|1|P1||GLU^Glucose^L|||202602030800",
        "ORC|SC|P1||| CM",
        "OBX|1|NM|GLU^Glucose^L||5.5|mmol/L|||||F",
    )

    (result,) = found
    assert result["basedOn"][0]["reference"].endswith("order:P1")
    assert result["specimen"]["reference"].endswith("specimen:T1")
    assert result["effectiveDateTime"] == "2026-02-03T08:00:00+01:00"


def test_times_of_the_older_versions_are_read_too(only_one):
    order = only_one(
        "ServiceRequest",
        "ORM^O01",
        "ORC|NW|P1|||||2&tab^BID&0800,2000^D3^20260203080000^^A^with food^slowly",
        "OBR|1|P1||X^X^L",
    )

    timing = order["occurrenceTiming"]
    assert [one["code"] for one in timing["code"]["coding"]] == ["BID", "BID"]
    assert timing["repeat"]["timeOfDay"] == ["08:00:00", "20:00:00"]
    assert timing["repeat"]["boundsPeriod"] == {
        "start": "2026-02-03T08:00:00+01:00",
        "end": "2026-02-06T08:00:00+01:00",
    }
    assert order["priority"] == "asap"
    assert order["asNeededCodeableConcept"] == {"text": "with food"}
    assert order["note"] == [{"text": "slowly"}]


def test_a_meal_and_hours_of_the_day_do_not_stand_together(only_one):
    """FHIR's rule tim-10: the hours win, and the meal stays readable."""
    order = only_one(
        "ServiceRequest", "ORM^O01", "ORC|NW|P1", "TQ1|1||Q8H^^^^8^h^^AC^30^min|0800~1600", "OBR|1|P1||X^X^L"
    )

    repeat = order["occurrenceTiming"]["repeat"]
    assert repeat["timeOfDay"] == ["08:00:00", "16:00:00"]
    assert "when" not in repeat
    assert "AC" in order["occurrenceTiming"]["code"]["text"]
    assert (repeat["period"], repeat["periodUnit"]) == (8, "h")


def test_a_referral_names_who_refers_and_to_whom(resources_of_message):
    message = (
        "RF1|A|S^Stat|MED^Medical^L||O|R77^CLINIC|20260203|20260301||DX^Diagnosis^L",
        "PRD|RP|House^Gregory|||||17",
        "PRD|RT|Cuddy^Lisa|||||18",
    )

    (referral,) = resources_of_message("ServiceRequest", "REF^I12", *message)
    (cancelled,) = resources_of_message("ServiceRequest", "REF^I14", *message)

    assert (referral["status"], referral["priority"]) == ("active", "stat")
    assert referral["requester"]["display"] == "Gregory House"
    assert [one["display"] for one in referral["performer"]] == ["Lisa Cuddy"]
    assert referral["occurrencePeriod"] == {"start": "2026-02-03", "end": "2026-03-01"}
    assert cancelled["status"] == "revoked"
    assert cancelled["identifier"] == referral["identifier"]


def test_the_same_order_twice_is_the_same(resources_of_message):
    message = ("ServiceRequest", "ORM^O01", orc(_12="17^House"), OBR)

    assert resources_of_message(*message) == resources_of_message(*message)


def test_separators_without_words_are_no_note_and_an_endless_offset_is_none(only_one):
    order = only_one(
        "ServiceRequest", "ORM^O01", "ORC|NW|P1", "TQ1|1||BID^^^^^^^AC^99999999^h", "OBR|1|P1||X^X^L|||||||||^^"
    )

    assert "note" not in order
    assert order["occurrenceTiming"]["repeat"] == {"when": ["AC"]}
