"""FHIR STU3 (3.0.2) to R4: what stands elsewhere or differently, type by type.

Facts: the R4 resource pages with their "R3 Conversions" (HL7, CC0).
"""

from collections.abc import Callable

from wardround.interchange.fhir.building import UNKNOWN_CLASS
from wardround.interchange.fhir_versions.rules import (
    ABSENT,
    SAME,
    Place,
    Rule,
    Table,
    Value,
    codes,
    many,
    one_of_many,
    parts,
    refused,
    renamed,
)

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
_STOPPED = {"suspended": "on-hold", "aborted": "stopped"}
_REQUEST_STATUS = {"suspended": "on-hold", "cancelled": "revoked"}


def _concept(system: str) -> Rule:
    """A code of the standard's own list, which R4 writes as a concept."""

    def rule(value: Value, place: Place) -> None:
        if not isinstance(value, str):
            place.refuse("it is a code")
        place.put(place.element, {"coding": [{"system": _TERMINOLOGY + system, "code": value}]})

    return rule


def _encounter(value: Value, place: Place) -> None:
    reference = value.get("reference", "") if isinstance(value, dict) else ""
    if "EpisodeOfCare/" in str(reference):
        place.refuse("R4 takes an encounter there, and this is an episode of care")
    place.put("encounter", value)


def _comment(value: Value, place: Place) -> None:
    place.add("note", {"text": value})


def _related(value: Value, place: Place) -> None:
    to = {"has-member": "hasMember", "derived-from": "derivedFrom"}
    for each in value:
        if not isinstance(each, dict) or each.keys() != {"type", "target"} or each["type"] not in to:
            place.refuse("R4 takes members and what it is derived from")
        place.add(to[each["type"]], each["target"])


def _taken(value: Value, place: Place) -> None:
    place.keep("valueCode", value)
    if value == "n":
        place.made["not"] = ""


def _not(value: Value, place: Place) -> None:
    """notDone, notGiven: said in the status of R4, when all elements are placed."""
    if not isinstance(value, bool):
        place.refuse("it is a yes or no")
    if value:
        place.made["not"] = place.element


def _with_status(negative: str) -> Callable[[Place], None]:
    """What was not done has this status, unless the whole record is an error; another word that stood there is kept."""

    def finish(place: Place) -> None:
        said_by = place.made.pop("not", None)
        status = place.made.get("status")
        if said_by is None:
            return
        if status == "entered-in-error":
            if said_by:
                place.element = said_by
                place.keep("valueBoolean", True)  # noqa: FBT003 - the value of the extension
            return
        place.made["status"] = negative
        if status not in ("completed", "active", "unknown", None):
            place.element = "status"
            place.keep("valueCode", status, beside="status")

    return finish


def _requester(value: Value, place: Place) -> None:
    if not isinstance(value, dict) or value.keys() != {"agent"}:
        place.refuse("R4 takes the requester alone, not on whose behalf")
    place.put("requester", value["agent"])


def _performers_without_role(value: Value, place: Place) -> None:
    for each in value:
        if not isinstance(each, dict) or each.keys() != {"actor"}:
            place.refuse("R4 takes the performers alone, not their roles")
        place.add("performer", each["actor"])


def _dosage(value: Value, place: Place) -> None:
    for each in value:
        if not isinstance(each, dict):
            place.refuse("it is an object")
        given = {name: part for name, part in each.items() if name.startswith(("dose", "rate"))}
        made = {name: part for name, part in each.items() if name not in given}
        place.add(place.element, made | ({"doseAndRate": [given]} if given else {}))


def _stage(value: Value, place: Place) -> None:
    place.add("stage", value)


def _explanation(value: Value, place: Place) -> None:
    if not isinstance(value, dict) or value.keys() - {"reason", "reasonNotGiven"}:
        place.refuse()
    place.add("reasonCode", *value.get("reason", []))
    if value.get("reasonNotGiven"):
        one_of_many("statusReason")(value["reasonNotGiven"], place)


def _immunization(place: Place) -> None:
    _with_status("not-done")(place)
    if not place.made.keys() & {"occurrenceDateTime", "_occurrenceDateTime"}:
        place.made["_occurrenceDateTime"] = {"extension": [{"url": ABSENT, "valueCode": "unknown"}]}


def _class(place: Place) -> None:
    place.made.setdefault("class", dict(UNKNOWN_CLASS))


def _needs_status(place: Place) -> None:
    place.made.setdefault("status", "unknown")


def _created(value: Value, place: Place) -> None:
    place.keep("valueDateTime", value)


def _document_context(value: Value, place: Place) -> None:
    def related(items: Value, within: Place) -> None:
        for each in items:
            if not isinstance(each, dict) or each.keys() != {"ref"}:
                within.refuse("R4 takes references")
            within.add("related", each["ref"])

    parts({"encounter": many(), "related": related}, many=False)(value, place)


def _package(value: Value, place: Place) -> None:
    if not isinstance(value, dict) or value.keys() != {"batch"}:
        place.refuse("R4 takes the batch alone")
    one_of_many("batch")(value["batch"], place)


def _substitution(value: Value, place: Place) -> None:
    parts({"allowed": renamed("allowedBoolean")}, many=False)(value, place)


_REQUEST: dict[str, Rule] = {
    "definition": refused(),
    "status": codes(_REQUEST_STATUS),
    "context": _encounter,
    "requester": _requester,
    "performer": many(),
}

TABLES: dict[str, Table] = {
    "Patient": Table({"animal": refused("R4 has an extension for animals, and this is a hospital of people")}),
    "RelatedPerson": Table({"relationship": many()}),
    "Practitioner": SAME,
    "PractitionerRole": SAME,
    "Organization": SAME,
    "Location": Table({"type": many()}),
    "Encounter": Table(
        {
            "incomingReferral": renamed("basedOn"),
            "appointment": many(),
            "reason": renamed("reasonCode"),
            "diagnosis": parts({"role": renamed("use")}),
        },
        finish=_class,
    ),
    "Observation": Table(
        {
            "context": _encounter,
            "comment": _comment,
            "related": _related,
            "interpretation": many(),
            "component": parts({"interpretation": many()}),
        }
    ),
    "Condition": Table(
        {
            "clinicalStatus": _concept("condition-clinical"),
            "verificationStatus": _concept("condition-ver-status"),
            "context": _encounter,
            "assertedDate": renamed("recordedDate"),
            "stage": _stage,
        }
    ),
    "AllergyIntolerance": Table(
        {
            "clinicalStatus": _concept("allergyintolerance-clinical"),
            "verificationStatus": _concept("allergyintolerance-verification"),
            "assertedDate": renamed("recordedDate"),
        }
    ),
    "Procedure": Table(
        {
            "definition": refused(),
            "status": codes(_STOPPED),
            "notDone": _not,
            "notDoneReason": renamed("statusReason"),
            "context": _encounter,
            "performer": parts({"role": renamed("function")}),
        },
        finish=_with_status("not-done"),
    ),
    "Medication": Table({"ingredient": parts({"amount": renamed("strength")}), "package": _package}),
    "MedicationRequest": Table(
        {
            "definition": refused(),
            "category": many(),
            "context": _encounter,
            "requester": _requester,
            "dosageInstruction": _dosage,
            "substitution": _substitution,
        },
        finish=_needs_status,
    ),
    "MedicationStatement": Table(
        {
            "taken": _taken,
            "reasonNotTaken": renamed("statusReason"),
            "dosage": _dosage,
        },
        finish=_with_status("not-taken"),
    ),
    "Immunization": Table(
        {
            "notGiven": _not,
            "date": renamed("occurrenceDateTime"),
            "practitioner": parts({"role": renamed("function")}, to="performer"),
            "explanation": _explanation,
            "vaccinationProtocol": parts(
                {
                    "doseSequence": renamed("doseNumberPositiveInt"),
                    "seriesDoses": renamed("seriesDosesPositiveInt"),
                    **dict.fromkeys(("description", "doseStatus", "doseStatusReason"), refused()),
                },
                to="protocolApplied",
            ),
        },
        finish=_immunization,
    ),
    "DiagnosticReport": Table(
        {
            "category": many(),
            "context": _encounter,
            "performer": _performers_without_role,
            "codedDiagnosis": renamed("conclusionCode"),
            "image": renamed("media"),
        }
    ),
    "DocumentReference": Table(
        {"class": many("category"), "indexed": renamed("date"), "created": _created, "context": _document_context}
    ),
    "Binary": Table({"content": renamed("data")}),
    "Basic": SAME,
    "Specimen": SAME,
    "EpisodeOfCare": SAME,
    "List": SAME,
    "Group": SAME,
    "NutritionOrder": SAME,
    "Flag": Table({"category": many()}),
    "CareTeam": Table({"context": _encounter}),
    "RiskAssessment": Table(
        {
            "identifier": many(),
            "context": _encounter,
            "reasonCodeableConcept": many("reasonCode"),
            "reasonReference": many(),
            "comment": _comment,
        }
    ),
    "MedicationAdministration": Table(
        {
            "definition": refused(),
            "notGiven": _not,
            "reasonNotGiven": renamed("statusReason"),
            "prescription": renamed("request"),
        },
        finish=_with_status("not-done"),
    ),
    "ProcedureRequest": Table(_REQUEST, becomes="ServiceRequest"),
    "ReferralRequest": Table(
        _REQUEST
        | {
            "type": many("category"),
            "serviceRequested": one_of_many("code"),
            "groupIdentifier": renamed("requisition"),
            "specialty": one_of_many("performerType"),
            "recipient": renamed("performer"),
        },
        becomes="ServiceRequest",
    ),
}
