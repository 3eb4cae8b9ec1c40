"""What the search for duplicates is compared with: exact agreement, rules as registries write them, and splink where it is here.

None of them shares code with what is measured.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import combinations
from typing import Any

Pair = tuple[int, int]
Patient = dict[str, Any]
_MOST = 200  # a key that more share brings nobody together, as in any registry
_AT_LEAST = 0.5  # of splink: what is less probable is not asked for


def exact(patients: Sequence[Patient]) -> frozenset[Pair]:
    """Family name, first given name, birth date and sex agree to the letter."""
    return _sharing(patients, [lambda p: (_family(p), _given(p), p.get("birthDate"), p.get("gender"))])


def rules(patients: Sequence[Patient]) -> frozenset[Pair]:
    """The number for life agrees; or birth date and family name, and the given name's first letter; or names and telephone."""
    return _sharing(
        patients,
        [
            lambda p: (_ssn(p),),
            lambda p: (_plain(_family(p)), _plain(_given(p))[:1], p.get("birthDate")),
            lambda p: (_plain(_family(p)), _plain(_given(p)), _digits(p)),
            lambda p: (_plain(_given(p)), p.get("birthDate"), _digits(p)),
        ],
    )


def splink(patients: Sequence[Patient], *, seed: int) -> tuple[dict[Pair, float], str] | str:
    """Splink 5's own comparisons for people, trained as its documentation shows: pairs with their probability, and its version.

    A sentence where it is not installed.
    """
    if find_spec("splink") is None:
        return "splink is not installed (pip install splink)."
    peer, library, arrow = import_module("splink"), import_module("splink.comparison_library"), import_module("pyarrow")
    database = peer.DuckDBAPI()
    rows = database.register(arrow.Table.from_pylist([_row(at, patient) for at, patient in enumerate(patients)]))
    settings = peer.SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            library.ForenameSurnameComparison("first_name", "surname"),
            library.DateOfBirthComparison("dob", input_is_string=True),
            library.ExactMatch("sex"),
            library.LevenshteinAtThresholds("ssn", 1),
            library.LevenshteinAtThresholds("phone", 1),
            library.EmailComparison("email"),
            library.JaroWinklerAtThresholds("street", [0.9]),
            library.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[
            peer.block_on("dob"),
            peer.block_on("first_name", "surname"),
            peer.block_on("phone"),
            peer.block_on("email"),
            peer.block_on("ssn"),
            peer.block_on("street", "postcode"),
        ],
    )
    linker = peer.Linker(rows, settings, log_level="ERROR")
    training = linker.training
    training.estimate_probability_two_random_records_match([peer.block_on("first_name", "surname", "dob")], recall=0.6)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=seed)
    for blocked in (peer.block_on("dob"), peer.block_on("first_name", "surname")):
        training.estimate_parameters_using_expectation_maximisation(blocked, record_sample_proportion=1.0)
    found = linker.inference.predict(threshold_match_probability=_AT_LEAST).as_record_list()
    pairs = {(one["unique_id_l"], one["unique_id_r"]): one["match_probability"] for one in found}
    return {(min(pair), max(pair)): float(score) for pair, score in pairs.items()}, str(peer.__version__)


def _sharing(patients: Sequence[Patient], keys: Sequence[Callable[[Patient], tuple[Hashable, ...]]]) -> frozenset[Pair]:
    return frozenset(pair for key in keys for pair in _sharing_one(patients, key))


def _sharing_one(patients: Sequence[Patient], key: Callable[[Patient], tuple[Hashable, ...]]) -> Iterator[Pair]:
    holders: defaultdict[tuple[Hashable, ...], list[int]] = defaultdict(list)
    for at, patient in enumerate(patients):
        found = key(patient)
        if all(found):
            holders[found].append(at)
    for places in holders.values():
        if len(places) <= _MOST:
            yield from combinations(places, 2)


def _row(at: int, patient: Patient) -> dict[str, Any]:
    address: dict[str, Any] = next(iter(patient.get("address", [])), {})
    stated = {
        "unique_id": at,
        "first_name": _plain(_given(patient)),
        "surname": _plain(_family(patient)),
        "dob": patient["birthDate"] if len(patient["birthDate"]) == 10 else None,
        "sex": patient.get("gender"),
        "ssn": _ssn(patient),
        "phone": _digits(patient),
        "email": _telecom(patient, "email"),
        "street": _plain(" ".join(address.get("line", []))),
        "postcode": address.get("postalCode"),
    }
    return {name: None if value == "" else value for name, value in stated.items()}


def _family(patient: Patient) -> str:
    return str(patient["name"][0]["family"])


def _given(patient: Patient) -> str:
    return str(patient["name"][0]["given"][0])


def _ssn(patient: Patient) -> str:
    return next((str(i["value"]) for i in patient["identifier"] if i["system"].endswith("us-ssn")), "")


def _telecom(patient: Patient, system: str) -> str:
    return next((str(t["value"]) for t in patient.get("telecom", []) if t["system"] == system), "")


def _digits(patient: Patient) -> str:
    return "".join(c for c in _telecom(patient, "phone") if c.isdecimal())[-10:]


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
