"""The scorer: what counts as caught, which suggestion is right, and what is a false alarm."""

from decimal import Decimal

import pytest

from wardround.bench.accuracy.charts import Chart, RecordSet
from wardround.bench.accuracy.defects import DEFECTS, defective_places
from wardround.bench.accuracy.dqd import Dashboard
from wardround.bench.accuracy.found import Found
from wardround.bench.accuracy.intervals import share
from wardround.bench.accuracy.plants import Plant
from wardround.bench.accuracy.scoring import collateral, confusion, false_alarms, figures, range_check, scored

PLACE = "Observation.valueQuantity"


def value(resource, *, number=72.0, held="", suggestion=None, not_standard="", measurement="body_weight"):
    return {
        "resource": resource,
        "patient_id": "p",
        "path": PLACE,
        "fact": "measurement",
        "measurement": measurement,
        "time": "",
        "value_number": None if not_standard else number,
        "unit": "kg",
        "not_standard": not_standard,
        "is_held": bool(held),
        "finding": held,
        "finding_sentence": "",
        "suggestion": suggestion,
        "suggestion_unit": "kg" if suggestion else "",
    }


def found(*values, records=(), quarantined=()):
    return Found(
        {
            "resources": 10,
            "seconds": 1.0,
            "values": list(values),
            "records": list(records),
            "quarantined": [{"resource": name, "patient_id": "p", "reason": "no"} for name in quarantined],
        }
    )


def record_finding(resource, kind):
    return {"resource": resource, "patient_id": "p", "finding": kind, "is_held": True, "finding_sentence": ""}


def plant(kind="ten_times", family="decimal", *, resource="Observation/a", path=PLACE, also=()):
    return Plant(
        kind=kind,
        family=family,
        patient_id="p",
        resource=resource,
        path=path,
        also=frozenset(also),
        true=Decimal(72),
        true_unit="kg",
    )


def score(planted, *, clean, dirty, rivals=None):
    (one,) = scored("made", [planted], clean=clean, dirty=dirty, rivals=rivals or {})
    return one


CLEAN = found(value("Observation/a"), value("Observation/b"))


def test_a_held_value_at_the_right_place_is_caught_and_its_suggestion_judged_by_the_clean_import():
    right = score(plant(), clean=CLEAN, dirty=found(value("Observation/a", held="decimal_slip", suggestion=72.3)))
    wrong = score(plant(), clean=CLEAN, dirty=found(value("Observation/a", held="decimal_slip", suggestion=74.0)))

    assert (right.caught_as, right.suggested, right.is_right) == (("decimal_slip",), True, True)
    assert (wrong.suggested, wrong.is_right) == (True, False)


def test_a_finding_on_another_value_or_one_that_holds_nothing_catches_nothing():
    elsewhere = found(value("Observation/a"), value("Observation/b", held="decimal_slip"))
    remark = found(value("Observation/a") | {"finding": "implausible"})

    assert score(plant(), clean=CLEAN, dirty=elsewhere).caught_as == ()
    assert score(plant(), clean=CLEAN, dirty=remark).caught_as == ()


def test_a_quarantined_record_and_a_value_that_is_no_longer_standard_are_caught():
    assert score(plant(), clean=CLEAN, dirty=found(quarantined=["Observation/a"])).caught_as == ("quarantined",)
    unreadable = found(value("Observation/a", not_standard="Body weight: not a number."))
    assert score(plant(), clean=CLEAN, dirty=unreadable).caught_as == ("not standardised",)


def test_a_record_is_found_by_a_finding_of_its_sort_only():
    dated = plant("future", "date", path="")

    assert score(dated, clean=CLEAN, dirty=found(value("Observation/a", held="delta"))).caught_as == ()
    assert score(dated, clean=CLEAN, dirty=found(value("Observation/a", held="date"))).caught_as == ("date",)
    assert score(dated, clean=CLEAN, dirty=found(records=[record_finding("Observation/a", "future")])).caught_as == (
        "future",
    )


def test_a_finding_that_the_clean_record_has_too_is_not_the_errors():
    clean = found(value("Observation/a", held="date"))

    assert score(plant("future", "date", path=""), clean=clean, dirty=clean).caught_as == ()


def test_the_first_of_two_duplicates_and_any_record_of_a_chart_with_the_wrong_sex_are_right_places():
    twice = plant("same_entry_again", "duplicate", resource="Observation/c", path="", also=["Observation/a"])
    flipped = plant("sex_flipped", "sex", resource="Patient/p", path="Patient.gender", also=["chart:p"])

    first = found(records=[record_finding("Observation/a", "duplicate_entry")])
    assert score(twice, clean=CLEAN, dirty=first).caught_as == ("duplicate_entry",)
    diagnosis = found(records=[record_finding("Condition/x", "wrong_sex")])
    assert score(flipped, clean=CLEAN, dirty=diagnosis).caught_as == ("wrong_sex",)


def test_a_value_that_the_catalogue_does_not_know_is_counted_apart():
    clean = found(value("Observation/a", not_standard="No such code."))

    (one,) = scored("made", [plant()], clean=clean, dirty=clean, rivals={})

    assert figures([one])["planted"] == 0
    assert figures([one])["not_in_catalogue"] == 1


def test_missed_errors_stand_in_the_confusion_table():
    missed = score(plant(), clean=CLEAN, dirty=CLEAN)
    caught = score(plant(), clean=CLEAN, dirty=found(value("Observation/a", held="unit_slip")))

    assert confusion([missed, caught]) == {"ten_times": {"missed": 1, "unit_slip": 1}}


def test_false_alarms_are_held_clean_values_and_known_defects_are_none():
    clean = found(
        value("Observation/a", held="delta"), value("Observation/b", held="decimal_slip"), value("Observation/c")
    )

    alarms = false_alarms(clean, defects={f"Observation/b#{PLACE}"}, rivals={"plausible": {f"Observation/c#{PLACE}"}})

    assert (alarms["values"], alarms["held"]["found"], alarms["held_by_kind"]) == (2, 1, {"delta": 1})
    assert alarms["rivals"]["plausible"]["found"] == 1
    assert (alarms["defects"]["found"], alarms["defects"]["n"]) == (1, 1)


def test_a_right_value_that_is_held_only_beside_a_wrong_one_is_collateral():
    dirty = found(value("Observation/a", held="decimal_slip"), value("Observation/b", held="delta"))

    aside = collateral(CLEAN, dirty, plants=[plant()], defects=set())

    assert (aside["values"], aside["held"]["found"], aside["by_kind"]) == (1, 1, {"delta": 1})


def test_the_range_check_knows_limits_and_nothing_else():
    flagged = range_check(found(value("Observation/a", number=720.0), value("Observation/b", number=72.0)))

    assert flagged == {"possible": {f"Observation/a#{PLACE}"}, "plausible": {f"Observation/a#{PLACE}"}}


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],  # the last: Newcombe 1998, table I
)
def test_intervals_are_wilsons(part, whole, low, high):
    found_share = share(part, whole)

    assert (found_share["low"], found_share["high"]) == pytest.approx((low, high), abs=0.0001)


def test_a_share_of_nothing_is_not_said():
    assert share(0, 0)["share"] is None


def test_every_defect_of_a_data_set_says_its_evidence():
    for defect in DEFECTS:
        assert defect.evidence
    weight = {
        "resourceType": "Observation",
        "id": "a",
        "effectiveDateTime": "2012-03-01",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2885-2"}]},
        "valueQuantity": {"value": Decimal("71.2"), "code": "g/dL"},
    }
    records = RecordSet(key="synthea", title="S", charts=(Chart({"id": "p"}, (weight,)),), rate=0.1)
    assert list(defective_places(records)) == [f"Observation/a#{PLACE}"]


@pytest.fixture
def dashboard():
    row = dict.fromkeys(
        ("plausibleAfterBirth", "plausibleBeforeDeath", "withinVisitDates", "plausibleStartBeforeEnd"), "Yes"
    ) | {"plausibleValueLow": "'19500101'", "plausibleValueHigh": "DATEADD(dd,1,GETDATE())"}
    return Dashboard(
        ranges={("serum creatinine level", "mg/dL"): (0.1, 5.0)},
        sexes={"normal pregnancy": "female"},
        fields={("MEASUREMENT", "measurement_date"): row, ("CONDITION_OCCURRENCE", "condition_start_date"): row},
    )


@pytest.mark.parametrize(
    ("change", "flagged"),
    [
        ({}, set()),
        ({"effectiveDateTime": "1961-03-01"}, {"Observation/a"}),  # before birth
        ({"effectiveDateTime": "2027-03-01"}, {"Observation/a"}),  # after today
        ({"effectiveDateTime": "2015-03-01"}, {"Observation/a"}),  # long after death
        ({"valueQuantity": {"value": Decimal(9), "code": "mg/dL"}}, {f"Observation/a#{PLACE}"}),
    ],
)
def test_dqds_rules_flag_what_breaks_them(dashboard, change, flagged):
    creatinine = {
        "resourceType": "Observation",
        "id": "a",
        "effectiveDateTime": "2012-03-01",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]},
        "valueQuantity": {"value": Decimal(1), "code": "mg/dL"},
    }
    person = {
        "resourceType": "Patient",
        "id": "p",
        "birthDate": "1961-04-12",
        "deceasedDateTime": "2014-01-01",
        "gender": "male",
    }
    records = RecordSet(key="m", title="M", charts=(Chart(person, (creatinine | change,)),), rate=0.1)

    assert dashboard.flagged(records, today="2026-11-26") == flagged


def test_dqd_knows_that_a_pregnancy_is_a_womans(dashboard):
    pregnancy = {
        "resourceType": "Condition",
        "id": "a",
        "onsetDateTime": "2012-03-01",
        "code": {"coding": [{"display": "Normal pregnancy"}]},
    }
    person = {"resourceType": "Patient", "id": "p", "birthDate": "1961-04-12", "gender": "male"}

    records = RecordSet(key="m", title="M", charts=(Chart(person, (pregnancy,)),), rate=0.1)

    assert dashboard.flagged(records, today="2026-11-26") == {"Condition/a"}
