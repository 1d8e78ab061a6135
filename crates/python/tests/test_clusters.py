"""Dask and Ray on clusters of processes."""

import os

import evz
import numpy as np
import pytest
from needs import needs

CHUNK = 65_536
N = 6 * CHUNK


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two recordings of six chunks, in order of time; every time has ten events, also over chunks' ends."""
    root = tmp_path_factory.mktemp("clusters")
    for i, name in enumerate("ab"):
        rng = np.random.default_rng(i)
        t = np.arange(N) // 10 + i * 1_000_000
        x, y, p = rng.integers(0, 320, N), rng.integers(0, 240, N), rng.integers(0, 2, N)
        evz.write(root / f"{name}.evz", t, x, y, p, size=(320, 240))
    return root


@pytest.fixture(scope="module")
def whole(folder):
    events = [evz.open(folder / f"{name}.evz")[:] for name in "ab"]
    return {name: np.concatenate([each[name] for each in events]) for name in "txyp"}


@pytest.fixture(scope="module")
def dask_client():
    distributed = needs("distributed")
    needs("dask.dataframe")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        yield client


def test_dask(folder, whole, dask_client):
    df = evz.dask.read_evz(folder, chunks=2)
    assert df.npartitions == 6 and df.known_divisions and list(df.columns) == ["x", "y", "p"]
    assert df.divisions[0] == 0 and df.divisions[-1] == whole["t"][-1]
    # Each partition holds its times alone, as divisions promise.
    spans = df.map_partitions(lambda part: part.index.to_frame().agg(["min", "max"]).T).compute()
    for (low, high), (first, last) in zip(
        zip(df.divisions, df.divisions[1:]), spans[["min", "max"]].to_numpy(), strict=True
    ):
        assert low <= first and (last < high or high == df.divisions[-1])
    got = df.compute()
    assert all(np.array_equal(got[name].to_numpy(), whole[name]) for name in "xyp")
    assert np.array_equal(got.index.to_numpy(), whole["t"])
    counts = df.groupby("x").size().compute()
    assert counts.sort_index().tolist() == np.bincount(whole["x"]).tolist()
    window = df.loc[1_000:1_999].compute()
    assert np.array_equal(window["y"].to_numpy(), whole["y"][10_000:20_000])
    processes = df.map_partitions(lambda part: os.getpid(), meta=("pid", "i8")).compute()
    assert os.getpid() not in set(processes) and len(set(processes)) == 2


def test_dask_selects(folder, whole, dask_client):
    df = evz.dask.read_evz(
        folder, index=None, columns="tx", time=(20_000, 30_000), polarity="on", roi=(0, 0, 100, 240),
        chunks=1,
    )
    assert df.npartitions == 2 and list(df.columns) == ["t", "x"] and not df.known_divisions
    t, x, p = whole["t"], whole["x"], whole["p"]
    chosen = (t >= 20_000) & (t < 30_000) & (p == 1) & (x < 100)
    got = df.compute()
    assert np.array_equal(got["t"].to_numpy(), t[chosen]) and np.array_equal(got["x"].to_numpy(), x[chosen])
    assert len(evz.dask.read_evz(folder, time=(-5, -1)).compute()) == 0
    assert len(df[["x"]]) == chosen.sum()


def test_dask_wants_order(folder, tmp_path):
    needs("dask.dataframe")
    backwards = [folder / "b.evz", folder / "a.evz"]
    with pytest.raises(ValueError, match="index=None"):
        evz.dask.read_evz(backwards)
    assert evz.dask.read_evz(backwards, index=None).npartitions == 2
    with pytest.raises(ValueError, match="no column 'q'"):
        evz.dask.read_evz(folder, columns=["q"])


@pytest.fixture(scope="module")
def ray_cluster():
    os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    ray = needs("ray")
    needs("ray.data")
    ray.init(num_cpus=2, include_dashboard=False, configure_logging=False, object_store_memory=200 << 20)
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield ray
    ray.shutdown()


@pytest.mark.filterwarnings("ignore")
def test_ray(folder, whole, ray_cluster):
    source = evz.ray.EvzDatasource(folder, chunks=2)
    tasks = source.get_read_tasks(parallelism=100)
    assert [task.metadata.num_rows for task in tasks] == [2 * CHUNK] * 6
    assert len(source.get_read_tasks(parallelism=4)) == 4
    assert source.estimate_inmemory_data_size() == 13 * 2 * N
    data = ray_cluster.data.read_datasource(source)
    assert data.count() == 2 * N and data.columns() == ["t", "x", "y", "p"]
    got = [batch for batch in data.iter_batches(batch_size=None)]
    order = sorted(got, key=lambda batch: batch["t"][0])
    for name in "txyp":
        assert np.array_equal(np.concatenate([batch[name] for batch in order]), whole[name])
    processes = data.map_batches(lambda batch: {"pid": [os.getpid()]}).to_pandas()["pid"]
    assert os.getpid() not in set(processes)


@pytest.mark.filterwarnings("ignore")
def test_ray_selects(folder, whole, ray_cluster):
    data = evz.ray.read_evz(folder, columns="xp", time=(20_000, 30_000), polarity=1, override_num_blocks=2)
    t, x, p = whole["t"], whole["x"], whole["p"]
    chosen = (t >= 20_000) & (t < 30_000) & (p == 1)
    assert data.sum("x") == x[chosen].sum() and data.count() == chosen.sum()
