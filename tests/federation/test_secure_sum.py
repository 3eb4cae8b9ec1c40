"""The honest path of the secure sum: exact, or abandoned."""

import numpy as np
import pytest

from tests.federation.rounds import Exchange, Federation, losing
from wardround.federation.errors import RoundAbandoned
from wardround.federation.secure_sum.context import required_threshold


@pytest.mark.parametrize("hospitals", [3, 4, 7, 10])
@pytest.mark.parametrize("bits", [32, 64])
def test_the_sum_equals_the_plain_sum_of_the_same_words_exactly(tmp_path, hospitals, bits):
    federation = Federation(tmp_path, hospitals=hospitals, length=1000, bits=bits)
    parties = {name: federation.party(name) for name in federation.names}

    result = federation.aggregator().run(Exchange(parties))

    assert result.survivors == federation.names
    assert np.array_equal(result.total, federation.plain_sum(federation.names))
    step = federation.encoding.step(hospitals=hospitals)
    assert np.abs(result.total - sum(federation.vectors.values())).max() <= hospitals * step + 1e-12


def test_a_hospital_lost_after_sharing_is_left_out_and_the_sum_of_the_others_is_exact(tmp_path):
    federation = Federation(tmp_path)
    parties = {name: federation.party(name) for name in federation.names}

    result = federation.aggregator().run(Exchange(parties, to_coordinator=losing({"mask": {"basel"}})))

    assert result.survivors == ("amsterdam", "cleveland", "debrecen")
    assert np.array_equal(result.total, federation.plain_sum(result.survivors))
    assert "basel" in result.reasons


def test_with_fewer_than_the_threshold_the_round_is_abandoned_and_nothing_is_spent(tmp_path):
    federation = Federation(tmp_path)
    parties = {name: federation.party(name) for name in federation.names}

    with pytest.raises(RoundAbandoned) as abandoned:
        federation.aggregator().run(Exchange(parties, to_coordinator=losing({"mask": {"basel", "debrecen"}})))

    assert abandoned.value.phase == "mask"
    assert not abandoned.value.spent
    assert not any(node.record.is_spent(federation.context().spends) for node in federation.nodes.values())


@pytest.mark.parametrize(("hospitals", "threshold"), [(3, 3), (4, 3), (5, 4), (6, 5), (7, 5), (10, 7), (50, 34)])
def test_the_threshold_is_more_than_two_thirds(hospitals, threshold):
    assert required_threshold(hospitals) == threshold
