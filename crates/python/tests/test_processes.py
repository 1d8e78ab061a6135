"""Workers, threads and memory."""

import gc
import io
import multiprocessing
import os
import pickle
import shutil
import sys
import sysconfig
import threading

import numpy as np
import pytest

import evz


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Three million events: enough that reads of it use threads."""
    from conftest import FIXTURES

    events = evz.open(FIXTURES / "moving.evz")[:]
    path = tmp_path_factory.mktemp("large") / "large.evz"
    with evz.Writer(path, size=events.size, profile="fast") as writer:
        for k in range(84):
            writer.write(events.t + k * 120_000, events.x, events.y, events.p)
    return path


def facts(rec, k):
    part = rec[k * 300_000 : (k + 1) * 300_000]
    return int(part.t.sum()), int(part.x.sum()), len(rec.ms[k : k + 5])


def work(argument):
    return facts(*argument)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize("threads", [None, 3])
def test_workers_read_what_their_parent_reads(large, method, threads):
    rec = evz.open(large, threads=threads)
    expected = [facts(rec, k) for k in range(8)]  # the threads run before the fork
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(work, [(rec, k) for k in range(8)]) == expected


def in_child(check):
    """Whether `check` holds in a child of fork, which has 20 s."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if check() else 1
        finally:
            os._exit(status)
    alarm = threading.Timer(20, os.kill, (child, 9))
    alarm.start()
    _, status = os.waitpid(child, 0)
    alarm.cancel()
    return os.waitstatus_to_exitcode(status) == 0


def test_a_fork_in_the_middle_of_everything(large, tmp_path):
    rec = evz.open(large)
    windows, frames = iter(rec.windows(us=50_000)), iter(rec.frames(us=50_000))
    next(windows), next(frames)
    writer = evz.Writer(tmp_path / "a.evz")
    writer.write(rec[:1_000_000])
    stop, expected = threading.Event(), facts(rec, 3)

    def read():
        while not stop.is_set():
            rec[:2_000_000]

    readers = [threading.Thread(target=read) for _ in range(3)]
    for thread in readers:
        thread.start()

    def child():
        with pytest.raises(evz.InvalidArgumentError, match="the process that began it"):
            writer.write(rec[:10])
        return facts(rec, 3) == expected and len(next(windows)) and next(frames).any()

    held = [in_child(child) for _ in range(10)]
    stop.set()
    for thread in readers:
        thread.join()
    assert all(held)
    writer.close()
    assert len(evz.open(tmp_path / "a.evz")) == 1_000_000


def test_a_stream_of_the_parent_is_refused_in_the_child(large):
    pa = pytest.importorskip("pyarrow")
    reader = pa.RecordBatchReader.from_stream(evz.open(large))
    reader.read_next_batch()

    def child():
        with pytest.raises(Exception, match="the process that began it"):
            reader.read_all()
        return True

    assert in_child(child)


def test_64_threads_on_one_reader(large):
    rec = evz.open(large)
    expected = {k: facts(rec, k) for k in range(8)}
    wrong = []

    def read(k):
        if facts(rec, k % 8) != expected[k % 8]:
            wrong.append(k)

    threads = [threading.Thread(target=read, args=(k,)) for k in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_free_threaded_interpreter_stays_one():
    is_free = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    assert getattr(sys, "_is_gil_enabled", lambda: True)() == (not is_free)


def test_a_recording_that_changed_is_not_taken_for_the_old_one(moving, tmp_path, monkeypatch):
    path = tmp_path / "a.evz"
    shutil.copy(moving, path)
    monkeypatch.chdir(tmp_path)
    rec = evz.open("a.evz")
    packed = pickle.dumps(rec)
    monkeypatch.chdir("/")
    assert pickle.loads(packed)[:5] == rec[:5]  # also in a worker with another folder
    first = rec[:100]
    with pytest.raises(evz.InvalidArgumentError, match="is the input"):
        evz.write(path, first, replace=True)
    del rec
    evz.write(path, first, replace=True)
    with pytest.raises(evz.ChangedError, match="a.evz: since the recording was pickled it changed"):
        pickle.loads(packed)
    path.unlink()
    with pytest.raises(evz.ChangedError, match="is not there"):
        pickle.loads(packed)
    with pytest.raises(TypeError, match="open it by its path"):
        pickle.dumps(evz.open(io.BytesIO(moving.read_bytes())))


def test_errors_come_home_from_workers(moving):
    with pytest.raises(evz.NotFoundError) as caught:
        evz.open(moving.parent / "nothing.evz")
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is evz.NotFoundError and str(again) == str(caught.value)
    assert again.place == caught.value.place


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors():
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="counts as Linux does")
def test_ten_thousand_windows_leave_nothing_behind(large):
    rec = evz.open(large)
    frames = rec.frames(us=10_000, mode="counts")
    starts = np.random.default_rng(1).integers(*rec.time_range, 10_000).tolist()

    def loop(starts):
        for i, start in enumerate(starts):
            events = rec.time[start : start + 5_000]
            if i % 10 == 0:
                frames[i % len(frames)]
            if i % 1_000 == 0:
                evz.open(large)[: i + 1]
        del events
        gc.collect()

    loop(starts[:2_000])
    before, open_before = resident(), descriptors()
    loop(starts)
    # What tests before this one left may be gone meanwhile.
    assert descriptors() <= open_before
    assert resident() - before < 32 << 20


def test_what_is_read_stays_what_it_is(large):
    """Memory that is given back is used again, and not before."""
    rec = evz.open(large)
    kept = rec[:500_000].x[100:200]
    copy = kept.copy()
    for k in range(20):
        rec[k * 10_000 : k * 10_000 + 500_000]
    assert np.array_equal(kept, copy)
