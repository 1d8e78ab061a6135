"""The arrays that `evz render` writes, against the same frames made by NumPy in a few lines each."""

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from evz_chunk import Events
from evz_reader import Evz
from golden import ROOT
from command import evz_command

pytestmark = pytest.mark.skipif(evz_command() is None, reason="evz is not built")

TAU_NS = 30_000_000


def run(*args, code=0):
    done = subprocess.run([evz_command(), *map(str, args)], capture_output=True)
    assert done.returncode == code, done.stderr.decode()
    return done.stderr.decode()


def signed(e, w, h, **_):
    frame = np.zeros((1, h, w))
    np.add.at(frame, (0, e.y, e.x), np.where(e.p, 1, -1))
    return frame.clip(-32768, 32767).astype("<i2")


def counts(e, w, h, **_):
    frame = np.zeros((2, h, w))
    np.add.at(frame, (e.p, e.y, e.x), 1)
    return frame.clip(0, 65535).astype("<u2")


def binary(e, w, h, **_):
    frame = np.zeros((1, h, w), "<i2")
    frame[0, e.y, e.x] = np.where(e.p, 1, -1)
    return frame


def exp_decay(e, w, h, end, tick_ns, **_):
    frame = np.zeros((1, h, w))
    frame[0, e.y, e.x] = np.where(e.p, 1, -1) * np.exp(-(end - e.t) * tick_ns / TAU_NS)
    return frame.astype("<f4")


def linear_decay(e, w, h, end, tick_ns, **_):
    frame = np.zeros((1, h, w))
    frame[0, e.y, e.x] = np.where(e.p, 1, -1) * np.maximum(0, 1 - (end - e.t) * tick_ns / TAU_NS)
    return frame.astype("<f4")


def time_surface(e, w, h, start, tick_ns, **_):
    frame = np.full((2, h, w), -1.0)
    frame[e.p, e.y, e.x] = (e.t - start) * tick_ns * 1e-9
    return frame.astype("<f4")


def merged_time_surface(e, w, h, start, tick_ns, **_):
    frame = np.full((1, h, w), -1.0)
    frame[0, e.y, e.x] = (e.t - start) * tick_ns * 1e-9
    return frame.astype("<f4")


def voxel(e, w, h, bins=5, **_):
    frame = np.zeros((bins + 1, h, w))
    if len(e.t):
        place = (bins - 1) * (e.t - e.t.min()) / max(e.t.max() - e.t.min(), 1)
        left, sign = place.astype(int), np.where(e.p, 1, -1)
        np.add.at(frame, (left, e.y, e.x), sign * (1 - (place - left)))
        np.add.at(frame, (left + 1, e.y, e.x), sign * (place - left))
    return frame[:bins].astype("<f4")


def histogram(e, w, h, bins=10, **_):
    frame = np.zeros((2, bins, h, w))
    if len(e.t):
        part = (e.t - e.t.min()) * bins // max(e.t.max() - e.t.min(), 1)
        np.add.at(frame, (e.p, part.clip(0, bins - 1), e.y, e.x), 1)
    return frame.reshape(2 * bins, h, w).clip(0, 65535).astype("<u2")


MODES = [signed, counts, binary, exp_decay, linear_decay, time_surface, merged_time_surface, voxel, histogram]
RECORDINGS = ["fixture", "synthetic", "davis346_seconds.txt", "evt2_metavision.csv.gz", "dvs.csv"]


class Sensor(NamedTuple):
    width: int
    height: int
    time_base_ns: int


@pytest.fixture(scope="module", params=RECORDINGS)
def recording(request, tmp_path_factory):
    """A file, its sensor and its events by the second reader."""
    out = tmp_path_factory.mktemp("recording") / "events.evz"
    if request.param == "fixture":
        run("convert", ROOT / "fixtures" / "events.txt", out)
    elif request.param == "synthetic":
        run("synth", out, "--size", "240x180", "--events", "300k", "--rate", "2M")
    else:
        folder = os.environ.get("EVZ_RECORDINGS")
        if not folder:
            pytest.skip("EVZ_RECORDINGS does not name a folder of recordings")
        run("convert", Path(folder) / request.param, out)
    evz = Evz(out.read_bytes())
    events, header = evz.events(), evz.header
    # Frames of a sensor of unknown size reach as far as the events.
    width, height = header.width or int(events.x.max()) + 1, header.height or int(events.y.max()) + 1
    return out, Sensor(width, height, header.tick_numerator * 10**9 // header.tick_denominator), events


def by_count(e, n, stride=None):
    starts = range(0, len(e.t), stride or n)
    parts = [Events(*(column[start:start + n] for column in e)) for start in starts]
    return [(part, int(part.t.min()), int(part.t.max()) + 1) for part in parts]


def by_time(e, length, stride, per_tick):
    """Windows of exact fractions of a tick: all Python integers."""
    first, last, windows, k = int(e.t.min()), int(e.t.max()), [], 0
    while (start := first + k * stride // per_tick) <= last:
        end = first + (k * stride + length) // per_tick
        windows.append((e.where((e.t >= start) & (e.t < end)), start, end))
        k += 1
    return windows


def rendered(file, tmp_path, *options):
    out = tmp_path / "frames.npy"
    run("render", file, "-o", out, "--force", *options)
    return np.load(out)


def same(frames, windows, mode, sensor):
    expected = [mode(e, sensor.width, sensor.height, start=start, end=end, tick_ns=sensor.time_base_ns)
                for e, start, end in windows]
    assert frames.shape == (len(expected), *expected[0].shape) and frames.dtype == expected[0].dtype
    for frame, plain in zip(frames, expected):
        if frame.dtype.kind == "f":
            # The sums of a voxel grid are made in 32 bits.
            np.testing.assert_allclose(frame, plain, rtol=1e-6, atol=1e-5 if mode is voxel else 1e-6)
        else:
            assert np.array_equal(frame, plain)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.__name__)
def test_every_mode_is_what_numpy_makes(recording, mode, tmp_path):
    file, sensor, events = recording
    name = mode.__name__.replace("_", "-")
    for n in (len(events.t) // 3 + 1, len(events.t) // 20 + 1):
        frames = rendered(file, tmp_path, "--mode", name, "--count", n)
        same(frames, by_count(events, n), mode, sensor)
    span_ns = int(events.t.max() - events.t.min()) * sensor.time_base_ns
    window = span_ns // 7 // sensor.time_base_ns * sensor.time_base_ns
    frames = rendered(file, tmp_path, "--mode", name, "--window", f"{window}ns")
    same(frames, by_time(events, window, window, sensor.time_base_ns), mode, sensor)


def test_windows_may_overlap_leave_gaps_and_be_longer_than_all(recording, tmp_path):
    file, sensor, events = recording
    tick = sensor.time_base_ns
    span = int(events.t.max() - events.t.min()) * tick
    for length, stride in ((span // 5, span // 11), (span // 11, span // 5), (span * 3, span * 2)):
        length, stride = length // tick * tick, stride // tick * tick
        frames = rendered(file, tmp_path, "--window", f"{length}ns", "--stride", f"{stride}ns")
        same(frames, by_time(events, length, stride, tick), signed, sensor)
    n = len(events.t)
    for length, stride in ((n // 5, n // 11), (n // 11, n // 5), (n * 3, n * 2)):
        frames = rendered(file, tmp_path, "--count", length, "--stride", stride)
        same(frames, by_count(events, length, stride), signed, sensor)


def test_a_rate_that_no_tick_divides_does_not_drift(recording, tmp_path):
    file, sensor, events = recording
    span = int(events.t.max() - events.t.min()) * sensor.time_base_ns
    speed = max(span // 10**9, 1)
    frames = rendered(file, tmp_path, "--fps", "29.97", "--speed", speed)
    windows = by_time(events, speed * 10**11, speed * 10**11, 2997 * sensor.time_base_ns)
    same(frames, windows, signed, sensor)
    assert frames.astype(int).sum() == np.where(events.p, 1, -1).sum()


def test_selections_are_those_of_cat(recording, tmp_path):
    file, sensor, events = recording
    w, h = sensor.width, sensor.height
    inside = (events.x >= w // 4) & (events.x < w // 2) & (events.y >= h // 4) & (events.y < h // 2)
    chosen = events.where(inside & (events.p == 1))
    options = ["--roi", f"{w // 4},{h // 4},{w // 2 - w // 4},{h // 2 - h // 4}", "--polarity", "on"]
    n = len(chosen.t) // 4 + 1
    frames = rendered(file, tmp_path, "--mode", "counts", "--count", n, *options)
    same(frames, by_count(chosen, n), counts, sensor)
    a, b = len(events.t) // 3, len(events.t) // 2
    part = Events(*(column[a:b] for column in events))
    frames = rendered(file, tmp_path, "--count", 1000, "--events", f"{a}..{b}")
    same(frames, by_count(part, 1000), signed, sensor)


def test_text_that_was_not_converted_gives_the_same_frames(tmp_path):
    text, file = ROOT / "fixtures" / "events.txt", tmp_path / "events.evz"
    run("convert", text, file)
    for options in (["--count", "777"], ["--window", "1ms", "--mode", "voxel"], ["--at", "10ms"]):
        assert np.array_equal(rendered(text, tmp_path, *options), rendered(file, tmp_path, *options))
