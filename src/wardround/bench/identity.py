"""How well patients who are here twice are found: precision, recall and pairs compared, through a hospital's own import and search.

The second records are made by a corruptor that shares no code with what is measured. Synthea's patients are few and all
strangers to each other; so invented people stand beside them, in households, with twins, namesakes and shared telephones.
"""

import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from wardround.bench import identity_baselines
from wardround.bench.identity_baselines import Pair
from wardround.bench.identity_records import MRN, Records, invented_records, synthea_records
from wardround.bench.running import LeakFound, NotMeasured, Say, run_site

PRECISION, RECALL = 0.99, 0.95  # to be reached
PEOPLE = 4_000
_GRADES = {"certain": ("certain",), "found": ("certain", "probable")}
_PEER_THRESHOLDS = (0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999)


def bench_identity(*, seed: int, people: int = PEOPLE, data: Path | None, estimating: bool, say: Say) -> dict[str, Any]:
    """The report of `wardround bench identity`. `data` is the folder with synthea_fhir_r4/, where it is here."""
    started = time.perf_counter()
    report: dict[str, Any] = {
        "seed": seed,
        "invented": "Names, days of birth, numbers and addresses of the invented people are made up; names are as "
        "frequent as Zipf and Mandelbrot's law has it. Of Synthea's patients the second records are made up.",
        "to_reach": {"precision": PRECISION, "recall": RECALL},
        "estimated": estimating,
        "sets": {},
    }
    for name, records in _sets(seed=seed, people=people, data=data):
        say(f"{name}: {len(records.patients)} records")
        report["sets"][name] = measured(records, seed=seed, estimating=estimating)
    if not any(name.startswith("Synthea") for name in report["sets"]):
        report["left_out"] = "Synthea's Bundles are not here: name the folder that holds synthea_fhir_r4/ with --data."
    report["passes"] = all(one["passes"] for one in report["sets"].values())
    report["seconds"] = round(time.perf_counter() - started, 1)
    return report


def measured(records: Records, *, seed: int, estimating: bool = False) -> dict[str, Any]:
    """One set of records: found by the product, and by what it is compared with. Raises `LeakFound`, `NotMeasured`."""
    site = _found_by_a_site(records, estimating=estimating)
    graded = {(min(a, b), max(a, b)): grade for a, b, grade in _numbered(site.pop("pairs"))}
    methods = {
        name: figures([pair for pair, grade in graded.items() if grade in grades], truth=records.pairs)
        for name, grades in _GRADES.items()
    }
    check_for_leaks(records, found=graded, seed=seed)
    methods["exact"] = figures(identity_baselines.exact(records.patients), truth=records.pairs)
    methods["rules"] = figures(identity_baselines.rules(records.patients), truth=records.pairs)
    peer = identity_baselines.splink(records.patients, seed=seed)
    methods["splink"] = {"skipped": peer} if isinstance(peer, str) else _of_peer(peer, records)
    number = len(records.patients)
    return {
        "records": number,
        "true_pairs": len(records.pairs),
        "possible_pairs": number * (number - 1) // 2,
        **site,
        "methods": methods,
        "recall_by_slip": _recall_by_slip(records, found=graded),
        "hard_neighbours": dict(Counter(kind for kind in records.kinds if kind not in {"anybody", "Synthea"})),
        "wrong_pairs_with": dict(_wrong(records, found=graded)),
        "leak_check": "passed",
        "passes": methods["found"]["precision"] >= PRECISION and methods["found"]["recall"] >= RECALL,
    }


def figures(found: Collection[Pair], *, truth: Collection[Pair]) -> dict[str, Any]:
    """Precision, recall and F1 over pairs of records."""
    right = len(set(found) & set(truth))
    precision, recall = right / len(found) if found else 1.0, right / len(truth) if truth else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"pairs": len(found), "precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def check_for_leaks(records: Records, *, found: Collection[Pair], seed: int) -> None:
    """Raises `LeakFound` where an id, a number or the order tells, or where figures hold for people dealt out anew."""
    own = [i["value"] for patient in records.patients for i in patient["identifier"] if i["system"] == MRN]
    if len({patient["id"] for patient in records.patients}) < len(own) or len(set(own)) < len(records.patients):
        raise LeakFound("Two records share an id or a number of the hospital.")
    systems = {i["system"] for patient in records.patients for i in patient["identifier"]} - {MRN}
    if any(not system.endswith("us-ssn") for system in systems):
        raise LeakFound("The records hold numbers of their source, which a second record would not have.")
    neighbours = sum(b == a + 1 for a, b in records.pairs)
    if len(records.pairs) > 100 and neighbours > 0.05 * len(records.pairs):
        raise LeakFound("The second records stand beside the first.")
    dealt = list(records.persons)
    random.Random(seed).shuffle(dealt)  # noqa: S311 - the same deal every time, and no secret comes of it
    shuffled = Records(records.patients, tuple(dealt), records.slips, records.kinds)
    if found and figures(found, truth=shuffled.pairs)["precision"] > 0.05:
        raise LeakFound("The figures hold for persons dealt out by chance.")


def _sets(*, seed: int, people: int, data: Path | None) -> Iterator[tuple[str, Records]]:
    bundles = data / "synthea_fhir_r4" / "bundles" if data else None
    for numbers, words in ((True, ""), (False, ", no number but the hospital's")):
        if bundles is not None and bundles.is_dir():
            yield f"Synthea{words}", synthea_records(bundles, seed=seed, numbers=numbers)
        yield f"invented{words}", invented_records(people, seed=seed, numbers=numbers)


def _found_by_a_site(records: Records, *, estimating: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="wardround-bench-") as folder:
        Path(folder, "records.ndjson").write_bytes(b"\n".join(orjson.dumps(patient) for patient in records.patients))
        options = ["estimate"] if estimating else []
        answer = run_site("wardround.bench.identity_site", [folder, *options], say=lambda _line: None)
    report: dict[str, Any] = json.loads(answer)
    if report["stored"] != len(records.patients):
        raise NotMeasured(f"{report['stored']} of {len(records.patients)} records were stored.")
    return report


def _numbered(pairs: Sequence[Sequence[Any]]) -> Iterator[tuple[int, int, str]]:
    for one, other, grade, _score in pairs:
        yield int(one[1:]), int(other[1:]), grade


def _of_peer(peer: tuple[dict[Pair, float], str], records: Records) -> dict[str, Any]:
    """At the probability from which a pair is "probable" here, and at that which gives the best F1 (known only afterwards)."""
    scored, version = peer
    at = {
        least: figures([pair for pair, score in scored.items() if score >= least], truth=records.pairs)
        for least in _PEER_THRESHOLDS
    }
    best = max(at, key=lambda least: at[least]["f1"])
    return {**at[0.9], "version": version, "best": {**at[best], "probability": best}}


def _recall_by_slip(records: Records, *, found: Collection[Pair]) -> dict[str, Any]:
    """Of the true pairs in which a slip was made: how many are found. Most have several slips."""
    made: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for pair in records.pairs:
        for slip in {slip for at in pair for slip in records.slips[at]}:
            made[slip] += 1
            right[slip] += pair in found
    return {slip: {"pairs": number, "recall": round(right[slip] / number, 3)} for slip, number in sorted(made.items())}


def _wrong(records: Records, *, found: Collection[Pair]) -> Counter[str]:
    """Pairs that are two people, by the kind of the neighbour that is hardest to tell apart."""
    return Counter(
        next((records.kinds[at] for at in pair if records.kinds[at] not in {"anybody", "Synthea"}), "anybody")
        for pair in set(found) - records.pairs
    )
