"""`bench learning`: the federation on four real hospitals, against local models, pooled records and FLamby's table."""

import platform
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from wardround.bench.baselines import majority_probabilities, pooled_probabilities
from wardround.bench.figures import SplitFigures, figures_of, hospital_summary, paired, summary
from wardround.bench.heart import FLAMBY_SPLIT, Protocol, Table, everybody, split, tables
from wardround.bench.running import LeakFound, Say
from wardround.bench.study import FOLDS, MINIMUM_PATIENTS, RIDGE, study_for
from wardround.demo.source import PLACES
from wardround.federation.memory import MemoryFederation
from wardround.federation.round import HospitalPolicy
from wardround.federation.run_outcome import RunOutcome
from wardround.learning.artifact import Artifact
from wardround.learning.evaluate import auroc
from wardround.learning.personalise import follow, train_local
from wardround.learning.predict import probabilities
from wardround.learning.site import SiteData

Floats = NDArray[np.float64]

METHODS = ("local", "federated", "federated_site", "pooled", "majority")
SPLITS = 20
LEAK_LIMIT = 0.92
VA = "long-beach"

# Accuracy, mean of the four hospitals over five seeds, as published (owkin/FLamby, fed_heart_disease).
FLAMBY_PUBLISHED = {
    "pooled": 0.735,
    "FedAdagrad": 0.731,
    "FedYogi": 0.731,
    "FedAdam": 0.726,
    "Cyclic": 0.718,
    "FedAvg": 0.685,
    "FedProx": 0.685,
    "SCAFFOLD": 0.684,
    "FedAvg + fine-tuning": 0.735,
}


@dataclass(frozen=True, kw_only=True)
class SplitResult:
    """All methods on one split, and what the federation's run was."""

    methods: Mapping[str, SplitFigures]
    rounds: int
    chosen: str
    seconds: float


def bench_learning(*, splits: int = SPLITS, say: Say) -> dict[str, Any]:
    """The whole benchmark as one JSON document. Raises LeakFound when a held-out patient had a part."""
    torch.set_num_threads(1)
    started = time.monotonic()
    seeds: dict[Protocol, list[int]] = {
        "flamby_fixed": [FLAMBY_SPLIT],
        "flamby_resplits": list(range(splits)),
        "all_rows": list(range(splits)),
    }
    results: dict[str, list[SplitResult]] = {}
    for protocol, chosen in seeds.items():
        found = tables(protocol)
        check_no_leak(split_all(found, seed=chosen[0]))
        results[protocol] = []
        for seed in chosen:
            results[protocol].append(run_split(split_all(found, seed=seed), seed=seed))
            say(f"{protocol}: split {len(results[protocol])} of {len(chosen)}")
    say("leaving one hospital out")
    report = _report(results, left_out=leave_one_out(tables("all_rows")), splits=splits)
    report["seconds"] = round(time.monotonic() - started, 1)
    return report


def split_all(found: Mapping[str, Table], *, seed: int) -> dict[str, SiteData]:
    """Every hospital split by one seed."""
    return {name: split(table, hospital=name, seed=seed, folds=FOLDS) for name, table in found.items()}


def federate(sites: Mapping[str, SiteData], *, seed: int) -> tuple[RunOutcome, Artifact]:
    """One run of the real state machines in memory. Raises RuntimeError when it gives no model."""
    features = next(iter(sites.values())).raw.features
    with tempfile.TemporaryDirectory() as folder:
        federation = MemoryFederation(
            study_for(features, seed=seed),
            sites=sites,
            folder=Path(folder),
            policy=HospitalPolicy(minimum_patients=MINIMUM_PATIENTS),
        )
        outcome = federation.coordinator().run()
    if not outcome.succeeded or not outcome.converged or set(federation.models) != set(sites):
        raise RuntimeError(f"The federation gave no model: {outcome.sentence}")
    return outcome, Artifact.from_bytes(next(iter(federation.models.values())))


def run_split(sites: Mapping[str, SiteData], *, seed: int) -> SplitResult:
    """Every method on the same split, judged on the same held-out patients."""
    started = time.monotonic()
    outcome, artifact = federate(sites, seed=seed)
    study = study_for(next(iter(sites.values())).raw.features, seed=seed)
    shared = outcome.candidates["shared"]
    chances: dict[str, dict[str, Floats]] = {
        "federated": {},
        "federated_site": {},
        "local": {},
        "pooled": pooled_probabilities(sites, ridge=RIDGE, minimum_count=study.privacy.minimum_category_count),
        "majority": majority_probabilities(sites),
    }
    for name, site in sites.items():
        held_out = site.held_out_raw
        logits = shared[0] + artifact.encoder.transform(held_out) @ shared[1:]
        chances["federated"][name] = 1 / (1 + np.exp(-logits))
        chances["federated_site"][name] = probabilities(artifact, raw=held_out, site=follow(artifact, site=site))
        own = train_local(site, study=study.name, study_hash=study.hash, outcome="", spec=study.model)
        chances["local"][name] = probabilities(own, raw=held_out)
    labels = {name: site.held_out_labels for name, site in sites.items()}
    return SplitResult(
        methods={method: figures_of(labels, probabilities=chances[method]) for method in METHODS},
        rounds=outcome.rounds,
        chosen=outcome.chosen,
        seconds=time.monotonic() - started,
    )


def check_no_leak(sites: Mapping[str, SiteData]) -> None:
    """Turns every held-out outcome round and moves every held-out number: the model's weights must not change in a bit.

    Raises LeakFound when they do: then a held-out patient took part in statistics, training or selection.
    """
    _, before = federate(sites, seed=0)
    _, after = federate({name: disturbed(site) for name, site in sites.items()}, seed=0)
    same = before.encoder == after.encoder and np.array_equal(before.weights, after.weights)
    same = same and before.candidate == after.candidate and np.array_equal(before.fold_weights, after.fold_weights)
    if not same:
        raise LeakFound("Held-out patients had a part in the model: changing only them changed its weights.")


def disturbed(site: SiteData) -> SiteData:
    """The same hospital with other held-out patients: outcomes turned round, numbers moved, answers removed."""
    labels = site.labels.copy()
    labels[site.held_out] = 1 - labels[site.held_out]
    columns = {}
    for feature in site.raw.features:
        column = site.raw.columns[feature.name].copy()
        column[site.held_out] = column[site.held_out] * 1.5 + 1 if feature.kind == "numeric" else None
        columns[feature.name] = column
    raw = type(site.raw)(features=site.raw.features, columns=columns, patients=site.raw.patients)
    return type(site)(**{**vars(site), "raw": raw, "labels": labels})


def leave_one_out(found: Mapping[str, Table]) -> dict[str, Any]:
    """A hospital that joins with no data of its own: learned by the three others, judged on all of its patients."""
    judged: dict[str, Any] = {}
    for left in found:
        sites = {name: everybody(table, hospital=name, folds=FOLDS) for name, table in found.items() if name != left}
        outcome, artifact = federate(sites, seed=0)
        chance = probabilities(artifact, raw=found[left].raw)
        shared = outcome.candidates["shared"]
        judged[left] = {
            "auroc": auroc(found[left].labels, scores=chance),
            "auroc_shared_weights_only": auroc(
                found[left].labels, scores=shared[0] + artifact.encoder.transform(found[left].raw) @ shared[1:]
            ),
            "brier": float(np.mean((chance - found[left].labels) ** 2)),
            "patients": found[left].raw.patients,
        }
    return judged


def _report(results: Mapping[str, Sequence[SplitResult]], *, left_out: dict[str, Any], splits: int) -> dict[str, Any]:
    protocols: dict[str, Any] = {}
    for protocol, found in results.items():
        protocols[protocol] = {method: summary([result.methods[method] for result in found]) for method in METHODS}
        for method in METHODS:
            _refuse_too_good(protocols[protocol][method]["pooled_auroc"], where=f"{protocol}, {method}")
    return {
        "protocols": protocols,
        "splits": splits,
        "paired": {protocol: _paired(found) for protocol, found in results.items() if protocol != "flamby_fixed"},
        "per_hospital": {
            protocol: {method: hospital_summary([result.methods[method] for result in found]) for method in METHODS}
            for protocol, found in results.items()
        },
        "leave_one_hospital_out": left_out,
        "flamby_published_accuracy": FLAMBY_PUBLISHED,
        "runs": {
            protocol: {
                "rounds": [result.rounds for result in found],
                "chosen": [result.chosen for result in found],
                "seconds": round(sum(result.seconds for result in found), 1),
            }
            for protocol, found in results.items()
        },
        "leak_check": "changing only held-out patients changed no bit of any model; no pooled AUROC above 0.92",
        "minimum_patients": MINIMUM_PATIENTS,
        "hospitals": {place.slug: place.name for place in PLACES.values()},
        "versions": {"python": platform.python_version(), "torch": str(torch.__version__), "numpy": np.__version__},
    }


def _refuse_too_good(value: float, *, where: str) -> None:
    if value > LEAK_LIMIT:
        raise LeakFound(
            f"{where}: an AUROC of {value:.3f} over all hospitals is a leak until proved otherwise (limit {LEAK_LIMIT})."
        )


def _paired(found: Sequence[SplitResult]) -> dict[str, Any]:
    def pooled(one: str, other: str) -> list[float]:
        return [result.methods[one].pooled_auroc - result.methods[other].pooled_auroc for result in found]

    def of(hospital: str, one: str, other: str) -> list[float]:
        pairs = [
            (r.methods[one].hospitals[hospital]["auroc"], r.methods[other].hospitals[hospital]["auroc"]) for r in found
        ]
        return [first - second for first, second in pairs if first is not None and second is not None]

    differences: dict[str, Any] = {
        "federated_site - pooled: pooled_auroc": paired(pooled("federated_site", "pooled")),
        "federated - pooled: pooled_auroc": paired(pooled("federated", "pooled")),
        "federated_site - local: pooled_auroc": paired(pooled("federated_site", "local")),
    }
    for place in PLACES:
        for method in ("federated", "federated_site"):
            values = of(place, method, "local")
            if values:
                differences[f"{place}: {method} - local: auroc"] = paired(values)
    return differences
