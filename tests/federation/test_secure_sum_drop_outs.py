"""Random losses in every phase, three to ten hospitals: the sum is exact, or there is none."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.federation.rounds import NAMES, Exchange, Federation, losing
from wardround.federation.errors import RoundAbandoned
from wardround.federation.secure_sum.context import PHASES, required_threshold


@st.composite
def losses(draw):
    """How many hospitals, word size, and which messages are lost: up to one more than the protocol can bear."""
    hospitals = draw(st.integers(3, 10))
    spare = hospitals - required_threshold(hospitals)
    lost = draw(
        st.sets(
            st.tuples(st.sampled_from(PHASES), st.sampled_from(NAMES[:hospitals]), st.booleans()), max_size=spare + 1
        )
    )
    return hospitals, draw(st.sampled_from([32, 64])), lost


def expectation(names, lost):
    """Who is in the sum, or the phase in which too few are left; worked out without the protocol."""
    enough = required_threshold(len(names))
    going = dict.fromkeys(names, True)  # still following the protocol
    present = set(names)
    survivors = set()
    for phase in PHASES:
        asked = survivors if phase == "unmask" else present
        reached = {name for name in asked if (phase, name, False) not in lost and going[name]}
        for name in asked - reached:
            going[name] = False  # without one request it refuses all later ones
        present = {name for name in reached if (phase, name, True) not in lost}
        if len(present) < enough:
            return None, phase
        if phase == "mask":
            survivors = set(present)
    return survivors, None


def settled(examples):
    return settings(
        max_examples=examples, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
    )


@settled(40)
@given(losses())
def test_with_random_drop_outs_in_every_phase_the_sum_is_exact_or_abandoned(case):
    exact_or_abandoned(*case)


@pytest.mark.slow
@settled(400)
@given(losses())
def test_with_many_random_drop_outs_the_sum_is_exact_or_abandoned(case):
    exact_or_abandoned(*case)


def exact_or_abandoned(hospitals, bits, lost):
    to_hospital, to_coordinator = (
        {phase: {name for when, name, up in lost if when == phase and up is way} for phase in PHASES}
        for way in (False, True)
    )
    survivors, abandoned_in = expectation(NAMES[:hospitals], lost)
    event(f"abandoned in {abandoned_in}" if abandoned_in else f"{hospitals - len(survivors)} left out")
    with tempfile.TemporaryDirectory() as folder:
        federation = Federation(Path(folder), hospitals=hospitals, bits=bits)
        parties = {name: federation.party(name) for name in federation.names}
        exchange = Exchange(parties, to_hospital=losing(to_hospital), to_coordinator=losing(to_coordinator))
        if abandoned_in:
            with pytest.raises(RoundAbandoned) as abandoned:
                federation.aggregator().run(exchange)
            assert abandoned.value.phase == abandoned_in
            assert abandoned.value.spent == (abandoned_in == "unmask")
        else:
            result = federation.aggregator().run(exchange)
            assert set(result.survivors) == survivors
            assert np.array_equal(result.total, federation.plain_sum(result.survivors))
