"""A hospital pins the coordinator it was told of, approves an exact document, and nothing happens halfway."""

import json

import pytest
from a_federation import PATIENTS, admission, confirmed, published
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wardround.federation.errors import FederationError, IdentityError
from wardround.federation.identity import fingerprint
from wardround.federation.joining import public_hex
from wardround.hospital.training import vault
from wardround.hospital.training.actions import ApprovalError, approve, receive_publication, withdraw
from wardround.hospital.training.approval_page import approval_page
from wardround.hospital.training.approved import is_approved
from wardround.hospital.training.cohort import TooFewPatientsError
from wardround.hospital.training.events import subject_id
from wardround.hospital.training.joining import JoiningError, ask_to_join, finish_joining
from wardround.hospital.training.membership import is_joined, kit_folder
from wardround.hospital.training.models import ApprovedStudy
from wardround.hospital.training.policy import PolicyError, policy_of
from wardround.hospital.training.queries import approved_studies
from wardround.interchange.meds import read_meds
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
BY = system_actor("tests")


class TestJoining:
    def test_the_coordinator_is_pinned_by_the_fingerprint_that_was_told(self, coordinator, invitation, settings):
        request = ask_to_join(invitation, coordinator_fingerprint=fingerprint(coordinator.public_key()), by=BY)

        assert b"PRIVATE" not in request
        assert json.loads(request)["letter"]["hospital"] == "test-hospital"
        assert not is_joined(settings.HOME)
        key = kit_folder(settings.HOME) / "startup" / "client.key"
        assert key.stat().st_mode & 0o077 == 0

    def test_another_fingerprint_is_refused_and_nothing_is_pinned(self, invitation, settings):
        with pytest.raises(JoiningError, match="not that of the invitation's key"):
            ask_to_join(invitation, coordinator_fingerprint="0000 " * 8, by=BY)

        assert not kit_folder(settings.HOME).joinpath("startup", "client.key").exists()

    def test_an_admission_that_another_key_signed_is_refused(self, coordinator, invitation, settings):
        ask_to_join(invitation, coordinator_fingerprint=fingerprint(coordinator.public_key()), by=BY)

        with pytest.raises(FederationError, match="another key"):
            finish_joining(admission(Ed25519PrivateKey.generate()), by=BY)
        with pytest.raises(JoiningError, match="is for vienna"):
            finish_joining(admission(coordinator, hospital="vienna"), by=BY)

        assert not is_joined(settings.HOME)

    def test_what_the_engine_may_do_here_is_this_hospitals_choice(self, joined, settings):
        local = kit_folder(settings.HOME) / "local"
        resources = json.loads((local / "resources.json").read_text("utf-8"))
        permissions = json.loads((local / "authorization.json").read_text("utf-8"))["permissions"]

        assert is_joined(settings.HOME)
        assert resources["class_list_enforcement_mode"] == "enforce"
        assert all(name.startswith("wardround.") for name in resources["class_allow_list"])
        assert resources["allow_log_streaming"] is False
        assert {role["byoc"] for role in permissions.values()} == {"none"}
        assert {role["shell_commands"] for role in permissions.values()} == {"none"}

    def test_a_role_without_training_may_not_join(self, coordinator, invitation, nurse):
        from wardround.hospital.records.access import NotAllowed

        with pytest.raises(NotAllowed):
            ask_to_join(invitation, coordinator_fingerprint=fingerprint(coordinator.public_key()), by=nurse)


class TestApproving:
    def test_the_steward_sees_the_exact_fields_the_patients_and_the_peers(self, joined, records, publication, study):
        page = approval_page(receive_publication(publication, by=BY), by=BY)

        assert page.hash == study.hash
        assert (page.patients, page.in_records) == (PATIENTS, PATIENTS)
        assert [name for name, _, _ in page.features] == [feature.name for feature in study.features]
        assert page.unconfirmed == ("cleveland", "long-beach")
        assert study.hash in page.as_text()

    def test_an_approval_freezes_the_cohort_encrypted_and_without_identity(
        self, joined, records, publication, peers, study, settings
    ):
        known = receive_publication(publication, by=BY)

        approve(known, exact_hash=study.hash, peers=confirmed(peers), by=BY)

        home = settings.HOME
        assert is_approved(home, study.hash)
        assert (known.standing, known.patients) == ("approved", PATIENTS)
        assert AuditEvent.objects.filter(action="study.approve").count() == 1
        sealed = (home.cohorts / f"{study.hash}.sealed").read_bytes()
        assert b"MEDS_BIRTH" not in sealed
        with vault.opened_cohort(home, study.hash) as folder:
            events = list(read_meds(folder))
            kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
        assert not folder.exists()
        assert len({event.subject_id for event in events}) == PATIENTS
        assert b"Family" not in kept
        assert b"T-1001" not in kept

    @pytest.mark.parametrize("change", [lambda h: h[:-1], lambda h: h[:12], lambda h: "", lambda h: "0" * 64])
    def test_any_other_hash_approves_nothing(self, joined, records, publication, peers, study, settings, change):
        known = receive_publication(publication, by=BY)

        with pytest.raises(ApprovalError, match="whole, or not at all"):
            approve(known, exact_hash=change(study.hash), peers=confirmed(peers), by=BY)

        assert not is_approved(settings.HOME, study.hash)

    def test_a_peer_whose_key_nobody_compared_stops_the_approval(
        self, joined, records, publication, peers, study, settings
    ):
        known = receive_publication(publication, by=BY)

        with pytest.raises(ApprovalError, match="not confirmed yet"):
            approve(known, exact_hash=study.hash, peers={}, by=BY)
        with pytest.raises(IdentityError, match="not the confirmed one"):
            approve(known, exact_hash=study.hash, peers=confirmed(peers) | {"cleveland": "0" * 32}, by=BY)

        assert not is_approved(settings.HOME, study.hash)

    def test_too_few_patients_leave_nothing_half_approved(self, joined, records, publication, peers, study, settings):
        (settings.HOME.path / "policy.toml").write_text("minimum_patients = 50\n", "utf-8")
        known = receive_publication(publication, by=BY)

        with pytest.raises(TooFewPatientsError, match=r"has 12 patients with a result, and 50 are needed"):
            approve(known, exact_hash=study.hash, peers=confirmed(peers), by=BY)

        assert not is_approved(settings.HOME, study.hash)
        assert ApprovedStudy.objects.get().standing == "waiting"
        assert not vault.has_cohort(settings.HOME, study.hash)

    def test_a_withdrawn_study_may_not_be_started(self, joined, records, publication, peers, study, settings):
        known = receive_publication(publication, by=BY)
        approve(known, exact_hash=study.hash, peers=confirmed(peers), by=BY)
        assert [one.hash for one in approved_studies()] == [study.hash]

        withdraw(known, by=BY)

        assert not is_approved(settings.HOME, study.hash)
        assert approved_studies() == []

    def test_the_cohort_of_a_study_is_frozen_once(
        self, joined, records, publication, peers, study, settings, make_patient
    ):
        known = receive_publication(publication, by=BY)
        approve(known, exact_hash=study.hash, peers=confirmed(peers), by=BY)
        sealed = (settings.HOME.cohorts / f"{study.hash}.sealed").read_bytes()
        make_patient(family="Later")
        withdraw(known, by=BY)

        approve(known, exact_hash=study.hash, peers={}, by=BY)

        assert is_approved(settings.HOME, study.hash)
        assert (settings.HOME.cohorts / f"{study.hash}.sealed").read_bytes() == sealed

    def test_a_publication_that_another_key_signed_or_that_was_changed_is_refused(
        self, joined, publication, study, peers
    ):
        forged = published(study, peers=peers, coordinator=Ed25519PrivateKey.generate())
        changed = json.loads(publication)
        changed["letter"]["roster"][0]["identity"] = public_hex(Ed25519PrivateKey.generate())

        with pytest.raises(FederationError, match="another key"):
            receive_publication(forged, by=BY)
        with pytest.raises(FederationError, match="was changed"):
            receive_publication(json.dumps(changed).encode(), by=BY)
        assert not ApprovedStudy.objects.exists()


def test_a_patients_number_differs_from_study_to_study_and_fits_63_bits(settings):
    first = subject_id(settings.HOME, study_hash="a" * 64, patient_id="p1")

    assert first == subject_id(settings.HOME, study_hash="a" * 64, patient_id="p1")
    assert first != subject_id(settings.HOME, study_hash="b" * 64, patient_id="p1")
    assert 0 <= first < 2**63


@pytest.mark.parametrize("text", ["minimum_patients = 'many'", "unknown = 1", "not toml", "roster_may_shrink = 1"])
def test_a_policy_that_is_wrong_is_an_error_not_a_default(settings, text):
    (settings.HOME.path / "policy.toml").write_text(text, "utf-8")

    with pytest.raises(PolicyError, match="It looks like"):
        policy_of(settings.HOME)
