"""Frames that `evz render` rectifies, against DSEC's own code in NumPy, on real recordings and made ones."""

import numpy as np
import pytest

import originals
from command import evz_command
from test_presets import SIZES, columns_of, made, some_windows
from test_render import run

pytestmark = pytest.mark.skipif(evz_command() is None, reason="evz is not built")

def radial_map(width, height, strength=0.08):
    """Positions of a lens with radial distortion: some pixels come to lie beyond the frame."""
    y, x = np.mgrid[:height, :width].astype(np.float64)
    u, v = (x - width / 2) / width, (y - height / 2) / width
    grown = 1 + strength * (u**2 + v**2) * 4
    return np.stack([u * grown * width + width / 2, v * grown * width + height / 2], -1).astype(np.float32)


@pytest.fixture(scope="module", params=sorted(SIZES))
def recording(request, tmp_path_factory):
    """An .evz of a real recording or a made one, its events by the second reader, its sensor and a map of it."""
    folder = tmp_path_factory.mktemp("recording")
    out, events, (width, height) = made(request.param, folder)
    positions = radial_map(width, height)
    # Where nothing is known a map has no number; and where all of a pixel is far away it is not seen.
    positions[3, 5] = np.nan
    positions[4, 6] = (1e9, 3)
    positions[5, 7] = (np.inf, -np.inf)
    # Parts of these are in the frame, and of the others none.
    positions[6, 8] = (-0.25, height - 0.5)
    positions[7, 9] = (-1.0, 4)
    np.save(folder / "map.npy", positions)
    return out, events, (width, height), positions


def rendered(path, folder, *options):
    run("render", path, "-o", folder / "out.npz", "--rectify", path.parent / "map.npy", "--force", *options)
    return np.load(folder / "out.npz")


def moved(positions, columns):
    """The times, undistorted positions and polarities of events."""
    t, x, y, p = columns
    return t, positions[y, x, 0], positions[y, x, 1], p


def shared(bins, t, x, y, p, width, height, sign=None):
    """A voxel grid shared in time, column and row, in double precision; what is beyond the frame is dropped."""
    grid = np.zeros((bins, height, width))
    if len(t) == 0 or t[0] == t[-1]:
        return grid
    seen = (x > -1) & (x < width) & (y > -1) & (y < height)
    place = ((bins - 1) * (t - t[0]) / (t[-1] - t[0]))[seen]
    x, y, p = x[seen].astype(float), y[seen].astype(float), p[seen]
    for corner in np.ndindex(2, 2, 2):
        column, row, bin_ = (np.floor(v).astype(int) + c for v, c in zip((x, y, place), corner))
        weight = (1 - abs(column - x)) * (1 - abs(row - y)) * (1 - abs(bin_ - place)) * (2.0 * p - 1)
        kept = (column >= 0) & (column < width) & (row >= 0) & (row < height) & (bin_ < bins)
        np.add.at(grid, (bin_[kept], row[kept], column[kept]), weight[kept])
    return grid


def listed(folder, windows):
    (folder / "windows.csv").write_text("start,end\n" + "".join(f"{a},{b}\n" for a, b in windows))
    return folder / "windows.csv"


def test_a_voxel_grid_is_shared_among_the_four_pixels_around(recording, tmp_path):
    path, events, (width, height), positions = recording
    windows = some_windows(events.t)
    options = ["--between", listed(tmp_path, windows), "--mode", "voxel", "--bins", "7"]
    arrays = rendered(path, tmp_path, *options)
    for frame, n, window in zip(arrays["frames"], arrays["n_events"], windows):
        t, x, y, p = moved(positions, columns_of(events, *window))
        if len(t) > 0 and t[0] == t[-1]:
            # All of it is in the first bin, as without a map.
            frame = frame[1:]
        np.testing.assert_allclose(frame, shared(7, t, x, y, p, width, height)[-len(frame):], atol=1e-5)
        assert n == ((x > -1) & (x < width) & (y > -1) & (y < height)).sum()


def test_a_grid_is_that_of_dsec(recording, tmp_path):
    path, events, (width, height), positions = recording
    # DSEC's code cuts towards 0, so that what is left of the first column or above the first row counts
    # negatively: such pixels are left out here.
    inside = positions.copy()
    inside[~((inside >= 0).all(-1) & (inside < (width, height)).all(-1))] = -5
    np.save(tmp_path / "inside.npy", inside)
    windows = some_windows(events.t)
    for normalize in (False, True):
        like = ["--like", "dsec"] if normalize else ["--mode", "voxel", "--bins", "15", "--bin-places", "ends32"]
        options = ["--between", listed(tmp_path, windows), "--rectify", tmp_path / "inside.npy", "--force", *like]
        run("render", path, "-o", tmp_path / "out.npy", *options)
        for frame, window in zip(np.load(tmp_path / "out.npy"), windows):
            t, x, y, p = moved(inside, columns_of(events, *window))
            expected = np.zeros(frame.shape)
            if len(t):
                expected = originals.dsec(t, x, y, p, width, height, normalize=normalize)
            np.testing.assert_allclose(frame, expected, atol=1e-5, err_msg=f"{len(t)} events")


def test_counts_are_in_the_nearest_pixel_and_frames_are_cropped_after_that(recording, tmp_path):
    path, events, (width, height), positions = recording
    window = some_windows(events.t)[0]
    options = ["--between", listed(tmp_path, [window]), "--mode", "counts"]
    [frame] = rendered(path, tmp_path, *options)["frames"]
    t, x, y, p = moved(positions, columns_of(events, *window))
    with np.errstate(invalid="ignore"):
        x, y = np.rint(x), np.rint(y)
        seen = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    expected = np.zeros((2, height, width))
    np.add.at(expected, (p[seen], y[seen].astype(int), x[seen].astype(int)), 1)
    np.testing.assert_array_equal(frame, expected)
    [part] = rendered(path, tmp_path, *options, "--crop-frames", "11,13,170,90")["frames"]
    np.testing.assert_array_equal(part, expected[:, 13:103, 11:181])
    # A region that is selected is of the sensor's own pixels.
    [part] = rendered(path, tmp_path, *options, "--roi", f"0,0,{width // 2},{height}")["frames"]
    assert 0 < part.sum() <= (columns_of(events, *window)[1] < width // 2).sum()


def test_a_map_that_does_not_fit_is_refused(recording, tmp_path):
    path, _, (width, height), positions = recording

    def refused(array, code):
        np.save(tmp_path / "no.npy", array)
        return run("render", path, "-o", tmp_path / "a.npy", "--rectify", tmp_path / "no.npy", code=code)

    error = refused(positions[:-1], 2)
    assert f"{width}x{height - 1}" in error and f"{width}x{height}" in error
    assert f"({height}, {width})" in refused(positions[..., 0], 1)
    assert "none of its pixels" in refused(np.full_like(positions, np.nan), 1)
    (tmp_path / "empty.npy").write_bytes(b"")
    error = run("render", path, "-o", tmp_path / "a.npy", "--rectify", tmp_path / "empty.npy", code=1)
    assert "it is empty" in error
    assert "C order" in refused(np.asfortranarray(positions), 1)
    error = run("render", path, "-o", tmp_path / "a.npy", "--rectify", path, code=1)
    assert "rectify_map.h5" in error
    error = run(
        "render", path, "-o", tmp_path / "a.npy", "--rectify", path.parent / "map.npy", "--device", "cuda", code=1
    )
    assert "rectified by the CPU alone" in error
