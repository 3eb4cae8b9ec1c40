"""Appointments of HL7 v2 (SIU) become Appointments."""

import pytest

TQ1 = "TQ1|1||||||20260210090000|20260210093000"


def sch(**fields):
    """A SCH of appointment A1 with further fields by number."""
    numbered = {1: "P1^WARD", 2: "A1^CLINIC", 25: "Booked"} | {int(name[1:]): value for name, value in fields.items()}
    return "|".join(["SCH", *(numbered.get(number, "") for number in range(1, max(numbered) + 1))])


def test_an_appointment_says_when_for_what_where_and_with_whom(only_one):
    appointment = only_one(
        "Appointment",
        "SIU^S12",
        sch(_7="FOLLOWUP", _8="Normal", _9="30", _10="min", _16="9^Desk^Dora"),
        TQ1,
        "NTE|1||bring the card",
        "RGS|1|A",
        "AIS|1|A|ECHO^Echo^L|20260210090000|||30|min",
        "NTE|1||fasting",
        "AIG|1|A|E7^Ultrasound^L|EQ^Equipment^L",
        "AIL|1|A|ROOM^2^^CLINIC",
        "AIP|1|A|17^House^Gregory|DOC^Doctor^L|||||||",
    )

    assert appointment["status"] == "booked"
    assert appointment["start"] == "2026-02-10T09:00:00+01:00"
    assert appointment["end"] == "2026-02-10T09:30:00+01:00"
    assert appointment["minutesDuration"] == 30
    assert appointment["serviceType"][0]["coding"][0]["code"] == "ECHO"
    assert appointment["reasonCode"][0]["coding"][0]["system"].endswith("v2-0276")
    assert appointment["appointmentType"]["coding"][0]["system"].endswith("v2-0277")
    assert appointment["comment"] == "bring the card\nfasting"
    shown = [one["actor"].get("display") for one in appointment["participant"]]
    assert shown == [None, "Dora Desk", "Ultrasound", "2, ROOM, CLINIC", "Gregory House"]
    assert appointment["participant"][0]["actor"]["reference"].startswith("Patient?identifier=")


@pytest.mark.parametrize(
    ("event", "told", "status"),
    [
        ("S12", "", "booked"),
        ("S12", "Pending", "pending"),
        ("S14", "Complete", "fulfilled"),
        ("S14", "STARTED", "checked-in"),
        ("S15", "Booked", "cancelled"),
        ("S16", "", "cancelled"),
        ("S17", "Booked", "entered-in-error"),
        ("S26", "", "noshow"),
    ],
)
def test_the_event_ends_an_appointment_whatever_sch_25_says(only_one, event, told, status):
    assert only_one("Appointment", f"SIU^{event}", sch(_25=told), TQ1)["status"] == status


def test_a_rescheduled_appointment_is_the_same_at_another_time(only_one):
    first = only_one("Appointment", "SIU^S12", sch(), TQ1)
    later = only_one("Appointment", "SIU^S13", sch(), TQ1.replace("20260210", "20260217"), control="M2")

    assert later["identifier"] == first["identifier"]
    assert (first["start"][:10], later["start"][:10]) == ("2026-02-10", "2026-02-17")


def test_the_end_follows_from_how_long_it_takes(only_one):
    by_schedule = only_one("Appointment", "SIU^S12", sch(_9="45", _10="min^Minutes"), "TQ1|1||||||20260210090000")
    by_service = only_one("Appointment", "SIU^S12", sch(), "AIS|1||X^X^L|20260210090000|||45|min")
    older = only_one("Appointment", "SIU^S12", sch(_11="^^^20260210090000^20260210094500"))

    assert {one["end"] for one in (by_schedule, by_service, older)} == {"2026-02-10T09:45:00+01:00"}


def test_a_cancelled_appointment_needs_no_time_and_says_why(only_one):
    appointment = only_one("Appointment", "SIU^S15", sch(_6="ILL^Patient is ill^L"))

    assert appointment["cancelationReason"]["coding"][0]["display"] == "Patient is ill"
    assert "start" not in appointment


def test_a_booking_without_an_end_is_refused(take_message):
    assert "from when to when" in take_message("SIU^S12", sch(), "TQ1|1||||||20260210090000").reason


def test_what_is_taken_away_does_not_take_part(only_one):
    appointment = only_one(
        "Appointment", "SIU^S14", sch(), TQ1, "AIP|1|A|17^House", "AIP|2|D|18^Wilson", "AIS|3|D|X^X^L"
    )

    assert [one["actor"].get("display") for one in appointment["participant"]] == [None, "House"]
    assert "serviceType" not in appointment


def test_a_signed_comment_keeps_who_wrote_it_and_when(only_one):
    appointment = only_one("Appointment", "SIU^S12", sch(), TQ1, "NTE|1||call first||17^House^Gregory|20260203")

    assert appointment["comment"] == "call first"
    note = appointment["extension"][0]["valueAnnotation"]
    assert (note["authorReference"]["display"], note["time"], note["text"]) == (
        "Gregory House",
        "2026-02-03",
        "call first",
    )


def test_one_of_a_series_is_known_by_its_occurrence(only_one):
    first = only_one("Appointment", "SIU^S12", sch(_3="1"), TQ1)
    second = only_one("Appointment", "SIU^S12", sch(_3="2"), TQ1)

    assert first["identifier"][0] != second["identifier"][0]
    assert {one.get("use") for one in first["identifier"][1:]} == {"secondary"}


def test_it_is_for_an_order_and_because_of_a_diagnosis(take_message):
    draft = take_message("SIU^S12", sch(_26="P7^WARD"), TQ1, "DG1|1||I10^Hypertension^I10|||F")

    appointment = next(one for one in draft.resources if one["resourceType"] == "Appointment")
    assert appointment["basedOn"][0]["identifier"]["value"] == "P7"
    assert appointment["reasonReference"][0]["reference"].startswith("Condition?identifier=")


@pytest.mark.parametrize(("segments", "reason"), [((), "no SCH"), ((sch(_1="", _2=""), TQ1), "SCH-1 and SCH-2")])
def test_what_is_no_appointment_is_refused(take_message, segments, reason):
    assert reason in take_message("SIU^S12", *segments).reason
