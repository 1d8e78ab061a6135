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


@pytest.mark.parametrize(
    "cut, n",
    [
        ({"us": 1_000}, "9,223,372,036,854,776"), ({"us": 1}, "9,223,372,036,854,775,807"),
        ({"us": 0.5e10}, "1,844,674,408"), ({"us": 1_000, "stride": 0.5e10}, "1,844,674,408"),
        ({"us": 1e3, "drop_last": True}, "9,223,372,036,854,775"), ({"parts": 10**9}, "1,000,000,000"),
    ],
)
def test_a_wrong_time_makes_no_windows_without_end(ages, cut, n):
    for call in (ages.windows, lambda **cut: ages.frames(mode="counts", **cut)):
        with pytest.raises(evz.LimitError, match=f"{n} windows.*evz.set_max_memory.*longer ones.*times=") as raised:
            call(**cut)
        assert raised.value.question == "max_memory" and str(ages.name) in str(raised.value)
    few = ages.windows(us=1 << 60)
    assert len(few) == 8 and len(few[0]) == 1


def test_windows_take_what_is_allowed(limit, ages, moving):
    limit(1_600)
    rec = evz.open(moving)
    span = rec.time_range[1] + 1 - rec.time_range[0]
    assert len(rec.windows(us=-(-span // 100))) == 100
    by_number = {"parts": 200, "split_by": "number"}
    for cut in ({"us": span // 200}, {"count": 10}, {"count": 1_000, "stride": 10}, by_number):
        with pytest.raises(evz.LimitError, match="windows") as raised:
            rec.windows(**cut)
        limit(raised.value.readings[0])
        assert len(rec.windows(**cut)) > 100
        limit(1_600)


def test_a_data_set_of_windows_is_bounded_too(ages):
    pytest.importorskip("torch")
    import evz.torch

    for kind in (evz.torch.WindowDataset, evz.torch.StreamDataset):
        with pytest.raises(evz.LimitError, match="windows"):
            kind(ages, us=1_000, mode="counts")


def test_other_lists_over_all_the_time_are_bounded_too(ages):
    view = evz.h5view(ages)["ms_to_idx"]
    assert view[:3].tolist() == [0, 1, 1] and view[2] == 1
    for call in (lambda: np.asarray(view), lambda: view[:], lambda: view[::1000]):
        with pytest.raises(evz.LimitError, match="ms_to_idx"):
            call()


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
