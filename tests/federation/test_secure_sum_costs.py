"""What the protocol adds to the plain update on the wire."""

import pytest

from wardround.bench.secure_sum import bench_secure_sum


@pytest.mark.parametrize("hospitals", [4, 10])
def test_a_hundred_thousand_words_cost_a_hospital_at_most_fifteen_percent_more_than_float32(hospitals):
    (row,) = bench_secure_sum(sizes=((hospitals, 100_000),), repeats=1)["rows"]

    assert row["bytes_up_per_hospital"] > 4 * 100_000
    assert row["bytes_up_over_float32"] <= 1.15
    assert row["bytes_down_per_hospital"] <= 0.15 * 4 * 100_000
    assert row["largest_error"] < 1e-7
