"""Codes are found while one types: in what ships with Wardround, in what the hospital loaded, and in what it uses."""

import pytest
from statements import ICD, Statement, said

from wardround.hospital.entry import terms
from wardround.hospital.records.actions.resources import create_resource
from wardround.web.audit.actor import system_actor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_terms():
    terms._used_here.cache_clear()
    terms._loaded.cache_clear()


@pytest.fixture
def search(as_client, nurse):
    client = as_client(nurse)

    def searched(text: str, *, of: str = "Condition") -> str:
        answer = client.post("/codes/", {"code_text": text, "of": of, "name": "code"}, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        return said(answer)

    return searched


def test_a_diagnosis_is_found_by_a_synonym(search):
    assert "I21.9" in search("heart attack")
    assert "“high blood pressure”" in search("high blood pressure")


def test_words_can_always_be_kept(search):
    assert "Not coded: keep “qqqq” in words" in search("qqqq")


def test_what_this_hospital_uses_most_comes_first(search, as_client, doctor, make_patient):
    before = search("asthma")
    for _number in range(2):
        problem = Statement(as_client(doctor), make_patient(), "problem", verification="provisional", clinical="active")
        problem.saved(code_text="asthma", code=f"{ICD}|J45.998")

    after = search("asthma")

    assert before.index("J45.909") < before.index("J45.998")
    assert after.index("J45.998") < after.index("J45.909")
    assert "used 2 times here" in after


def test_a_code_system_that_the_hospital_loaded_is_searched(search):
    concepts = [{"code": "80146002", "display": "Appendectomy"}]
    body = {"resourceType": "CodeSystem", "url": "http://snomed.info/sct", "status": "active", "content": "fragment"}
    create_resource({**body, "concept": concepts}, by=system_actor("tests"))

    assert "Appendectomy" in search("appendec", of="Procedure")


def test_words_of_one_patients_record_are_no_list_of_terms(search, make_patient):
    def take(many: int) -> None:
        coding = {"system": "urn:own", "code": "P-1", "display": "Own procedure"}
        for _number in range(many):
            reference = {"reference": f"Patient/{make_patient()}"}
            body = {"resourceType": "Procedure", "status": "completed", "code": {"coding": [coding]}}
            create_resource({**body, "subject": reference}, by=system_actor("tests"))
        terms._used_here.cache_clear()

    take(2)
    assert "Own procedure" not in search("own proc", of="Procedure")
    take(1)
    assert "Own procedure" in search("own proc", of="Procedure")


def test_without_scripts_it_is_a_page(as_client, nurse):
    answer = as_client(nurse).get("/codes/", {"text": "copd"})

    assert "J44.9" in said(answer)


def test_who_may_not_write_does_not_search(as_client, stranger):
    assert as_client(stranger).get("/codes/").status_code == 403


def test_nobody_searches_for_a_kind_that_is_none(as_client, nurse):
    assert as_client(nurse).get("/codes/", {"of": "Patient"}).status_code == 404
