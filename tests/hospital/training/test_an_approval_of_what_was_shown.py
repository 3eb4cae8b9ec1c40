"""An approval freezes exactly the cohort that a dry run showed, quickly, and one decision comes after the other."""

import json

import pytest
from a_federation import PATIENTS, confirmed
from django.urls import reverse

from wardround.hospital.records.actions.resources import create_resource, delete_resource, update_resource
from wardround.hospital.records.models import Resource, StandardValue
from wardround.hospital.records.queries import iter_patients_facts
from wardround.hospital.training import actions, shown_cohort, vault
from wardround.hospital.training.actions import ApprovalError, receive_publication
from wardround.hospital.training.approved import is_approved
from wardround.hospital.training.dry_run import ask_dry_run, run_waiting, wait_again
from wardround.hospital.training.models import ApprovedStudy, DryRun
from wardround.interchange.meds import read_meds
from wardround.web.accounts.models import User
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent
from wardround.web.sealed_file import SealedFileError

pytestmark = pytest.mark.django_db
BY = system_actor("tests")


@pytest.fixture
def waiting(joined, records, publication, peers) -> ApprovedStudy:
    """A study whose hospitals are all confirmed."""
    found = receive_publication(publication, by=BY)
    for name, told in confirmed(peers).items():
        actions.confirm_peer(found, name=name, fingerprint=told, by=BY)
    return found


def tried(study: ApprovedStudy) -> DryRun:
    ask_dry_run(study, by=BY)
    run_waiting(find_problems=lambda _study: [], by=BY)
    dry = DryRun.objects.filter(study=study).order_by("-id").first()
    assert dry.state == "done", dry.sentence
    return dry


@pytest.fixture
def shown(waiting) -> DryRun:
    return tried(waiting)


def approve(client, study: ApprovedStudy, *, dry_run: object = "", decision: str | None = None) -> str:
    """Send the form of the study's page as it is now, or as it was when `decision` was read from it."""
    study.refresh_from_db()
    mark = actions.decision_mark(study) if decision is None else decision
    asked = {"characters": study.hash[-8:], "dry_run": dry_run, "decision": mark}
    return client.post(reverse("study-approve", args=[study.hash]), asked, follow=True).content.decode()


def narrowing_of_somebody() -> Resource:
    value = StandardValue.objects.filter(measurement="coronary_narrowing", is_current=True).order_by("id").first()
    return value.resource


def observation(patient: str, *, code: str, **elements: object) -> dict:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": "2026-03-01T08:00:00Z",
        **elements,
    }


class TestWhatIsFrozen:
    def test_is_what_the_dry_run_showed_and_nobody_is_counted_again(
        self, administrator, waiting, shown, settings, monkeypatch
    ):
        with vault.opened_shown(settings.HOME, waiting.hash, digest=shown.result["cohort"]) as folder:
            then = list(read_meds(folder))

        def no_counting(*_args: object, **_more: object) -> None:
            raise AssertionError("An approval counted the cohort inside the request.")

        monkeypatch.setattr("wardround.hospital.training.cohort.iter_patients_facts", no_counting)
        monkeypatch.setattr("wardround.hospital.training.actions.build_cohort", no_counting)
        said = approve(administrator, waiting, dry_run=shown.pk)

        assert f"The cohort is frozen with {PATIENTS} patients" in said
        waiting.refresh_from_db()
        assert (waiting.standing, waiting.patients) == ("approved", shown.result["patients"])
        assert waiting.dropped == shown.result["dropped"]
        with vault.opened_cohort(settings.HOME, waiting.hash) as folder:
            assert list(read_meds(folder)) == then
        with (
            pytest.raises(SealedFileError),
            vault.opened_shown(settings.HOME, waiting.hash, digest=shown.result["cohort"]),
        ):
            pass

    def test_the_page_names_it_before(self, administrator, waiting, shown):
        text = administrator.get(reverse("study", args=[waiting.hash])).content.decode()

        assert f"<b>{PATIENTS} patients</b>" in text
        assert shown.result["cohort"][:16] in text
        assert f'name="dry_run" value="{shown.pk}"' in text
        assert 'name="decision" value="waiting"' in text

    def test_the_same_records_have_the_same_hash(self, waiting, shown):
        assert tried(waiting).result["cohort"] == shown.result["cohort"]

    def test_it_is_kept_encrypted_until_the_decision_and_a_refusal_throws_it_away(
        self, administrator, waiting, shown, settings
    ):
        sealed = settings.HOME.cohorts / f"{waiting.hash}.shown.sealed"
        assert b"MEDS_BIRTH" not in sealed.read_bytes()
        assert sealed.stat().st_mode & 0o077 == 0

        administrator.post(reverse("study-refuse", args=[waiting.hash]), {"reason": "Not now."})

        assert not sealed.exists()

    def test_what_was_entered_since_is_not_in_it(self, administrator, waiting, shown, make_patient, settings):
        newcomer = make_patient(family="Newcomer")
        one = narrowing_of_somebody().patient_id
        pressure = {"value": 140, "unit": "mm[Hg]", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}
        for patient in (newcomer, one):
            create_resource(observation(patient, code="8480-6", valueQuantity=pressure), by=BY)

        approve(administrator, waiting, dry_run=shown.pk)

        assert is_approved(settings.HOME, waiting.hash)
        with vault.opened_cohort(settings.HOME, waiting.hash) as folder:
            events = list(read_meds(folder))
        assert len({event.subject_id for event in events}) == PATIENTS
        assert not any("8480-6" in event.code for event in events)


class TestWhatStopsIt:
    def refused(self, client, study, settings, *, dry_run: object = "") -> str:
        said = approve(client, study, dry_run=dry_run)
        assert not is_approved(settings.HOME, study.hash)
        assert not vault.has_cohort(settings.HOME, study.hash)
        study.refresh_from_db()
        assert study.standing == "waiting"
        return said

    def test_no_dry_run(self, administrator, waiting, settings):
        assert "Start a dry run first." in self.refused(administrator, waiting, settings)
        text = administrator.get(reverse("study", args=[waiting.hash])).content.decode()
        assert "study-approve" not in text
        assert reverse("study-approve", args=[waiting.hash]) not in text

    def test_a_dry_run_that_still_runs(self, administrator, waiting, shown, settings):
        ask_dry_run(waiting, by=BY)

        assert "has no result" in self.refused(administrator, waiting, settings, dry_run=shown.pk)

    def test_a_later_dry_run_than_the_page_showed(self, administrator, waiting, shown, settings):
        tried(waiting)

        said = self.refused(administrator, waiting, settings, dry_run=shown.pk)
        assert "There was a dry run since you opened the page." in said

    @pytest.mark.parametrize("number", ["", "0", "x", "999999"])
    def test_a_dry_run_that_is_none(self, administrator, waiting, shown, settings, number):
        self.refused(administrator, waiting, settings, dry_run=number)

    def test_a_corrected_value(self, administrator, waiting, shown, settings):
        row = narrowing_of_somebody()
        body = {
            "resourceType": "Observation", "id": row.logical_id, "status": "amended",
            "code": {"coding": [{"system": "urn:wardround:code", "code": "coronary_narrowing"}]},
            "subject": {"reference": f"Patient/{row.patient_id}"},
            "effectiveDateTime": "2026-03-04T10:00:00Z", "valueBoolean": False,
        }  # fmt: skip
        update_resource(body, type_name="Observation", logical_id=row.logical_id, by=BY)

        said = self.refused(administrator, waiting, settings, dry_run=shown.pk)

        assert "values of a patient that it read were corrected or withdrawn. Nothing is approved." in said
        assert "Run it again" in said
        approve(administrator, waiting, dry_run=tried(waiting).pk)
        assert is_approved(settings.HOME, waiting.hash)

    def test_a_deleted_value(self, administrator, waiting, shown, settings):
        delete_resource(type_name="Observation", logical_id=narrowing_of_somebody().logical_id, by=BY)

        assert "corrected or withdrawn" in self.refused(administrator, waiting, settings, dry_run=shown.pk)

    def test_another_birth_year(self, administrator, waiting, shown, settings):
        patient = narrowing_of_somebody().patient_id
        body = {"resourceType": "Patient", "id": patient, "gender": "female", "birthDate": "1931"}
        update_resource(body, type_name="Patient", logical_id=patient, by=BY)

        assert "corrected or withdrawn" in self.refused(administrator, waiting, settings, dry_run=shown.pk)

    def test_more_changes_than_can_be_looked_at(
        self, administrator, waiting, shown, settings, make_patient, monkeypatch
    ):
        monkeypatch.setattr(shown_cohort, "MOST_CHANGED", 1)
        for _ in range(2):
            make_patient()

        assert "were written to" in self.refused(administrator, waiting, settings, dry_run=shown.pk)

    def test_too_few_patients(self, administrator, waiting, settings):
        (settings.HOME.path / "policy.toml").write_text("minimum_patients = 50\n", "utf-8")
        dry = tried(waiting)

        assert "has 12 patients with a result, and 50 are needed" in self.refused(
            administrator, waiting, settings, dry_run=dry.pk
        )

    def test_a_kept_cohort_that_was_changed(self, administrator, waiting, shown, settings):
        sealed = settings.HOME.cohorts / f"{waiting.hash}.shown.sealed"
        sealed.write_bytes(sealed.read_bytes()[:-1] + b"x")

        assert "was changed" in self.refused(administrator, waiting, settings, dry_run=shown.pk)


def test_a_changed_telephone_and_a_value_that_the_study_does_not_read_stop_nothing(
    administrator, waiting, settings, make_observation
):
    patient = narrowing_of_somebody().patient_id
    potassium = make_observation(patient, loinc="2823-3", value=4.2, unit="mmol/L")
    dry = tried(waiting)
    body = json.loads(administrator_reads(patient)) | {"telecom": [{"system": "phone", "value": "+36 1 000"}]}
    update_resource(body, type_name="Patient", logical_id=patient, by=BY)
    delete_resource(type_name="Observation", logical_id=potassium, by=BY)

    approve(administrator, waiting, dry_run=dry.pk)

    assert is_approved(settings.HOME, waiting.hash)


def administrator_reads(patient: str) -> bytes:
    from wardround.hospital.records.addressed import present

    return present(BY, "Patient", patient).text


class TestOneDecisionAfterTheOther:
    def test_two_who_approve_from_the_same_page_approve_once(self, administrator, as_client, waiting, shown, db):
        approve(administrator, waiting, dry_run=shown.pk)
        officer = User.objects.create(username="p.varga", role="privacy_officer", password="!")

        said = approve(as_client(officer), waiting, dry_run=shown.pk)

        assert "The study is approved already, by a.novak" in said
        assert AuditEvent.objects.filter(action="study.approve").count() == 1
        waiting.refresh_from_db()
        assert waiting.decided_by == "a.novak"

    def test_a_form_that_is_sent_twice_approves_once(self, administrator, waiting, shown):
        for _ in range(2):
            said = approve(administrator, waiting, dry_run=shown.pk)

        assert "approved already" in said
        assert AuditEvent.objects.filter(action="study.approve").count() == 1

    def test_one_who_read_the_study_before_another_approved_it_is_told(self, waiting, shown):
        """The second one's row was read before the first one's decision was written."""
        stale = ApprovedStudy.objects.get(pk=waiting.pk)
        actions.approve_as_shown(
            waiting, last_characters=waiting.hash[-8:], dry_run=str(shown.pk), decision="waiting", by=BY
        )

        with pytest.raises(ApprovalError, match="approved already"):
            actions.approve(stale, exact_hash=stale.hash, peers={}, by=BY)
        with pytest.raises(ApprovalError, match="Withdraw the approval"):
            actions.refuse(stale, reason="No.", by=BY)

    def test_a_refusal_from_a_stale_page_does_not_undo_an_approval(self, administrator, waiting, shown, settings):
        approve(administrator, waiting, dry_run=shown.pk)

        said = administrator.post(reverse("study-refuse", args=[waiting.hash]), {"reason": "No."}, follow=True)

        assert "The study is approved. Withdraw the approval." in said.content.decode()
        assert is_approved(settings.HOME, waiting.hash)

    def test_a_withdrawal_is_sent_twice_and_keeps_the_first_reason(self, administrator, waiting, shown):
        approve(administrator, waiting, dry_run=shown.pk)
        for reason in ("New counsel.", "Again."):
            said = administrator.post(reverse("study-withdraw", args=[waiting.hash]), {"reason": reason}, follow=True)

        assert "so there is no approval to withdraw" in said.content.decode()
        waiting.refresh_from_db()
        assert waiting.reason == "New counsel."

    def test_an_approval_from_a_page_that_was_open_while_it_was_refused_needs_another_dry_run(
        self, administrator, waiting, shown, settings
    ):
        administrator.post(reverse("study-refuse", args=[waiting.hash]), {"reason": "Not now."})

        said = approve(administrator, waiting, dry_run=shown.pk)

        assert not is_approved(settings.HOME, waiting.hash)
        assert "The cohort of the last dry run is not kept any more." in said
        assert reverse("study-approve", args=[waiting.hash]) not in said

    def test_a_withdrawal_while_the_page_is_open_is_not_overruled_unseen(self, administrator, waiting, shown, settings):
        before = actions.decision_mark(waiting)
        approve(administrator, waiting, dry_run=shown.pk)
        administrator.post(reverse("study-withdraw", args=[waiting.hash]), {"reason": "New counsel."})

        said = approve(administrator, waiting, dry_run=shown.pk, decision=before)

        assert "Since you opened the page, somebody decided on this study." in said
        assert "New counsel." in said
        assert not is_approved(settings.HOME, waiting.hash)

    def test_a_study_that_was_withdrawn_is_approved_again_with_the_cohort_it_has(
        self, administrator, waiting, shown, settings
    ):
        approve(administrator, waiting, dry_run=shown.pk)
        sealed = (settings.HOME.cohorts / f"{waiting.hash}.sealed").read_bytes()
        administrator.post(reverse("study-withdraw", args=[waiting.hash]), {"reason": "New counsel."})
        tried(waiting)
        assert not vault.has_shown(settings.HOME, waiting.hash)

        approve(administrator, waiting)

        assert is_approved(settings.HOME, waiting.hash)
        assert (settings.HOME.cohorts / f"{waiting.hash}.sealed").read_bytes() == sealed


def test_a_dry_run_that_a_killed_worker_left_is_done_again(waiting):
    ask_dry_run(waiting, by=BY)
    DryRun.objects.update(state=DryRun.State.RUNNING, step="training")

    wait_again()

    assert run_waiting(find_problems=lambda _study: [], by=BY) == 1
    assert DryRun.objects.get().state == DryRun.State.DONE


def test_facts_of_some_patients_are_those_of_all(records):
    from wardround.hospital.records.queries import facts_of_patients

    everybody = list(iter_patients_facts(BY))
    some = [one.patient_id for one in everybody][3:7]

    assert list(facts_of_patients(some, by=BY)) == everybody[3:7]
