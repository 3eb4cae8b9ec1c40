"""This hospital's part of one run, as the engine's worker opens it. No Django."""

from collections.abc import Callable
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from wardround.federation.receipts import Receipts
from wardround.federation.round import HospitalPolicy, HospitalRun, RunKeys
from wardround.federation.secure_sum.context import NodePolicy
from wardround.federation.secure_sum.party import Node
from wardround.federation.secure_sum.unmasking_record import UnmaskingRecord
from wardround.hospital.training import vault
from wardround.hospital.training.approved import approved_letter, read_publication
from wardround.hospital.training.ledger import ledger_path
from wardround.hospital.training.membership import name_in_federation
from wardround.hospital.training.pins import coordinator_identity, pinned_members
from wardround.hospital.training.policy import policy_of
from wardround.hospital.training.run_now import RunWriter
from wardround.hospital.training.steadfast import refuse_if_changed
from wardround.learning.site import site_data, split_seed
from wardround.web.home import Home


def open_session(home: Home, *, study_hash: str, run_id: str) -> Callable[[bytes], bytes]:
    """Answers messages of a run of this approved study; each answer has a receipt before it leaves."""
    writer = RunWriter(home, study=study_hash, run=run_id)
    with writer.opening():
        return _opened(home, study_hash=study_hash, run_id=run_id, writer=writer)


def _opened(home: Home, *, study_hash: str, run_id: str, writer: RunWriter) -> Callable[[bytes], bytes]:
    pinned_coordinator = coordinator_identity(home)
    published = read_publication(approved_letter(home, study_hash), coordinator_identity=pinned_coordinator)
    study, me, policy = published.study, name_in_federation(home), policy_of(home)
    identity = home.identity_key()
    pinned = pinned_members(home)
    names = tuple(peer.name for peer in published.roster)
    folder = home.engine / "studies" / study_hash
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with vault.opened_cohort(home, study_hash) as meds:
        site = site_data(
            meds,
            task=study.cohort.task,
            features=study.features,
            test_fraction=study.training.test_fraction,
            folds=study.training.folds,
            seed=split_seed(study_hash, me),
        )
    refuse_if_changed(site, home=home, folder=folder)
    node = Node(
        name=me,
        identity=identity,
        pinned=pinned.identities(names),
        record=UnmaskingRecord(folder / "unmasking"),
        policy=NodePolicy(minimum_hospitals=policy.minimum_hospitals),
    )
    keys = RunKeys(
        node=node,
        sealing=home.sealing_key(),
        coordinator=Ed25519PublicKey.from_public_bytes(bytes.fromhex(pinned_coordinator)),
    )
    run = HospitalRun(
        study,
        site=site,
        keys=keys,
        folder=folder,
        on_model=lambda artifact: vault.keep(home, vault.received_name(study_hash, run_id), artifact),
        policy=HospitalPolicy(minimum_patients=policy.minimum_patients, roster_may_shrink=policy.roster_may_shrink),
    )
    receipts = Receipts(ledger_path(home), identity=identity)

    def answer(message: bytes) -> bytes:
        with writer.answering(message):
            outgoing = run.handle(message)
            receipts.record(outgoing, time=datetime.now(UTC))
        writer.answered(outgoing)
        return outgoing

    return answer
