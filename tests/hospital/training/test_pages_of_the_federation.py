"""The federation's pages: joining, studies, what left, and models, each with its rules, refusals and roles."""

import json
import socket
from datetime import UTC, datetime

import pytest
from a_federation import PATIENTS, admission, confirmed, published
from django.urls import reverse

from wardround.federation.identity import fingerprint
from wardround.federation.study import Study
from wardround.hospital.training.actions import receive_publication
from wardround.hospital.training.approved import is_approved
from wardround.hospital.training.dry_run import run_waiting
from wardround.hospital.training.ledger import ledger_path
from wardround.hospital.training.models import ApprovedStudy, DryRun, Federation, LocalModel, ModelChange
from wardround.hospital.training.queries import adopted_models, adopted_name
from wardround.web.accounts.models import User
from wardround.web.audit.actor import system_actor
from wardround.web.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
BY = system_actor("tests")


@pytest.fixture
def researcher(db):
    return User.objects.create(username="r.lind", role="researcher", password="!")


@pytest.fixture
def waiting(joined, records, publication) -> ApprovedStudy:
    return receive_publication(publication, by=BY)


class TestJoining:
    def test_an_invitation_shows_who_invites_and_pins_nothing(self, administrator, coordinator, invitation):
        page = administrator.post(reverse("federation-invitation"), {"letter": invitation.decode()})

        assert all(group in page.content.decode() for group in fingerprint(coordinator.public_key()).split())
        assert not Federation.objects.exists()

    def test_a_wrong_fingerprint_is_refused_and_the_groups_that_differ_are_named(
        self,
        administrator,
        coordinator,
        invitation,
    ):
        right = fingerprint(coordinator.public_key())
        wrong = ("0000" if right[:4] != "0000" else "1111") + right[4:]
        page = administrator.post(reverse("federation-join"), {"letter": invitation.decode(), "fingerprint": wrong})

        assert page.status_code == 422
        assert "Do not go on; ask the coordinator again." in page.content.decode()
        assert page.content.decode().count("<b>differs</b>") == 1
        assert not Federation.objects.exists()

    def test_the_right_one_pins_the_key_and_the_admission_completes_it(
        self,
        administrator,
        coordinator,
        invitation,
        tmp_path,
    ):
        told = {"letter": invitation.decode(), "fingerprint": fingerprint(coordinator.public_key()).upper()}
        administrator.post(reverse("federation-join"), told)
        request = administrator.get(reverse("federation-request"))
        administrator.post(reverse("federation-admission"), {"letter": admission(coordinator).decode()})

        assert json.loads(request.content)["letter"]["hospital"] == "test-hospital"
        assert Federation.objects.get().joined is not None

    def test_a_letter_that_is_none_is_refused_with_a_sentence(self, administrator):
        page = administrator.post(reverse("federation-invitation"), {"letter": "hello"}, follow=True)

        assert "not a signed invitation" in page.content.decode()


class TestStudies:
    def test_the_page_says_when_the_coordinator_does_not_answer(self, administrator, joined):
        Federation.objects.update(web="http://127.0.0.1:9")
        page = administrator.post(reverse("studies-fetch"), follow=True)

        assert "does not answer" in page.content.decode()

    def test_the_study_page_shows_fields_messages_peers_privacy_and_hash(self, administrator, waiting, study):
        text = administrator.get(reverse("study", args=[study.hash])).content.decode()

        assert all(feature.code in text for feature in study.features)
        assert "off: no noise is added" in text
        assert "masked: random numbers" in text
        assert text.count("Not confirmed") == 2
        assert study.hash[-8:] in text

    def test_a_dry_run_counts_and_learns_and_nothing_leaves(self, administrator, waiting, settings, monkeypatch):
        def no_connection(*_args: object) -> None:
            raise AssertionError("A dry run opened a connection.")

        administrator.post(reverse("study-dry-run", args=[waiting.hash]))
        monkeypatch.setattr(socket.socket, "connect", no_connection)
        done = run_waiting(find_problems=lambda _study: [], by=BY)

        result = DryRun.objects.get().result
        assert (done, result["patients"], result["in_records"]) == (1, PATIENTS, PATIENTS)
        assert not ledger_path(settings.HOME).exists()
        assert not is_approved(settings.HOME, waiting.hash)
        monkeypatch.undo()
        assert (
            "Nothing has left this hospital"
            in administrator.get(reverse("study", args=[waiting.hash])).content.decode()
        )

    def test_a_dry_run_that_is_asked_twice_runs_once(self, administrator, waiting):
        for _ in range(2):
            administrator.post(reverse("study-dry-run", args=[waiting.hash]))

        assert DryRun.objects.count() == 1

    def test_no_approval_before_every_fingerprint_is_confirmed(self, administrator, waiting, settings):
        approving = {"characters": waiting.hash[-8:]}
        page = administrator.post(reverse("study-approve", args=[waiting.hash]), approving, follow=True)

        assert "is not confirmed yet" in page.content.decode()
        assert not is_approved(settings.HOME, waiting.hash)

    def test_a_peers_wrong_fingerprint_is_not_confirmed(self, administrator, waiting):
        told = {"name": "cleveland", "fingerprint": "0" * 32}
        page = administrator.post(reverse("study-confirm", args=[waiting.hash]), told, follow=True)

        assert "call them and compare again" in page.content.decode()
        assert not AuditEvent.objects.filter(action="member.confirm").exists()

    def test_it_is_approved_by_the_last_characters_of_its_hash_and_withdrawn(
        self,
        administrator,
        waiting,
        peers,
        settings,
    ):
        for name, told in confirmed(peers).items():
            administrator.post(reverse("study-confirm", args=[waiting.hash]), {"name": name, "fingerprint": told})
        wrong = administrator.post(
            reverse("study-approve", args=[waiting.hash]), {"characters": "00000000"}, follow=True
        )
        assert "nothing is approved" in wrong.content.decode()
        administrator.post(reverse("study-dry-run", args=[waiting.hash]))
        run_waiting(find_problems=lambda _study: [], by=BY)
        asked = {"characters": waiting.hash[-8:], "dry_run": DryRun.objects.get().pk, "decision": "waiting"}
        administrator.post(reverse("study-approve", args=[waiting.hash]), asked)
        assert is_approved(settings.HOME, waiting.hash)

        administrator.post(reverse("study-withdraw", args=[waiting.hash]), {"reason": "New counsel."})

        assert not is_approved(settings.HOME, waiting.hash)
        waiting.refresh_from_db()
        assert (waiting.standing, waiting.reason) == ("withdrawn", "New counsel.")
        assert AuditEvent.objects.filter(action__in=["study.approve", "study.withdraw"]).count() == 2
        assert AuditEvent.objects.filter(action="member.confirm").count() == 2

    def test_a_refusal_needs_its_reason(self, administrator, waiting):
        page = administrator.post(reverse("study-refuse", args=[waiting.hash]), {"reason": " "}, follow=True)
        assert "Say why" in page.content.decode()
        administrator.post(reverse("study-refuse", args=[waiting.hash]), {"reason": "Too few patients."})

        waiting.refresh_from_db()
        assert (waiting.standing, waiting.reason) == ("refused", "Too few patients.")
        assert AuditEvent.objects.filter(action="study.refuse").count() == 1

    def test_a_new_version_shows_what_changed_against_the_one_approved(
        self,
        administrator,
        waiting,
        study,
        peers,
        coordinator,
    ):
        ApprovedStudy.objects.update(standing="approved", patients=PATIENTS, decided=waiting.received)
        document = study.document() | {"version": 2, "not_for": [*study.not_for, "Patients with a heart transplant."]}
        newer = Study.from_document(document)
        receive_publication(published(newer, peers=peers, coordinator=coordinator), by=BY)

        text = administrator.get(reverse("study", args=[newer.hash])).content.decode()

        assert "What changed since version 1" in text
        assert "<ins>Patients with a heart transplant.</ins>" in text

    def test_a_researcher_reads_and_decides_nothing(self, as_client, researcher, waiting):
        client = as_client(researcher)

        assert client.get(reverse("study", args=[waiting.hash])).status_code == 200
        for name in ("dry-run", "confirm", "approve", "refuse", "withdraw"):
            assert client.post(reverse(f"study-{name}", args=[waiting.hash])).status_code == 403


def settings_home():
    from django.conf import settings

    return settings.HOME


class TestModels:
    @pytest.fixture
    def kept(self, waiting, settings):
        from wardround.hospital.training import vault

        vault_names = []
        models = []
        for day, is_current in ((1, False), (2, True)):
            model = LocalModel.objects.create(
                study=waiting, kind="local", model_sha256=str(day) * 64, made=datetime(2026, 11, day, tzinfo=UTC),
                is_current=is_current, figures={"adopted": {"auroc": 0.8, "auroc_low": 0.7, "auroc_high": 0.9}},
            )  # fmt: skip
            vault.keep(settings.HOME, adopted_name(model.pk), b"model")
            vault_names.append(adopted_name(model.pk))
            models.append(model)
        yield models
        for path in settings.HOME.models.glob("adopted-*.sealed"):
            path.unlink()

    def test_a_model_that_is_switched_off_speaks_in_no_chart(self, administrator, kept):
        administrator.post(reverse("model-off", args=[kept[1].pk]), {"reason": "Drift."})

        assert adopted_models() == []
        assert "Switched off." in administrator.get(reverse("models")).content.decode()
        assert ModelChange.objects.get().reason == "Drift."
        assert AuditEvent.objects.filter(action="model.switch_off").count() == 1

    def test_without_a_reason_it_stays_on(self, administrator, kept):
        page = administrator.post(reverse("model-off", args=[kept[1].pk]), {"reason": ""}, follow=True)

        assert "Say why" in page.content.decode()
        assert LocalModel.objects.get(is_current=True) == kept[1]

    def use(self, client, model, *, seen) -> str:
        asked = {"reason": "The later one drifts.", "in_use": seen.pk if seen else ""}
        return client.post(reverse("model-use", args=[model.pk]), asked, follow=True).content.decode()

    def test_a_model_that_came_while_the_page_was_open_is_not_replaced_unseen(self, administrator, kept):
        newer = LocalModel.objects.create(
            study=kept[0].study, kind="federated", model_sha256="3" * 64, made=datetime(2026, 11, 3, tzinfo=UTC),
            is_current=False,
        )  # fmt: skip
        LocalModel.objects.filter(pk=kept[1].pk).update(is_current=False)
        LocalModel.objects.filter(pk=newer.pk).update(is_current=True)

        said = self.use(administrator, kept[0], seen=kept[1])

        assert "the model in use has changed. Nothing is switched." in said
        assert LocalModel.objects.get(is_current=True) == newer
        assert not ModelChange.objects.exists()

    def test_switching_off_what_is_not_in_use_any_more_leaves_the_newer_one_on(self, administrator, kept):
        """Who read the old model's row before the change is told, and the study does not count as switched off."""
        from wardround.hospital.training.queries import is_switched_off
        from wardround.hospital.training.switching import SwitchingError, switch_off

        stale = LocalModel.objects.get(pk=kept[1].pk)
        self.use(administrator, kept[0], seen=kept[1])

        with pytest.raises(SwitchingError, match="not in use"):
            switch_off(stale, reason="Drift.", by=BY)

        assert LocalModel.objects.get(is_current=True) == kept[0]
        assert not is_switched_off(kept[0].study)

    def test_a_form_that_is_sent_twice_switches_once(self, administrator, kept):
        self.use(administrator, kept[0], seen=kept[1])

        assert "in use already" in self.use(administrator, kept[0], seen=kept[1])
        assert ModelChange.objects.count() == 1

    def test_a_roll_back_after_a_roll_back_is_one_and_the_way_forward_is_none(self, administrator, kept):
        first = LocalModel.objects.create(
            study=kept[0].study, kind="local", model_sha256="0" * 64, made=datetime(2026, 10, 1, tzinfo=UTC),
            is_current=False,
        )  # fmt: skip
        from wardround.hospital.training import vault

        vault.keep(settings_home(), adopted_name(first.pk), b"model")
        for model, seen in ((kept[0], kept[1]), (first, kept[0]), (kept[1], first)):
            self.use(administrator, model, seen=seen)

        assert list(ModelChange.objects.order_by("id").values_list("deed", flat=True)) == [
            "roll_back", "roll_back", "adopt",
        ]  # fmt: skip
        assert LocalModel.objects.get(is_current=True) == kept[1]

    def test_an_earlier_model_is_rolled_back_to(self, administrator, kept):
        self.use(administrator, kept[0], seen=kept[1])

        assert LocalModel.objects.get(is_current=True) == kept[0]
        assert ModelChange.objects.get().deed == "roll_back"
        assert AuditEvent.objects.filter(action="model.roll_back").count() == 1

    @pytest.mark.parametrize(
        ("standing", "is_off", "in_use"),
        [("approved", False, True), ("withdrawn", False, False), ("refused", False, False), ("approved", True, False)],
    )
    def test_a_model_of_a_run_comes_into_use_only_while_the_study_stands_and_is_not_switched_off(
        self, administrator, kept, standing, is_off, in_use
    ):
        from types import SimpleNamespace

        from wardround.hospital.training.adoption import _Candidate, _keep
        from wardround.hospital.training.models import RunRecord

        study = kept[0].study
        ApprovedStudy.objects.update(standing=standing)
        if is_off:
            administrator.post(reverse("model-off", args=[kept[1].pk]), {"reason": "Drift."})
        run = RunRecord.objects.create(
            run_id="r", study=study, received=datetime(2026, 11, 3, tzinfo=UTC), model_sha256="2" * 64
        )
        artifact = SimpleNamespace(to_bytes=lambda: b"model")
        candidate = _Candidate(kind="federated", artifact=artifact, site=None)

        model = _keep(study, candidate=candidate, run=run, decision={}, figures={}, by=BY)

        assert LocalModel.objects.get(pk=model.pk).is_current is in_use
        assert LocalModel.objects.get(pk=kept[1].pk).is_current is (not in_use and not is_off)

    def test_a_researcher_sees_the_models_and_switches_none(self, as_client, researcher, kept):
        client = as_client(researcher)

        assert "Switch model off" not in client.get(reverse("models")).content.decode()
        assert client.post(reverse("model-off", args=[kept[1].pk]), {"reason": "x"}).status_code == 403


def test_a_nurse_has_no_federation(as_client, nurse):
    client = as_client(nurse)

    for name in ("federation", "studies", "runs", "models", "what-left"):
        assert client.get(reverse(name)).status_code == 403
