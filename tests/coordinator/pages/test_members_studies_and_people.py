"""What an operator does with members and studies on the pages, and an administrator with people: the same deeds as by command."""

import hashlib
import json
import sys
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))  # the letters of a hospital, as the tests of the commands write them
from test_members import request_of, seen_by_telephone

import wardround.demo
from wardround.coordinator.members.models import Member
from wardround.coordinator.runs.models import Run
from wardround.coordinator.studies.models import HandedOut, Study
from wardround.federation.joining import Admission, Invitation, public_hex, read_letter
from wardround.web.accounts.models import User
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

HEART = Path(wardround.demo.__file__).parent / "heart-study.yaml"


@pytest.fixture
def operating(as_client, person):
    return as_client(person("operator"))


def upload(text: str):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("study.yaml", text.encode())


class TestMembers:
    def test_a_hospital_is_invited_asks_is_admitted_and_revoked_on_the_pages(self, operating, hospital, settings):
        answer = operating.post("/members/invite/", {"title": "Budapest", "name": ""})
        assert answer.url == "/members/of/budapest/"
        page = operating.get(answer.url).content.decode()
        letter = operating.get("/members/of/budapest/invitation.json")
        invitation, signer = read_letter(letter.content, kind=Invitation)
        assert invitation.hospital == "budapest"
        assert signer == public_hex(settings.HOME.identity_key())
        assert invitation.token not in page

        request = request_of(hospital, invitation=letter.content)
        from django.core.files.uploadedfile import SimpleUploadedFile

        operating.post("/members/request/", {"request": SimpleUploadedFile("r.json", request)})
        assert "compare the fingerprint" in operating.get("/members/of/budapest/").content.decode()

        answer = operating.post("/members/of/budapest/admit/", {"fingerprint": "0000 " * 8})
        assert answer.status_code == 422
        assert "Do not admit it" in answer.content.decode()
        operating.post("/members/of/budapest/admit/", {"fingerprint": seen_by_telephone(hospital)})
        admission, _ = read_letter(operating.get("/members/of/budapest/admission.json").content, kind=Admission)
        assert admission.hospital == "budapest"

        operating.post("/members/of/budapest/revoke/", {"reason": "The hospital has closed."})
        assert "The hospital has closed." in operating.get("/members/of/budapest/").content.decode()
        actions = list(AuditEvent.objects.order_by("id").values_list("action", "outcome"))
        assert [pair for pair in actions if pair[0].startswith("member")] == [
            ("member.invite", "done"), ("member.invitation", "done"), ("member.request", "done"),
            ("member.admit", "refused"), ("member.admit", "done"), ("member.revoke", "done"),
        ]  # fmt: skip

    def test_an_invitation_is_gone_once_it_is_answered(self, operating, hospital):
        operating.post("/members/invite/", {"title": "Budapest"})
        letter = operating.get("/members/of/budapest/invitation.json").content
        from django.core.files.uploadedfile import SimpleUploadedFile

        request = request_of(hospital, invitation=letter)
        operating.post("/members/request/", {"request": SimpleUploadedFile("r.json", request)})

        assert operating.get("/members/of/budapest/invitation.json").status_code == 404

    def test_a_membership_is_not_ended_without_a_reason(self, operating, run_id):
        answer = operating.post("/members/of/budapest/revoke/", {"reason": " "})

        assert answer.status_code == 422
        assert Member.objects.get(name="budapest").standing == "member"

    def test_a_name_that_is_taken_is_refused_beside_the_form(self, operating, run_id):
        answer = operating.post("/members/invite/", {"title": "Budapest"})

        assert answer.status_code == 422
        assert "already known" in answer.content.decode()


class TestLastSeen:
    def test_a_member_that_asks_for_its_studies_was_seen_then_and_has_fetched_them(self, client, run_of_four, settings):
        from datetime import UTC, datetime

        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        from wardround.coordinator.members.queries import member_named
        from wardround.federation.joining import write_proof

        key = Ed25519PrivateKey.generate()
        Member.objects.filter(name="budapest").update(identity=public_hex(key))
        assert member_named("budapest").last_seen is None
        proof = write_proof("/federation/studies", key=key, now=datetime.now(UTC))

        client.get("/federation/studies", headers={"Authorization": f"Wardround {proof}"})

        assert member_named("budapest").last_seen is not None
        assert list(HandedOut.objects.values_list("hospital", flat=True)) == ["budapest"]


class TestStudies:
    def test_a_document_with_errors_names_each_field_and_publishes_nothing(self, operating, run_id):
        document = yaml.safe_load(HEART.read_text())
        document["training"]["rounds"] = 0
        document["nme"] = 1
        before = Study.objects.count()

        answer = operating.post("/studies/publish/", {"document": upload(yaml.safe_dump(document)), "publish": "",
                                                      "hospital": ["budapest"]})  # fmt: skip

        text = answer.content.decode()
        assert answer.status_code == 422
        assert '<th scope="row" class="code">training.rounds</th>' in text
        assert "it must be a whole number from 1 to 10000" in text
        assert '<th scope="row" class="code">nme</th>' in text
        assert Study.objects.count() == before

    def test_a_sound_document_is_only_checked_until_it_is_published(self, operating, run_id):
        document = {**yaml.safe_load(HEART.read_text()), "version": 2}
        text = yaml.safe_dump(document)
        hospitals = ["budapest", "cleveland", "long-beach"]

        checked = operating.post("/studies/publish/", {"document": upload(text), "check": "", "hospital": hospitals})
        assert "Nothing is published yet" in checked.content.decode()
        assert Study.objects.count() == 1
        published = operating.post("/studies/publish/", {"text": text, "publish": "", "hospital": hospitals})

        study = Study.objects.get(hash=published.url.split("/")[2])
        page = operating.get(published.url).content.decode()
        assert study.published_by == "operator.1"
        assert "Changed since the version before" in page
        assert (
            '<th scope="row" class="code">version</th><td data-label="Before">1</td><td data-label="Now">2</td>' in page
        )

    def test_a_study_is_published_to_nobody_by_oversight(self, operating, run_id):
        text = yaml.safe_dump({**yaml.safe_load(HEART.read_text()), "version": 2})

        answer = operating.post("/studies/publish/", {"text": text, "publish": ""})

        assert answer.status_code == 422
        assert "Choose the hospitals" in answer.content.decode()

    def test_the_downloaded_document_has_the_hash_that_hospitals_approve(self, operating, run_id):
        study = Study.objects.get()

        data = operating.get(f"/studies/{study.hash}/document.json").content

        assert hashlib.sha256(data).hexdigest() == study.hash
        assert AuditEvent.objects.filter(action="study.download").exists()

    def test_a_run_is_started_and_refused_for_the_reasons_of_the_command(self, operating, run_id, board):
        study = Study.objects.get()
        page = operating.get(f"/studies/{study.hash}/").content.decode()
        assert "already running" in page
        answer = operating.post(f"/studies/{study.hash}/run/", follow=True)
        assert "already running" in answer.content.decode()

        Run.objects.update(standing="failed")
        answer = operating.post(f"/studies/{study.hash}/run/", {"may_shrink": "yes"})

        assert answer.url.startswith("/runs/heart-")
        assert Run.objects.order_by("-requested").first().may_shrink

    def test_a_refusal_of_a_run_is_all_that_is_known_of_a_decision(self, operating, run_id, board):
        Run.objects.update(refusals={"cleveland": "Cleveland has not approved it."})
        board.hear({"budapest": 900})

        page = operating.get(f"/studies/{Study.objects.get().hash}/").content.decode()

        assert "Cleveland has not approved it." in page
        assert page.count("Took part in a run") == 1
        assert page.count("Not known") == 1


class TestPeople:
    def test_a_new_person_gets_a_password_that_is_shown_once(self, as_client, person):
        client = as_client(person("administrator"))

        answer = client.post("/people/add/", {"username": "o.two", "full_name": "Olga Two", "role": "operator"})

        made = User.objects.get(username="o.two")
        assert made.must_change_password
        assert answer["Cache-Control"] == "no-store"
        assert "Shown this once" in answer.content.decode()

    def test_a_role_of_a_hospital_is_none_here(self, as_client, person):
        client = as_client(person("administrator"))

        answer = client.post("/people/add/", {"username": "n", "full_name": "N", "role": "nurse"})

        assert answer.status_code == 422
        assert not User.objects.filter(username="n").exists()

    def test_an_account_is_deactivated_and_the_last_administrator_is_not(self, as_client, person):
        other = person("auditor")
        client = as_client(person("administrator"))

        client.post(f"/people/of/{other.username}/change/", {"change": "deactivate"})
        answer = client.post("/people/of/administrator.1/change/", {"change": "deactivate"}, follow=True)

        assert not User.objects.get(username=other.username).is_active
        assert "Nobody deactivates their own account" in answer.content.decode()


class TestAudit:
    def test_the_trail_is_filtered_and_a_day_that_is_none_is_said(self, as_client, person, run_id):
        client = as_client(person("auditor"))

        text = client.get("/audit/?action=study").content.decode()
        assert ">Published a study<" in text.split("<tbody>")[1]
        assert ">Asked for a run<" not in text.split("<tbody>")[1]
        assert client.get("/audit/?since=yesterday").status_code == 400

    def test_an_export_holds_what_was_asked(self, as_client, person, run_id):
        client = as_client(person("auditor"))

        answer = client.post("/audit/export/", {"form": "jsonl", "action": "run"})

        lines = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
        assert [line["action"] for line in lines] == ["run.request"]
        assert AuditEvent.objects.filter(action="audit.export", actor_name="auditor.1").exists()

    def test_a_trail_that_was_edited_is_said_to_be_so(self, as_client, person, run_id):
        from wardround.web.audit.sealing import seal_pending

        client = as_client(person("auditor"))
        seal_pending()
        assert "The trail is whole." in client.post("/audit/verify/").content.decode()

        AuditEvent.objects.filter(action="run.request").update(actor_name="somebody.else")

        assert "The trail is not whole." in client.post("/audit/verify/").content.decode()
