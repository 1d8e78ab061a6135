"""Frames that are rectified, cropped, resized, padded and reversed, against the command and NumPy."""

import json
import pickle
import subprocess
import sys

import numpy as np
import pytest

import evz

WINDOW = 20_000
SIZE = (240, 180)


@pytest.fixture
def rec(moving):
    return evz.open(moving)


def radial_map():
    """Positions of a lens with radial distortion: some pixels come to lie beyond the frame."""
    width, height = SIZE
    y, x = np.mgrid[:height, :width].astype(np.float64)
    u, v = (x - width / 2) / width, (y - height / 2) / width
    grown = 1 + 0.3 * (u**2 + v**2)
    return np.stack([u * grown * width + width / 2, v * grown * width + height / 2], -1).astype(np.float32)


def command(path, out, *options):
    """The frames that the command makes."""
    window = ["--window", f"{WINDOW}us"]
    said = [sys.executable, "-m", "evz", "render", path, "-o", out, "--force", *window, *options]
    subprocess.run([str(word) for word in said], check=True, capture_output=True)
    return np.load(out)


WAYS = [
    ({"mode": "counts", "crop": (11, 13, 170, 90)}, ["--mode", "counts", "--crop-frames", "11,13,170,90"]),
    ({"mode": "signed", "resize": (100, 75)}, ["--mode", "signed", "--resize", "100x75"]),
    (
        {"like": "e2vid", "resize": (120, 90), "resize_by": "bilinear", "pad_multiple": 16},
        ["--like", "e2vid", "--resize", "120x90", "--resize-by", "bilinear", "--pad-multiple", "16"],
    ),
    ({"mode": "voxel", "pad_to": (256, 192)}, ["--mode", "voxel", "--pad-to", "256x192"]),
    ({"like": "tonic", "reverse_time": True}, ["--like", "tonic", "--reverse-time"]),
    ({"mode": "time-surface", "reverse_time": True}, ["--mode", "time-surface", "--reverse-time"]),
    ({"like": "dsec", "rectify": None}, ["--like", "dsec", "--rectify", None]),
    ({"mode": "counts", "rectify": None, "crop": (1, 2, 50, 60)},
     ["--mode", "counts", "--rectify", None, "--crop-frames", "1,2,50,60"]),
]


@pytest.mark.parametrize(("how", "options"), WAYS)
def test_frames_are_those_of_the_command(moving, rec, tmp_path, how, options):
    np.save(tmp_path / "map.npy", radial_map())
    how = {name: tmp_path / "map.npy" if value is None else value for name, value in how.items()}
    options = [tmp_path / "map.npy" if word is None else word for word in options]
    wanted = command(moving, tmp_path / "out.npy", *options)
    frames = rec.frames(us=WINDOW, **how)
    assert frames.shape == wanted.shape and frames.dtype == wanted.dtype
    np.testing.assert_array_equal(frames[:], wanted)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(frames))[1], wanted[1])


def test_the_recording_says_its_own_map(moving, tmp_path):
    width, height = SIZE
    # As ROS has it: a lens without distortion, and frames whose middle lies elsewhere.
    camera = {"width": width, "height": height, "distortion_model": "plumb_bob", "d": [0] * 5,
              "k": [100, 0, 120, 0, 90, 88, 0, 0, 1], "r": [1, 0, 0, 0, 1, 0, 0, 0, 1],
              "p": [100, 0, 127, 0, 0, 90, 85, 0, 0, 0, 1, 0]}
    copy = tmp_path / "copy.evz"
    copy.write_bytes(moving.read_bytes())
    said = [sys.executable, "-m", "evz", "meta", copy, "--set-json", f"source.camera_info={json.dumps({'/left': camera})}"]
    subprocess.run([str(word) for word in said], check=True, capture_output=True)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    with evz.open(copy) as rec:
        found = rec.frames(us=WINDOW, mode="counts", rectify="calibration")
        wanted = rec.frames(us=WINDOW, mode="counts", rectify=np.stack([x + 7, y - 3], -1))
        np.testing.assert_array_equal(found[:], wanted[:])
        assert found.moved_out == wanted.moved_out > 0
        assert not np.array_equal(found[:], rec.frames(us=WINDOW, mode="counts")[:])


def test_a_map_is_an_array_too_and_puts_counts_into_the_nearest_pixel(rec):
    positions = radial_map()
    positions[3, 5] = np.nan
    frames = rec.frames(us=WINDOW, mode="counts", rectify=positions.astype(np.float64))
    events = rec.time[slice(*frames.windows.bounds[1].tolist())]
    x, y = np.rint(positions[events.y, events.x].T)
    with np.errstate(invalid="ignore"):
        seen = (x >= 0) & (x < SIZE[0]) & (y >= 0) & (y < SIZE[1])
    wanted = np.zeros(frames.shape[1:])
    at = (events.p[seen].astype(int), y[seen].astype(int), x[seen].astype(int))
    np.add.at(wanted, at, 1)
    np.testing.assert_array_equal(frames[1], wanted)
    assert frames.moved_out == (~seen).sum() > 0


def test_time_runs_backwards_with_polarities_exchanged(rec):
    forwards, backwards = (rec.frames(us=WINDOW, mode="counts", reverse_time=way)[1] for way in (False, True))
    np.testing.assert_array_equal(backwards, forwards[::-1])
    forwards, backwards = (
        rec.frames(us=WINDOW, mode="histogram", bins=4, span="window", reverse_time=way)[1] for way in (False, True)
    )
    np.testing.assert_array_equal(backwards, forwards[::-1])


def test_what_does_not_fit_is_refused(rec, tmp_path):
    def refused(error=evz.InvalidArgumentError, **how):
        with pytest.raises(error) as raised:
            rec.frames(us=WINDOW, **how)
        return str(raised.value)

    assert "240x180" in refused(crop=(200, 0, 100, 10))
    assert "size" in refused(resize_by="area")
    assert "nearest-exact" in refused(resize=(4, 4), resize_by="cubic")
    assert "240x180" in refused(pad_to=(16, 16))
    assert "both" in refused(pad_to=(256, 256), pad_multiple=8)
    assert "a multiple of 1" in refused(pad_multiple=0)
    assert "forwards" in refused(mode="exp-decay", memory=True, reverse_time=True)
    assert "240x179" in refused(rectify=radial_map()[:-1])
    assert "(height, width, 2)" in refused(evz.UnsupportedError, rectify=radial_map()[..., 0])
    assert "none of its pixels" in refused(evz.UnsupportedError, rectify=np.full((180, 240, 2), np.nan))
    (tmp_path / "empty.npy").write_bytes(b"")
    assert "empty" in refused(evz.InsufficientDataError, rectify=tmp_path / "empty.npy")
