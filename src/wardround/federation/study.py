"""The study document: what is asked, of whom, with which inputs, model, training and privacy. Data, never code.

Written as YAML, it is identified by the SHA-256 of its canonical JSON (RFC 8785, every default written out) and signed
with the coordinator's Ed25519 identity. A hospital approves that hash and runs only that.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from wardround.federation.canonical import NotCanonical, canonical, read_canonical
from wardround.federation.errors import StudyError
from wardround.federation.identity import public_bytes
from wardround.federation.study_reader import Section
from wardround.federation.study_yaml import LARGEST, read_yaml
from wardround.learning.index_time import NoFixedMoment, after_trigger
from wardround.learning.specification import Feature, FeatureKind, ModelSpec

FORMAT = "wardround-study-1"
_LABEL = b"wardround study 1\0"
_SLUG = r"[a-z][a-z0-9-]{0,39}"
_FEATURE_NAME = r"[a-z][a-z0-9_]{0,59}"
_TASK_FIELDS = ("predicates", "trigger", "windows")
_KINDS: tuple[FeatureKind, ...] = ("numeric", "boolean", "category")
_FAMILIES: tuple[Literal["logistic"], ...] = ("logistic",)
_METHODS: tuple[Literal["exact", "fedavg"], ...] = ("exact", "fedavg")
_DIFFERENTIAL: tuple[Literal["off"], ...] = ("off",)


@dataclass(frozen=True, kw_only=True)
class CohortRule:
    """Who is in the study. ``task`` is an ACES task (predicates, trigger, windows), ``statement`` says it in words."""

    task: Mapping[str, Any]
    label_name: str
    statement: str


@dataclass(frozen=True, kw_only=True)
class Training:
    """How the model is trained. ``exact``: Newton on secure sums. ``fedavg``: local steps, then a secure mean."""

    method: Literal["exact", "fedavg"]
    rounds: int
    seed: int
    test_fraction: float
    folds: int
    tolerance: float = 1e-6
    local_steps: int = 1
    learning_rate: float = 1.0


@dataclass(frozen=True, kw_only=True)
class PrivacyRule:
    """``minimum_patients``: labelled patients that a hospital needs to take part; its own policy may ask for more.
    ``minimum_category_count``: patients over all hospitals that an answer needs to become an input."""

    minimum_patients: int = 50
    minimum_category_count: int = 5
    differential_privacy: Literal["off"] = "off"


@dataclass(frozen=True, kw_only=True)
class Study:
    """One version of one study."""

    name: str
    version: int
    title: str
    question: str
    purpose: str
    contact: str
    cohort: CohortRule
    features: tuple[Feature, ...]
    model: ModelSpec
    training: Training
    privacy: PrivacyRule
    publish_site_metrics: bool
    not_for: tuple[str, ...]
    impression_first: bool = False  # a doctor says what they think before they see an estimate (automation bias)

    @classmethod
    def from_document(cls, document: Any) -> "Study":
        """A study from plain values. Raises StudyError with one sentence per problem, unknown fields included."""
        problems: list[str] = []
        study = _read(Section(document, place="", problems=problems))
        if problems or study is None:
            raise StudyError("\n".join(problems))
        return study

    def document(self) -> dict[str, Any]:
        """The study as plain values with every default written out, for pages and for the hash.

        Only `impression_first` is left out where it is false: studies that were signed before it existed keep their hash.
        """
        return {
            "name": self.name,
            "version": self.version,
            "title": self.title,
            "question": self.question,
            "purpose": self.purpose,
            "contact": self.contact,
            "cohort": {
                "task": self.cohort.task,
                "label_name": self.cohort.label_name,
                "statement": self.cohort.statement,
            },
            "features": [
                {
                    "name": f.name,
                    "title": f.title,
                    "kind": f.kind,
                    "code": f.code,
                    "unit": f.unit,
                    "answers": list(f.answers),
                }
                for f in self.features
            ],
            "model": {
                "family": self.model.family,
                "ridge": self.model.ridge,
                "site": {
                    "intercept": self.model.site_intercept,
                    "intercept_strength": self.model.intercept_strength,
                    "deviation_strengths": list(self.model.deviation_strengths),
                },
            },
            "training": {
                "method": self.training.method,
                "rounds": self.training.rounds,
                "tolerance": self.training.tolerance,
                "seed": self.training.seed,
                "test_fraction": self.training.test_fraction,
                "folds": self.training.folds,
                "local_steps": self.training.local_steps,
                "learning_rate": self.training.learning_rate,
            },
            "privacy": {
                "minimum_patients": self.privacy.minimum_patients,
                "minimum_category_count": self.privacy.minimum_category_count,
                "differential_privacy": self.privacy.differential_privacy,
            },
            "publish_site_metrics": self.publish_site_metrics,
            "not_for": list(self.not_for),
            **({"impression_first": True} if self.impression_first else {}),
        }

    def canonical(self) -> bytes:
        """The study's canonical JSON: the same study always gives the same bytes."""
        return canonical(self.document())

    @property
    def hash(self) -> str:
        """SHA-256 of ``canonical()``, 64 hexadecimal digits: what a hospital approves."""
        return hashlib.sha256(self.canonical()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class SignedStudy:
    """A study as it is published: its canonical bytes, the signer's public key, the signature. Not yet verified."""

    study: bytes
    signer: bytes
    signature: bytes

    @property
    def hash(self) -> str:
        """SHA-256 of the study's canonical bytes."""
        return hashlib.sha256(self.study).hexdigest()

    def to_bytes(self) -> bytes:
        """Canonical JSON {format, signature, signer, study}; ``from_bytes`` reads it back."""
        document = {
            "format": FORMAT,
            "signature": self.signature.hex(),
            "signer": self.signer.hex(),
            "study": read_canonical(self.study),
        }
        return canonical(document)

    @classmethod
    def from_bytes(cls, data: bytes) -> "SignedStudy":
        """Raises StudyError when the bytes are not a published study."""
        if len(data) > LARGEST + 1024:
            raise StudyError("The published study is larger than 256 KiB.")
        try:
            document = read_canonical(data)
            if document.keys() != {"format", "signature", "signer", "study"} or document["format"] != FORMAT:
                raise StudyError(f"The bytes are not a published study in the format {FORMAT}.")
            signer, signature = bytes.fromhex(document["signer"]), bytes.fromhex(document["signature"])
            Ed25519PublicKey.from_public_bytes(signer)
            return cls(study=canonical(document["study"]), signer=signer, signature=signature)
        except (NotCanonical, ValueError, LookupError, TypeError, AttributeError) as error:
            raise StudyError("The bytes are not a published study.") from error


def load_study(path: Path) -> Study:
    """The study in a YAML file. Raises StudyError with one sentence per problem."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise StudyError(f"{path} cannot be read: {error.strerror}.") from error
    return Study.from_document(read_yaml(data))


def sign(study: Study, key: Ed25519PrivateKey) -> SignedStudy:
    """The study signed with the coordinator's identity."""
    data = study.canonical()
    return SignedStudy(study=data, signer=public_bytes(key.public_key()), signature=key.sign(_LABEL + data))


def verify(signed: SignedStudy, coordinator: bytes | Ed25519PublicKey) -> Study:
    """The study, when the pinned key of the coordinator signed exactly these bytes. Raises StudyError otherwise."""
    pinned = coordinator if isinstance(coordinator, bytes) else public_bytes(coordinator)
    if signed.signer != pinned:
        raise StudyError("The study is signed by another key than the coordinator's that is pinned here.")
    try:
        Ed25519PublicKey.from_public_bytes(pinned).verify(signed.signature, _LABEL + signed.study)
    except InvalidSignature as error:
        raise StudyError(
            "The study was changed after it was signed, or the signature is not the coordinator's."
        ) from error
    study = Study.from_document(read_canonical(signed.study))
    if study.canonical() != signed.study:
        raise StudyError("The study's bytes are not the full canonical form, so its hash would not name what is run.")
    return study


def _read(top: Section) -> Study | None:
    study = Study(
        name=top.text("name", longest=40, pattern=_SLUG),
        version=top.whole("version", least=1, most=100_000),
        title=top.text("title", longest=200),
        question=top.text("question", longest=2000),
        purpose=top.text("purpose", longest=2000),
        contact=top.text("contact", longest=300),
        cohort=_cohort(top.section("cohort")),
        features=_features(top),
        model=_model(top.section("model")),
        training=_training(top.section("training")),
        privacy=_privacy(top.section("privacy", needed=False)),
        publish_site_metrics=top.flag("publish_site_metrics", default=False),
        not_for=top.texts("not_for", longest=300, most=50, needed=True),
        impression_first=top.flag("impression_first", default=False),
    )
    top.done()
    return study


def _cohort(section: Section) -> CohortRule:
    task = section.mapping("task")
    for field in task:
        if field not in _TASK_FIELDS:
            section.problem(f"{field!r} is not a field of cohort.task. Known fields are {', '.join(_TASK_FIELDS)}.")
    for field in _TASK_FIELDS:
        if task and field not in task:
            section.problem(f"cohort.task.{field} is missing; an ACES task has {', '.join(_TASK_FIELDS)}.")
    try:
        canonical(task)
    except NotCanonical as error:
        section.problem(f"cohort.task cannot be written as canonical JSON. {error}")
    if isinstance(task.get("windows"), Mapping) and all(isinstance(one, Mapping) for one in task["windows"].values()):
        try:
            after_trigger(task)
        except NoFixedMoment as error:
            section.problem(f"cohort.task cannot be asked of a patient in a chart. {error}")
    rule = CohortRule(
        task=task,
        label_name=section.text("label_name", longest=60, pattern=_FEATURE_NAME),
        statement=section.text("statement", longest=2000),
    )
    section.done()
    return rule


def _features(top: Section) -> tuple[Feature, ...]:
    found: list[Feature] = []
    for section in top.sections("features", most=1000):
        given = {
            "name": section.text("name", longest=60, pattern=_FEATURE_NAME),
            "title": section.text("title", longest=120),
            "code": section.text("code", longest=200),
            "unit": section.text("unit", longest=40, default=""),
        }
        kind = section.choice("kind", _KINDS)
        answers = section.texts("answers", longest=60, most=200)
        section.done()
        if not given["name"] or not given["code"] or not given["title"]:
            continue  # the getters have said what is missing
        try:
            found.append(Feature(**given, kind=kind, answers=answers))
        except ValueError as error:
            section.problem(str(error))
    for field in ("name", "code"):
        values = [getattr(feature, field) for feature in found]
        for value in sorted({value for value in values if values.count(value) > 1}):
            top.problem(f"Two features have the {field} {value!r}.")
    return tuple(found)


def _model(section: Section) -> ModelSpec:
    site = section.section("site", needed=False)
    try:
        return ModelSpec(
            family=section.choice("family", _FAMILIES),
            ridge=section.number("ridge", least=0, most=1e6, default=1.0),
            site_intercept=site.flag("intercept", default=True),
            intercept_strength=site.number("intercept_strength", least=0, most=1e6, default=0.1),
            deviation_strengths=site.numbers("deviation_strengths", most=20, default=()),
        )
    except ValueError as error:
        section.problem(str(error))
        return ModelSpec()
    finally:
        site.done()
        section.done()


def _training(section: Section) -> Training:
    training = Training(
        method=section.choice("method", _METHODS),
        rounds=section.whole("rounds", least=1, most=10_000),
        tolerance=section.number("tolerance", least=1e-12, most=0.1, default=1e-6),
        seed=section.whole("seed", least=0, most=2**32 - 1),
        test_fraction=section.number("test_fraction", least=0, most=0.9),
        folds=section.whole("folds", least=2, most=20),
        local_steps=section.whole("local_steps", least=1, most=100_000, default=1),
        learning_rate=section.number("learning_rate", least=1e-6, most=10, default=1.0),
    )
    section.done()
    return training


def _privacy(section: Section) -> PrivacyRule:
    rule = PrivacyRule(
        minimum_patients=section.whole("minimum_patients", least=10, most=1_000_000, default=50),
        minimum_category_count=section.whole("minimum_category_count", least=5, most=1_000_000, default=5),
        differential_privacy=section.choice("differential_privacy", _DIFFERENTIAL, default="off"),
    )
    section.done()
    return rule
