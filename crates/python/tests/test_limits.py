"""What inputs may take of memory, and what settles it where that is too little."""

import re

import numpy as np
import pytest

import evz


@pytest.fixture
def limit():
    yield evz.set_max_memory
    evz.set_max_memory("1GiB")


def test_what_an_error_names_is_enough(limit, tmp_path):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    n = 500_000
    t = np.cumsum(np.random.default_rng(0).integers(0, 1_000, n))
    few = np.zeros(n, np.uint16)
    table = pa.table({"t": pa.array(t, pa.duration("us")), "x": few, "y": few, "p": few > 0})
    pq.write_table(table, tmp_path / "a.parquet", use_dictionary=False)
    limit(100 << 10)
    with pytest.raises(evz.LimitError) as raised:
        evz.open(tmp_path / "a.parquet")[:]
    # Pages of other columns may come beside the one that was refused.
    error = raised.value
    for _ in range(3):
        said = re.search(r'call evz\.set_max_memory\("(\w+)"\)', str(error))
        assert said and error.question == "max_memory" and error.argument is None
        assert error.readings == (said[1],)
        limit(said[1])
        try:
            found = evz.open(tmp_path / "a.parquet")[:]
        except evz.LimitError as again:
            assert again.readings != error.readings
            error = again
        else:
            break
    assert np.array_equal(found.t, t)


def test_what_is_no_number_of_bytes(limit):
    for size in ("1GB", "", "-1"):
        with pytest.raises(evz.InvalidArgumentError, match="2GiB"):
            limit(size)
    for size in (-1, 1.5, None):
        with pytest.raises((TypeError, OverflowError, ValueError)):
            limit(size)


@pytest.fixture
def ages(tmp_path):
    """Two events, of which the second has a wrong time."""
    evz.write(tmp_path / "ages.evz", [0, (1 << 63) - 1], [0, 0], [0, 0], [0, 1], size=(4, 4))
    return evz.open(tmp_path / "ages.evz")


@pytest.mark.parametrize("bins", [10**12, 10**15, 2**61, 2**62, 2**63, 2**64, 2**70])
def test_a_rate_of_too_many_bins_is_refused(ages, moving, bins):
    for rec in (ages, evz.open(moving)):
        with pytest.raises(evz.LimitError, match="bins.*evz.set_max_memory"):
            rec.rate(bins)
        assert rec.rate(7).sum() == pytest.approx(len(rec))


def test_a_rate_that_is_allowed_and_not_to_be_had_is_an_error(limit, moving):
    limit((1 << 64) - 1)
    with pytest.raises(evz.LimitError, match="no memory for the rate"):
        evz.open(moving).rate(2**60)
