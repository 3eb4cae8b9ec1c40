"""One hospital's part in a run: it answers the coordinator's messages, or refuses with a sentence.

Between rounds it keeps nothing but two records on disk: the unmasking record (one answer per input) and the exposure
record (which hospitals stood behind the sums). Everything else follows from the request: a restarted hospital
computes the same numbers from the same request.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from numpy.typing import NDArray

from wardround.federation.errors import FederationError, SumRefused
from wardround.federation.exposure import ExposureRecord
from wardround.federation.messages import Message, decode, encode
from wardround.federation.round_request import ENCODINGS, RoundRequest
from wardround.federation.sealing import SealedUse, open_sealed
from wardround.federation.secure_sum.context import PHASES, Phase, SumContext
from wardround.federation.secure_sum.party import Node, Party, unmasking_answer_again
from wardround.federation.study import Study
from wardround.learning.artifact import Artifact, ArtifactError
from wardround.learning.contribution import Prepared
from wardround.learning.fit import FitError
from wardround.learning.site import SiteData, generator
from wardround.learning.statistics import (
    FederatedStatistics,
    federated_statistics,
    statistics_length,
    statistics_vector,
)

Floats = NDArray[np.float64]

MINIMUM_PATIENTS = 50
EXPOSURES = "exposures.json"


@dataclass(frozen=True, kw_only=True)
class HospitalPolicy:
    """What this hospital insists on, whatever a study says. Labelled patients are counted before splitting."""

    minimum_patients: int = MINIMUM_PATIENTS
    roster_may_shrink: bool = False


@dataclass(frozen=True, kw_only=True)
class RunKeys:
    """Who this hospital is, whom it trusts, and what opens its models."""

    node: Node
    sealing: X25519PrivateKey
    coordinator: Ed25519PublicKey


@dataclass
class _Understood:
    """The federated statistics of a request, and this hospital's inputs under them."""

    statistics: bytes
    facts: FederatedStatistics
    prepared: Prepared = field(repr=False)


class HospitalRun:
    """Answers ``handle`` for one approved study. Build a new one after a restart, on the same ``folder``.

    The caller has checked that the study is signed by the coordinator and that the steward approved its hash.
    """

    def __init__(
        self,
        study: Study,
        *,
        site: SiteData,
        keys: RunKeys,
        folder: Path,
        on_model: Callable[[bytes], None],
        policy: HospitalPolicy | None = None,
        on_outgoing: Callable[[bytes], None] | None = None,
    ) -> None:
        """``folder``: this hospital's private folder for the study; ``on_model`` keeps the global model's bytes (an
        ``Artifact``) before the hospital says that it has it; ``on_outgoing`` writes the receipt of an answer before it
        leaves. Sets torch to one thread, so that sums do not vary.
        """
        torch.set_num_threads(1)
        self._study = study
        self._study_hash = study.hash
        self._site = site
        self._keys = keys
        self._on_model = on_model
        self._policy = policy or HospitalPolicy()
        self._on_outgoing = on_outgoing
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._exposures = ExposureRecord(folder / EXPOSURES)
        self._party: Party | None = None
        self._understood: _Understood | None = None

    def handle(self, message: bytes) -> bytes:
        """The signed answer to one message of the coordinator; a signed ``refusal`` when this hospital does not go on.

        Raises nothing for what a coordinator can send; what ``on_outgoing`` raises passes, and then nothing leaves.
        """
        answer = self._answered(message)
        if self._on_outgoing is not None:
            self._on_outgoing(answer)
        return answer

    def _answered(self, message: bytes) -> bytes:
        run = ""
        try:
            read = decode(message, direction="to hospital")
            run = read.text("run")
            if read.text("study") != self._study_hash:
                raise SumRefused("This study's hash is not the one that this hospital's steward approved.")
            if read.kind.name == "model":
                return self._receive_model(read)
            if read.kind.name == "advertise":
                self._begin(read)
            return self._answer(read, message)
        except (FederationError, ArtifactError, FitError) as error:
            self._party = None
            return self._refusal(str(error), run=run)

    def _answer(self, read: Message, message: bytes) -> bytes:
        phase: Phase = next(known for known in PHASES if known == read.kind.name)
        if phase == "unmask":
            again = unmasking_answer_again(message, record=self._keys.node.record)
            if again is not None:
                return again
        if self._party is None:
            raise SumRefused("This hospital has no part in this attempt; its keys are gone. Begin again with new ones.")
        context = self._party.context
        if phase == "consistency" and read.names("survivors") != context.roster:
            raise SumRefused(
                "A hospital of the roster did not deliver its numbers. This hospital helps to reveal a sum over the "
                "whole roster only; begin again with new keys."
            )
        if phase == "unmask":
            self._exposures.add(context.roster, round_number=context.round)
        answer = self._party.handle(phase, message)
        if phase == "unmask":
            self._party = None
        return answer

    def _begin(self, read: Message) -> None:
        """Checks all that a hospital can check before it makes keys; raises SumRefused."""
        self._party = None
        context = SumContext.of_message(read)
        self._refuse_unless_enough_patients()
        if context.purpose not in ENCODINGS:
            raise SumRefused(f"A sum of the purpose {context.purpose!r} is no part of a study's run.")
        if context.encoding != ENCODINGS[context.purpose]:
            raise SumRefused("The coordinator asks for another encoding of numbers than the protocol's.")
        self._exposures.refuse_unless_next(
            context.roster, round_number=context.round, may_shrink=self._policy.roster_may_shrink
        )
        clear = self._opened(read, "request", use="request")
        request = RoundRequest.from_bytes(clear, purpose=context.purpose)
        vector, length = self._vector(request, context=context)
        if context.length != length:
            raise SumRefused(f"The coordinator asks for {context.length} numbers; this study's sum has {length}.")
        self._party = Party(
            context,
            node=self._keys.node,
            request=clear,
            vector=vector,
            rounding=generator(f"{self._study_hash}|{context.purpose}|{context.round}|{self._keys.node.name}|rounding"),
        )

    def _refuse_unless_enough_patients(self) -> None:
        needed = max(self._policy.minimum_patients, self._study.privacy.minimum_patients)
        if self._site.patients < needed:
            raise SumRefused(f"This hospital has fewer than the {needed} labelled patients that it needs to take part.")

    def _vector(self, request: RoundRequest, *, context: SumContext) -> tuple[Callable[[], Floats], int]:
        if request.statistics is None or request.shared is None:
            length = statistics_length(self._study.features)
            return partial(_statistics, self._site), length
        understood = self._understand(request.statistics)
        layout = understood.prepared.layout
        shared = request.shared
        if shared.shape != (layout.models, layout.weights):
            raise SumRefused("The model's shape does not fit the study and its federated statistics.")
        evaluation = self._may_evaluate(context)
        if request.kind == "fit":
            return partial(understood.prepared.derivatives, shared, evaluation=evaluation), layout.derivatives_length
        if self._study.training.method != "fedavg":
            raise SumRefused("This study's method is the exact fit; it has no rounds of averaging.")
        averaging = partial(
            understood.prepared.average,
            shared,
            steps=self._study.training.local_steps,
            rate=self._study.training.learning_rate,
            ridge=self._study.model.ridge,
            patients=understood.facts.patients,
            evaluation=evaluation,
        )
        return averaging, layout.average_length

    def _may_evaluate(self, context: SumContext) -> bool:
        """After a hospital left, the held-out patients' number would give that hospital's by difference."""
        first = self._exposures.first_roster
        return first is None or first == context.roster or self._study.publish_site_metrics

    def _understand(self, total: Floats) -> _Understood:
        named = hashlib.sha256(total.tobytes()).digest()
        if self._understood is None or self._understood.statistics != named:
            try:
                facts = federated_statistics(
                    total,
                    features=self._study.features,
                    minimum_count=self._study.privacy.minimum_category_count,
                )
            except ValueError as error:
                raise SumRefused(f"The federated statistics cannot be true. {error}") from error
            own = statistics_vector(self._site.training_raw, labels=self._site.training_labels)
            counts = own_counts(self._study, own)
            if np.any(counts > own_counts(self._study, total) + 0.5):
                raise SumRefused("The federated statistics count fewer patients than this hospital alone has.")
            prepared = Prepared.of(self._site, encoder=facts.encoder, spec=self._study.model)
            self._understood = _Understood(statistics=named, facts=facts, prepared=prepared)
        return self._understood

    def _receive_model(self, read: Message) -> bytes:
        keys = self._keys
        data = self._opened(read, "envelope", use="model")
        artifact = Artifact.from_bytes(data)
        if artifact.kind != "global" or artifact.study_hash != self._study_hash:
            raise SumRefused("The model that arrived was not made in this study.")
        if artifact.encoder.features != tuple(self._study.features):
            raise SumRefused("The model that arrived reads other inputs than the study says.")
        self._on_model(data)
        fields = {
            "study": self._study_hash,
            "run": read.text("run"),
            "round": read.whole("round"),
            "model": hashlib.sha256(data).hexdigest(),
        }
        return encode("model received", fields, identity=keys.node.identity)

    def _opened(self, read: Message, field: str, *, use: Literal["request", "model"]) -> bytes:
        about = SealedUse(study=self._study_hash, run=read.text("run"), round=read.whole("round"), use=use)
        keys = self._keys
        return open_sealed(read.data(field), to=keys.node.name, key=keys.sealing, signer=keys.coordinator, about=about)

    def _refusal(self, sentence: str, *, run: str) -> bytes:
        fields = {"study": self._study_hash, "run": run, "sentence": sentence[:500]}
        return encode("refusal", fields, identity=self._keys.node.identity)


def own_counts(study: Study, total: Floats) -> Floats:
    """The counts of patients in a statistics vector: all, positive, observed and missing ones, and each answer's."""
    counts = [total[0], total[1]]
    at = 2
    for feature in study.features:
        width = 3 if feature.kind == "numeric" else len(feature.choices)
        counts += [total[at], total[at + 1]]
        if feature.kind != "numeric":
            counts += list(total[at + 2 : at + 2 + width])
        at += 2 + width
    return np.array(counts, dtype=np.float64)


def _statistics(site: SiteData) -> Floats:
    try:
        return statistics_vector(site.training_raw, labels=site.training_labels)
    except ValueError as error:
        raise SumRefused(str(error)) from error
