"""Frames rectified by the recording's own calibration, against a map that OpenCV makes of it."""

import json
import subprocess

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
    # It comes along.
    run("convert", recording, recording.parent / "copy.evz")
    assert np.allclose(grids(recording.parent / "copy.evz", "calibration"), expected, atol=1e-2)


def test_what_is_no_calibration_is_refused(recording, tmp_path):
    copy = tmp_path / "copy.evz"
    run("convert", recording, copy)
    info = subprocess.run([evz_command(), "info", copy, "--json"], capture_output=True, check=True)
    told = json.loads(info.stdout)["metadata"]["source.camera_info"]
    (name, camera), = told.items()

    def refused(cameras):
        run("meta", copy, "--set-json", f"source.camera_info={json.dumps(cameras)}")
        said = run("render", copy, "-o", tmp_path / "no.npy", "--rectify", "calibration", "--frames", "2", code=1)
        assert not (tmp_path / "no.npy").exists()
        return said

    assert "several may be that of its camera" in refused({"/a": camera, "/b": camera})
    assert "none is of its camera" in refused({"/a": {**camera, "width": 640}})
    assert '"thin_prism", is not known' in refused({"/a": {**camera, "distortion_model": "thin_prism"}})
    assert "binned" in refused({"/a": {**camera, "binning_x": 2}})
    assert "is not calibrated" in refused({"/a": {**camera, "k": [0.0] * 9, "p": [0.0] * 12}})
    assert "no calibration of cameras" in refused([1, 2])
    # Of two cameras it is that of the events' frame of reference.
    run("meta", copy, "--set", "source.frame_id=left_optical")
    both = {"/a": {**camera, "frame_id": "right_optical", "d": [0.9] * 4}, "/b": {**camera, "frame_id": "left_optical"}}
    run("meta", copy, "--set-json", f"source.camera_info={json.dumps(both)}")
    assert np.allclose(grids(copy, "calibration"), grids(recording, "calibration"))
    run("meta", copy, "--unset", "source.camera_info")
    said = run("render", copy, "-o", tmp_path / "no.npy", "--rectify", "calibration", "--frames", "2", code=1)
    assert "says nothing of its camera's calibration" in said
