"""A supervisor asks whether the site is well, without an account, and learns nothing else."""

import pytest
from django.db import DatabaseError, connection


@pytest.mark.django_db
def test_a_site_whose_database_answers_is_well(client):
    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.json().keys() == {"status", "version"}
    assert answer.json()["status"] == "ok"


@pytest.mark.django_db
def test_a_site_whose_database_does_not_answer_is_unwell(client, monkeypatch):
    def broken(*_):
        raise DatabaseError("disk gone")

    monkeypatch.setattr(connection, "cursor", broken)

    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert "disk" not in answer.content.decode()


@pytest.mark.django_db
def test_health_is_asked_and_never_told(client):
    assert client.post("/healthz").status_code == 405
