"""Too much, too large, too strange: each is a refusal in words, never an error of the server."""

import pytest


@pytest.mark.parametrize(
    "search",
    [
        "&".join(["code=x"] * 51),
        "&".join(["code=x"] * 1_200),
        "code=" + ",".join(f"c{n}" for n in range(201)),
        "_id=" + ",".join(f"c{n}" for n in range(1_000)),
        "&".join("code=" + ",".join(f"c{n}" for n in range(10)) for _ in range(21)),
        "&".join(["_include=Observation:subject"] * 21),
    ],
)
def test_more_than_may_be_asked_at_once_is_refused(refused, search):
    sentence, _path = refused(f"Observation?{search}")

    assert "at most" in sentence


@pytest.mark.parametrize(
    "search",
    [
        "&".join(["code=x"] * 50),
        "code=" + ",".join(f"c{n}" for n in range(200)),
        "_id=" + ",".join(f"c{n}" for n in range(200)),
        "subject=" + ",".join(f"Patient/p{n}" for n in range(200)),
        "value-string=" + ",".join(f"word{n} other{n} third{n}" for n in range(200)),
        "value-string:contains=" + ",".join(f"abcdefghijklmnop{n}" for n in range(200)),
        "date=" + ",".join(f"ne{1900 + n}" for n in range(200)),
        "value-quantity=" + ",".join(f"ap{n}|http://unitsofmeasure.org|mmol/L" for n in range(200)),
        "code-value-quantity=" + ",".join(f"c$gt{n}" for n in range(200)),
        "&".join(["patient.name=kovacs"] * 50),
        "&".join(["code:not=x"] * 50),
        "&".join(["patient.organization.name=abc"] * 50),
    ],
)
def test_as_much_as_may_be_asked_is_answered(found, search):
    assert found(f"Observation?{search}") == []


@pytest.mark.parametrize("search", ["code=%00", "code=a%00b", "%00=x", "subject=Patient/%00", "_id=%00", "date=%00"])
def test_the_character_nul_is_refused(backend, db, search):
    assert backend.get(f"Observation?{search}").status_code == 400


@pytest.mark.parametrize("search", ["code=%ff", "%ff=x", "code=%c3%28"])
def test_what_is_not_utf_8_is_refused(backend, db, search):
    assert backend.get(f"Observation?{search}").status_code == 400


@pytest.mark.parametrize(
    "search",
    [
        "code=" + "x" * 5_000,
        "value-string=" + "x" * 5_000,
        "value-string=" + "x%20" * 2_000 + "abc",
        "_profile=" + "u" * 5_000,
        "code=%F0%9F%98%80",
        "value-string=%F0%9F%98%80abc",
        "code=%EF%BF%BF",
        "value-quantity=1e308",
        "value-quantity=-1e308",
        "value-quantity=ap1e308",
        "value-quantity=ap1e999",
        "value-quantity=ne1e-320",
        "_lastUpdated=ap0001",
        "_lastUpdated=ne9999-12-31T23:59:59.999999Z",
        "date=ap9999-12-31",
    ],
)
def test_what_is_long_large_or_rare_is_answered(backend, db, search):
    assert backend.get(f"Observation?{search}").status_code == 200


@pytest.mark.parametrize("search", ["_id=" + "x" * 65, "subject=" + "x" * 65, "date=2020-01-01T00:00:00%2B99:00"])
def test_what_cannot_exist_is_refused_or_not_found(backend, db, search):
    response = backend.get(f"Observation?{search}")

    assert response.status_code == 400 or "entry" not in response.json()


def test_a_version_is_a_number_in_plain_digits(backend, store):
    store("Patient/p")

    assert backend.get("Patient/p/_history/1").status_code == 200
    assert backend.get("Patient/p/_history/%D9%A1").status_code == 404
