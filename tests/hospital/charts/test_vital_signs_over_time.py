"""The trend of vital signs: which stretch of time, which marks, and that a long history loses no extreme."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from wardround.hospital.charts.trends import Point, Series, axis_of, thinned, trend

T = datetime(2026, 3, 2, 8, tzinfo=UTC)


def series(*values: float, held: tuple[int, ...] = (), usual=(60.0, 100.0)) -> Series:
    points = tuple(
        Point(
            T + timedelta(hours=n), value, "high" if value > usual[1] else "low" if value < usual[0] else "", n in held
        )
        for n, value in enumerate(values)
    )
    return Series(key="heart_rate", title="Heart rate", short="", usual=usual, points=points, last=str(values[-1]))


def drawn(one: Series):
    axis = axis_of([p.time for p in one.points], length=None)
    return trend(title=one.title, unit="/min", usual="60–100", series=(one,), axis=axis).drawings[0]


def test_a_value_outside_its_range_is_another_shape_and_not_another_colour_alone():
    (line,) = drawn(series(80, 110, 50)).lines

    assert [mark.shape for mark in line.marks] == ["ring", "high", "low"]


def test_a_held_value_is_a_square_and_no_part_of_the_line():
    (line,) = drawn(series(80, 800, 82, held=(1,))).lines

    assert [mark.shape for mark in line.marks] == ["ring", "held", "ring"]
    assert line.path.count("L") == 1


def test_thinning_keeps_the_lowest_and_highest_of_each_column():
    values = [80.0] * 5_000
    values[1_234], values[3_210] = 190.0, 31.0
    one = series(*values)
    axis = axis_of([p.time for p in one.points], length=None)

    kept = thinned(one.points, axis=axis, width=320)

    assert len(kept) < 400
    assert {190.0, 31.0} <= {point.value for point in kept}
    assert kept[-1] is one.points[-1]


def test_higher_values_stand_higher_and_the_band_lies_between_its_limits():
    drawing = drawn(series(60, 100))
    (band,), (line,) = drawing.bands, drawing.lines

    assert line.marks[0].y > line.marks[1].y
    assert (band.y, band.y + band.height) == (line.marks[1].y, line.marks[0].y)


@pytest.mark.django_db
def test_the_shortest_stretch_with_two_moments_is_shown_and_another_is_chosen_by_a_link(
    text_of, nurse, make_patient, make_pressure
):
    patient = make_patient()
    for time in ("2025-03-02T08:00:00Z", "2026-03-01T08:00:00Z", "2026-03-02T08:00:00Z"):
        make_pressure(patient, 120, time=time)

    usual, everything = text_of(nurse, f"/patients/{patient}/"), text_of(nurse, f"/patients/{patient}/?show=all")

    assert "Systolic blood pressure: 2 values" in usual
    assert 'href="?show=48h" aria-current="true"' in usual
    assert "Systolic blood pressure: 3 values" in everything


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ["", "?show=nonsense"])
def test_a_history_of_yearly_values_is_shown_whole(asked, text_of, nurse, make_patient, make_pressure):
    patient = make_patient()
    for year in (2024, 2025, 2026):
        make_pressure(patient, 120, time=f"{year}-03-02T08:00:00Z")

    assert "Systolic blood pressure: 3 values" in text_of(nurse, f"/patients/{patient}/{asked}")


@pytest.mark.django_db
def test_the_drawing_to_zoom_has_the_same_values_as_the_trend(as_client, nurse, make_patient, make_pressure):
    patient = make_patient()
    make_pressure(patient, 120, time="2026-03-01T08:00:00Z")
    make_pressure(patient, 160, time="2026-03-02T08:00:00Z")

    (row,) = as_client(nurse).get(f"/patients/{patient}/vital-signs/points/").json()["rows"]

    assert [value for _time, value in row["series"][0]["points"]] == [120, 160]
    assert (row["series"][0]["low"], row["series"][0]["high"]) == (90, 140)


@pytest.mark.django_db
def test_the_table_has_every_value_with_its_flag_in_words(text_of, nurse, make_patient, make_pressure):
    patient = make_patient()
    for day in range(1, 29):
        make_pressure(patient, 141 if day == 1 else 120, time=f"2026-02-{day:02}T08:00:00Z")

    first, second = (text_of(nurse, f"/patients/{patient}/vital-signs/{asked}") for asked in ("", "?start=25"))

    assert "1 to 25 of 28" in first
    assert "26 to 28 of 28" in second
    assert '<span class="unseen">high</span>' in second.partition("<tbody>")[2]


@pytest.mark.django_db
def test_a_range_for_adults_judges_no_child(text_of, nurse, make_patient, make_observation):
    child, adult = make_patient(birth="2024"), make_patient(birth="1970")
    for patient in (child, adult):
        make_observation(patient, loinc="9279-1", value=30, unit="/min", time="2026-03-02T08:00:00Z")

    assert "High</span>" in text_of(nurse, f"/patients/{adult}/")
    assert "High</span>" not in text_of(nurse, f"/patients/{child}/")


@pytest.mark.django_db
def test_a_newborn_is_judged_by_the_range_of_its_age(text_of, nurse, make_patient, make_observation):
    newborn, adult = make_patient(birth="2026-02-28"), make_patient(birth="1970")
    for patient in (newborn, adult):
        make_observation(patient, loinc="8867-4", value=140, unit="/min", time="2026-03-02T08:00:00Z")

    assert "High</span>" in text_of(nurse, f"/patients/{adult}/")
    assert "High</span>" not in text_of(nurse, f"/patients/{newborn}/")
    assert "95–160" in text_of(nurse, f"/patients/{newborn}/vital-signs/")


@pytest.mark.django_db
def test_the_table_has_a_column_for_what_was_measured_and_for_nothing_else(
    text_of, nurse, make_patient, make_observation
):
    patient = make_patient()
    make_observation(patient, loinc="8867-4", value=72, unit="/min", time="2026-03-02T08:00:00Z")

    head = (
        text_of(nurse, f"/patients/{patient}/vital-signs/").partition('class="flowsheet"')[2].partition("</thead>")[0]
    )

    assert "Heart rate" in head
    assert "Body weight" not in head


@pytest.mark.django_db
def test_a_limit_that_two_ranges_share_is_printed_once_and_every_other_too(
    text_of, nurse, make_patient, make_observation
):
    patient = make_patient()
    for loinc, value in (("8480-6", 120), ("8462-4", 70)):
        make_observation(patient, loinc=loinc, value=value, unit="mm[Hg]", time="2026-03-02T08:00:00Z")

    drawing = text_of(nurse, f"/patients/{patient}/").partition('<svg class="trend')[2].partition("</svg>")[0]

    assert re.findall(r'class="limit"[^>]*>(\d+)<', drawing) == ["140", "90", "60"]


@pytest.mark.django_db
def test_what_was_measured_twice_at_one_moment_is_shown_twice(text_of, nurse, make_patient, make_pressure):
    patient = make_patient()
    for value in (118, 124):
        make_pressure(patient, value)

    table = text_of(nurse, f"/patients/{patient}/vital-signs/").partition("<tbody>")[2]

    assert re.findall(r'class="value ">(\d+)<', table) == ["118", "124"]


@pytest.mark.django_db
def test_the_latest_value_says_when_it_was_taken_where_it_is_none_of_the_newest(
    text_of, nurse, make_patient, make_observation, make_pressure
):
    patient = make_patient()
    make_observation(patient, loinc="9279-1", value=23, unit="/min", time="2026-03-01T08:00:00Z")
    for hour in ("07:30", "08:00"):
        make_pressure(patient, 120, time=f"2026-03-02T{hour}:00Z")
    make_observation(patient, loinc="8867-4", value=72, unit="/min", time="2026-03-02T07:30:00Z")

    page = text_of(nurse, f"/patients/{patient}/")

    assert re.findall(r'class="taken-before">([^<]+)<', page) == ["01-Mar 08:00"]
    assert "Respiratory rate: one value, 23 /min high 01-Mar 08:00" in page


@pytest.mark.django_db
def test_a_vital_sign_from_before_the_stretch_that_is_drawn_stands_below_it(
    text_of, nurse, make_patient, make_observation, make_pressure
):
    patient = make_patient()
    make_observation(patient, loinc="9279-1", value=23, unit="/min", time="2026-02-20T08:00:00Z")
    for hour in ("07:30", "08:00"):
        make_pressure(patient, 120, time=f"2026-03-02T{hour}:00Z")

    below = text_of(nurse, f"/patients/{patient}/").partition('class="results"')[2].partition("</table>")[0]

    assert "Respiratory rate" in below
    assert "20-Feb-2026" in below
    assert "Systolic" not in below
