"""Frames that `evz render` crops, resizes and pads, against NumPy from the definitions, on real recordings."""

from math import ceil, floor

import numpy as np
import pytest
from PIL import Image

from command import evz_command
from test_render import run
from test_render_prepared import recording, rendered  # noqa: F401

pytestmark = pytest.mark.skipif(evz_command() is None, reason="evz is not built")


def resized(planes, width, height, by):
    """torch.nn.functional.interpolate of [channels, H, W], align_corners=False, from its definition: ATen's
    UpSample.h for the source of a pixel, adaptive_avg_pool2d for areas."""
    rows, columns = (taken(side, to, by) for side, to in zip(planes.shape[1:], (height, width)))
    return rows @ planes.astype(float) @ columns.T


def taken(side, to, by):
    """How much of each old line is in each new one."""
    weights = np.zeros((to, side))
    scale = np.float32(side) / np.float32(to)
    for i in range(to):
        if by == "nearest":
            weights[i, min(int(np.floor(np.float32(i) * scale)), side - 1)] = 1
        elif by == "nearest-exact":
            weights[i, min(int(np.floor((np.float32(i) + np.float32(0.5)) * scale)), side - 1)] = 1
        elif by == "area":
            start, end = i * side // to, -(-(i + 1) * side // to)
            weights[i, start:end] = 1 / (end - start)
        else:
            at = max((np.float32(i) + np.float32(0.5)) * scale - np.float32(0.5), np.float32(0))
            low = min(int(at), side - 1)
            weights[i, low] += 1 - (at - low)
            weights[i, min(low + 1, side - 1)] += at - low
    return weights


def e2vid_margins(side, multiple):
    """uzh-rpg/rpg_e2vid@d0a7c00 utils/inference_utils.py CropParameters: before, and behind."""
    more = multiple * ceil(side / multiple) - side
    return ceil(0.5 * more), floor(0.5 * more)


@pytest.mark.parametrize("mode", ["counts", "signed", "voxel", "time-surface", "tore"])
def test_a_crop_is_a_slice(recording, tmp_path, mode):  # noqa: F811
    whole = rendered(recording, tmp_path, "--mode", mode)
    part = rendered(recording, tmp_path, "--mode", mode, "--crop-frames", "40,30,101,67")
    assert part.shape == (whole.shape[0], 67, 101) and part.dtype == whole.dtype
    np.testing.assert_array_equal(part, whole[:, 30:97, 40:141])


@pytest.mark.parametrize("by", ["nearest", "nearest-exact", "area", "bilinear"])
@pytest.mark.parametrize("size", ["173x130", "112x112", "700x555", "1x1", "346x7"])
def test_resizing_is_pytorch_s(recording, tmp_path, by, size):  # noqa: F811
    width, height = map(int, size.split("x"))
    for mode in ("counts", "voxel"):
        plain = rendered(recording, tmp_path, "--mode", mode)
        frame = rendered(recording, tmp_path, "--mode", mode, "--resize", size, "--resize-by", by)
        expected = resized(plain, width, height, by)
        if by.startswith("nearest"):
            assert frame.dtype == plain.dtype
            np.testing.assert_array_equal(frame, expected.astype(plain.dtype))
        else:
            assert frame.dtype == np.float32
            np.testing.assert_allclose(frame, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("multiple", [8, 32, 1])
@pytest.mark.parametrize("mode, empty", [("counts", 0), ("voxel", 0), ("time-surface", -1)])
def test_padding_is_e2vid_s(recording, tmp_path, mode, empty, multiple):  # noqa: F811
    plain = rendered(recording, tmp_path, "--mode", mode)
    frame = rendered(recording, tmp_path, "--mode", mode, "--pad-multiple", multiple)
    margins = [(0, 0), *(e2vid_margins(side, multiple) for side in plain.shape[1:])]
    np.testing.assert_array_equal(frame, np.pad(plain, margins, constant_values=empty))
    assert frame.dtype == plain.dtype


def test_padding_to_a_size(recording, tmp_path):  # noqa: F811
    _, (width, height), _, _ = recording
    plain = rendered(recording, tmp_path, "--mode", "signed")
    frame = rendered(recording, tmp_path, "--mode", "signed", "--pad-to", f"{width + 3}x{height}")
    np.testing.assert_array_equal(frame, np.pad(plain, [(0, 0), (0, 0), (2, 1)]))
    error = run(
        "render", recording[0], "-o", tmp_path / "no.npy", "--mode", "signed", "--pad-to", f"{width}x{height - 1}",
        code=2,
    )
    assert f"{width}x{height}" in error and f"{width}x{height - 1}" in error


def test_all_of_it_in_order(recording, tmp_path):  # noqa: F811
    """Cropped, put in order, clipped, normalised, resized, padded, and of another type."""
    plain = rendered(recording, tmp_path, "--mode", "counts")
    options = ["--mode", "counts", "--crop-frames", "11,7,201,150", "--channels", "on-off", "--clip", "3"]
    options += ["--normalize", "max", "--resize", "100x77", "--resize-by", "bilinear", "--pad-multiple", "16"]
    frame = rendered(recording, tmp_path, *options, "--dtype", "f16")
    part = np.minimum(plain[::-1, 7:157, 11:212].astype(float), 3)
    expected = resized(part / max(part.max(), 1), 100, 77, "bilinear")
    margins = [(0, 0), e2vid_margins(77, 16), e2vid_margins(100, 16)]
    assert frame.shape == (2, 80, 112) and frame.dtype == np.float16
    np.testing.assert_allclose(frame, np.pad(expected, margins), atol=1e-3)


def test_an_npy_has_the_new_shape(recording, tmp_path):  # noqa: F811
    path, _, end, _ = recording
    options = ["--mode", "counts", "--resize", "64x48", "--pad-to", "70x50"]
    archived = rendered(recording, tmp_path, *options)
    said = run("render", path, "-o", tmp_path / "out.npy", "--at", f"@{end}us", "--window", "33ms", *options)
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy")[0], archived)
    assert "1 frame of 70x50" in said


def test_a_picture_is_of_the_region_alone(recording, tmp_path):  # noqa: F811
    path, _, end, _ = recording
    at = ["--at", f"@{end}us", "--window", "33ms", "--mode", "counts", "--upscale", "1", "--scale", "3", "--no-dilate"]
    for name, options in [("whole.png", []), ("part.png", ["--crop-frames", "40,30,101,67"])]:
        run("render", path, "-o", tmp_path / name, *at, *options)
    whole, part = (np.asarray(Image.open(tmp_path / name).convert("RGB")) for name in ("whole.png", "part.png"))
    assert part.shape == (67, 101, 3)
    np.testing.assert_array_equal(part, whole[30:97, 40:141])


def test_what_makes_no_sense_is_refused(recording, tmp_path):  # noqa: F811
    path, (width, height), _, _ = recording

    def refused(out, *options):
        return run("render", path, "-o", tmp_path / out, "--window", "33ms", *options, code=2)

    error = refused("a.npy", "--crop-frames", f"{width - 5},0,10,10")
    assert f"{width - 5},0,10,10" in error and f"{width}x{height}" in error
    assert "no array" in refused("a.png", "--resize", "5x5")
    error = refused("a.npy", "--mode", "time-surface", "--resize", "5x5", "--resize-by", "area")
    assert "-1" in error and "nearest" in error
    assert "u16" in refused("a.npy", "--mode", "counts", "--resize", "5x5", "--resize-by", "area", "--dtype", "u16")
    assert "--resize" in refused("a.npy", "--resize-by", "area")
    assert "--pad-multiple" in refused("a.npy", "--pad-to", "900x900", "--pad-multiple", "4")
    assert not list(tmp_path.glob("a.*"))


def test_large_arrays_are_refused_by_their_new_size(recording, tmp_path):  # noqa: F811
    path, *_ = recording
    error = run(
        "render", path, "-o", tmp_path / "a.npy", "--window", "33ms", "--mode", "voxel", "--bins", "60",
        "--resize", "4000x4000", "--max-memory", "64GiB", code=2,
    )
    assert "--large" in error
    run("render", path, "-o", tmp_path / "a.npy", "--at", "90ms", "--resize", "3x2", "--mode", "voxel", "--bins", "60")
    assert np.load(tmp_path / "a.npy").shape == (1, 60, 2, 3)
