from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.load.histogram import HIGHEST_US, Times

times_ns = st.lists(st.integers(-1000, 100_000_000_000), max_size=200)


def one_by_one(values_ns):
    from hdrh.histogram import HdrHistogram

    histogram = HdrHistogram(1, HIGHEST_US, 3)
    for value_ns in values_ns:
        assert histogram.record_value(min(max(value_ns // 1000, 0), HIGHEST_US))
    return histogram


@given(times_ns)
def test_times_that_are_counted_together_are_counted_as_one_by_one(values_ns):
    times, reference = Times(), one_by_one(values_ns)
    times.add(array("q", values_ns))
    assert len(times) == len(values_ns)
    if values_ns:
        shares = [0.1, 25, 50, 90, 99.9, 100]
        assert times.percentiles_ms(shares) == [reference.get_value_at_percentile(each) / 1000 for each in shares]
        assert times.max_ms == reference.get_max_value() / 1000


@given(st.lists(times_ns, max_size=5))
def test_merged_histograms_are_the_histogram_of_all(parts):
    encoded, whole = [], Times()
    for part in parts:
        times = Times()
        times.add(array("q", part))
        encoded.append(times.encode())
        whole.add(array("q", part))
    merged = Times(text for text in encoded if text)
    assert len(merged) == len(whole)
    assert merged.percentiles_ms([1, 50, 99, 100]) == whole.percentiles_ms([1, 50, 99, 100])
    assert merged.max_ms == whole.max_ms


def test_percentiles_are_right_to_three_digits():
    values_ms = np.random.default_rng(1).lognormal(1, 2, 20_003)
    times = Times()
    times.add(array("q", (values_ms * 1e6).astype("int64").tolist()))
    for share in (10, 50, 99):
        assert times.percentiles_ms([share])[0] == pytest.approx(
            np.percentile(values_ms, share, method="nearest"), rel=2e-3, abs=1.5e-3
        )


def test_no_times_have_no_percentiles():
    assert Times().percentiles_ms([50, 99]) == [None, None]
    assert Times().max_ms is None
    assert Times().encode() == ""
