"""Frames rectified by the recording's own calibration, against a map that OpenCV makes of it."""

import json

import cv2
import h5py
import numpy as np
import pytest

from command import evz_command
from test_render import run

pytestmark = pytest.mark.skipif(evz_command() is None, reason="evz is not built")

WIDTH, HEIGHT = 346, 260
INTRINSICS = [251.5, 252.25, 171.25, 131.5]
LENSES = {"radtan": [-0.36, 0.15, 0.001, -0.0005], "equidistant": [-0.02, 0.01, -0.004, 0.0006]}


def opencv_map(model, coefficients):
    """The undistorted position of each pixel."""
    fx, fy, cx, cy = INTRINSICS
    matrix = np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float64)
    pixels = np.stack([columns, rows], -1).reshape(-1, 1, 2)
    until = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 200, 1e-14)
    of = np.array(coefficients)
    if model == "radtan":
        straight = cv2.undistortPoints(pixels, matrix, of, None, None, matrix, until)
    else:
        straight = cv2.fisheye.undistortPoints(pixels, matrix, of.reshape(4, 1), None, None, matrix)
    return straight.reshape(HEIGHT, WIDTH, 2).astype(np.float32)


@pytest.fixture(params=sorted(LENSES))
def recording(request, tmp_path):
    """A file laid out as M3ED, and the map of its lens."""
    rng = np.random.default_rng(5)
    n = 5000
    with h5py.File(tmp_path / "m3ed.h5", "w") as file:
        group = file.create_group("prophesee/left")
        group["t"] = np.sort(rng.integers(0, 100_000, n))
        group["x"] = rng.integers(0, WIDTH, n).astype(np.uint16)
        group["y"] = rng.integers(0, HEIGHT, n).astype(np.uint16)
        group["p"] = rng.integers(0, 2, n).astype(np.int8)
        group["ms_map_idx"] = np.searchsorted(group["t"][:], np.arange(101) * 1000).astype(np.uint64)
        calib = group.create_group("calib")
        calib["resolution"] = [WIDTH, HEIGHT]
        calib["intrinsics"] = INTRINSICS
        calib["distortion_coeffs"] = LENSES[request.param]
        calib["distortion_model"] = request.param
    np.save(tmp_path / "map.npy", opencv_map(request.param, LENSES[request.param]))
    return tmp_path / "m3ed.h5"


def grids(path, rectify):
    out = path.parent / "out.npy"
    run("render", path, "-o", out, "--force", "--mode", "voxel", "--frames", "2", "--rectify", rectify)
    return np.load(out)


def test_the_calibration_of_a_recording_is_a_map(recording):
    expected = grids(recording, recording.parent / "map.npy")
    assert np.abs(expected).sum() > 1000
    assert np.allclose(grids(recording, "calibration"), expected, atol=1e-2)
    # It comes along, also through what has only texts.
    npz, copy = recording.parent / "copy.npz", recording.parent / "copy.evz"
    run("convert", recording, npz)
    run("convert", npz, copy)
    assert np.allclose(grids(npz, "calibration"), expected, atol=1e-2)
    assert np.allclose(grids(copy, "calibration"), expected, atol=1e-2)


def as_ros(**other):
    """The same camera as ROS has it."""
    fx, fy, cx, cy = INTRINSICS
    camera = {
        "frame_id": "left",
        "width": WIDTH,
        "height": HEIGHT,
        "distortion_model": "plumb_bob",
        "d": LENSES["radtan"],
        "k": [fx, 0, cx, 0, fy, cy, 0, 0, 1],
        "r": [0] * 9,
        "p": [0] * 12,
        "binning_x": 0,
        "binning_y": 0,
    }
    return camera | other


def region(**other):
    return {"x_offset": 0, "y_offset": 0, "width": 0, "height": 0, "do_rectify": False} | other


@pytest.fixture
def bare(recording):
    """A copy that says nothing of its lens."""
    copy = recording.parent / "bare.evz"
    run("convert", recording, copy)
    run("meta", copy, "--unset", "camera.calibration")
    return copy


def test_of_several_cameras_it_is_that_of_the_events(bare):
    expected = opencv_map("radtan", LENSES["radtan"])
    np.save(bare.parent / "radial.npy", expected)
    expected = grids(bare, bare.parent / "radial.npy")

    def told(cameras):
        run("meta", bare, "--set-json", f"source.camera_info={json.dumps(cameras)}")
        return grids(bare, "calibration")

    broken = {"width": 1920, "height": 1080, "d": [None] * 5}
    assert np.allclose(told({"/left": as_ros(), "/rgb": broken}), expected, atol=1e-2)
    run("meta", bare, "--set", "source.frame_id=left")
    # No pixel at all is what ROS has for all of them.
    for whole in (region(), region(width=WIDTH, height=HEIGHT)):
        assert np.allclose(told({"/left": as_ros(roi=whole)}), expected, atol=1e-2)
    both = {"/left": as_ros(), "/right": as_ros(frame_id="right", d=[0.9] * 4)}
    assert np.allclose(told(both), expected, atol=1e-2)


def test_what_is_no_calibration_is_refused(bare):
    out = bare.parent / "no.npy"

    def refused(*options):
        said = run("render", bare, "-o", out, "--rectify", "calibration", "--frames", "2", *options, code=1)
        assert not out.exists()
        assert len(said.strip().splitlines()) == 1 and "take a map" in said, said
        return said

    def refused_of(key, told):
        run("meta", bare, "--set-json", f"{key}={json.dumps(told)}")
        return refused()

    assert "says nothing of its camera's calibration" in refused()
    cases = [
        ({"/a": as_ros(), "/b": as_ros()}, "several may be that of its camera"),
        ({"/a": as_ros(width=640)}, "none is that of its camera"),
        ({}, "none is that of its camera"),
        ({"/a\n\x1b[31m": as_ros(distortion_model="thin_prism")}, '"thin_prism", is not known'),
        ({"/a": as_ros(binning_x=2)}, "binned"),
        ({"/a": as_ros(roi=region(x_offset=8))}, "region of the sensor"),
        ({"/a": as_ros(roi=region(width=WIDTH, height=HEIGHT - 1))}, "region of the sensor"),
        ({"/a": as_ros(k=[250, 1, 170, 0, 250, 130, 0, 0, 1])}, "skewed"),
        ({"/a": as_ros(k=[0] * 9)}, "is not calibrated"),
        ({"/a": as_ros(d=[None] * 5)}, 'no numbers "d"'),
        ({"/a": as_ros(p=[250, 0, 1e9, 0, 0, 250, 130, 0, 0, 0, 1, 0])}, "none of its pixels on the frame"),
        ({"/a": as_ros(p=[250, 0, 170, 0, 0, 250, 130, 0, 0, 0, 1, 0], r=[5, 0, 0, 0, 5, 0, 0, 0, 5])}, "rotation"),
        ([1, 2], "no object of cameras"),
    ]
    for cameras, what in cases:
        assert what in refused_of("source.camera_info", cameras)
    # A frame of reference that is said is gone by.
    run("meta", bare, "--set", "source.frame_id=event")
    cameras = {"/event": as_ros(frame_id="event", width=640), "/rgb": as_ros(frame_id="rgb")}
    assert "none is that of its camera" in refused_of("source.camera_info", cameras)
    run("meta", bare, "--unset", "source.camera_info")
    assert '"fisheye-polynomial"' in refused_of("camera.calibration", {"model": "fisheye-polynomial"})
    assert 'no number "fy"' in refused_of("camera.calibration", {"model": "pinhole", "fx": 1.5})


@pytest.mark.parametrize("moving", [("--flip", "x"), ("--rotate", "180"), ("--crop", "0,0,346,260")])
def test_once_pixels_were_moved_it_is_refused(recording, moving):
    out, moved = recording.parent / "no.npy", recording.parent / "moved.evz"
    options = ["-o", out, "--rectify", "calibration", "--frames", "2"]
    assert "were moved" in run("render", recording, *options, *moving, code=1)
    run("convert", recording, moved, *moving)
    assert "were moved" in run("render", moved, *options, code=1)
    assert not out.exists()
