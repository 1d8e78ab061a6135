"""Events that `evz render` draws over the frames of a camera, and marks of what was measured beside them, by pixels:
frames, triggers and samples as dv-processing decodes them, or as they were written here."""

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from command import evz_command
from evz_chunk import Events
from evz_reader import Evz
from evz_writer import Writer
from test_pictures import ffmpeg, pillow_frames  # noqa: F401
from test_render import run

pytestmark = pytest.mark.skipif(evz_command() is None, reason="evz is not built")

WINDOW = 33_000
"""Ticks of what --at shows, in recordings of microseconds."""

THEMES = {
    "dark": ((25, 0.6), (255, 72, 56), (72, 136, 255)),
    "light": ((255, 0.45), (208, 16, 24), (24, 72, 216)),
}
"""The plain ground and the share of a camera's grey in it, ON and OFF."""


def toned(greys, theme):
    plain, share = THEMES[theme][0]
    return np.floor(plain + (greys.astype(float) - plain) * share + 0.5).astype(int)


def expected(of, end, theme, window=WINDOW):
    """The picture [height, width, rgb] of the window that ends at a tick."""
    _, on, off = THEMES[theme]
    before = np.flatnonzero(of.frame_times <= end)
    greys = np.full(of.frames.shape[1:], THEMES[theme][0][0])
    if len(before):
        greys = toned(of.frames[before[-1]], theme)
    picture = np.repeat(greys[:, :, None], 3, axis=2)
    part = slice(*np.searchsorted(of.events.t, (end - window, end)))
    signed = np.zeros(greys.shape, int)
    np.add.at(signed, (of.events.y[part], of.events.x[part]), 2 * of.events.p[part].astype(int) - 1)
    picture[signed > 0], picture[signed < 0] = on, off
    return picture


def same(found, picture):
    """Within one of 255, for a grey may be rounded either way; events are in the picture, and ground is."""
    assert found.shape == picture.shape
    assert np.abs(found.astype(int) - picture).max() <= 1


def davis(folder):
    recordings = os.environ.get("EVZ_RECORDINGS")
    if not recordings:
        pytest.skip("EVZ_RECORDINGS does not name a folder of recordings")
    dv = pytest.importorskip("dv_processing")
    source = Path(recordings) / "davis346.aedat4"
    camera = dv.io.MonoCameraRecording(str(source))
    frames = []
    while (frame := camera.getNextFrame()) is not None:
        frames.append((frame.timestamp, np.array(frame.image)))
    times, images = zip(*frames)
    return source, np.array(times), np.stack(images)


def mvsec(folder):
    """Frames of 40x30 that each have a grey of their own on the left and a ramp on the right."""
    h5py = pytest.importorskip("h5py")
    dice = np.random.default_rng(0)
    start, n = 1_500_000_000, 4_000
    t = start + np.sort(dice.integers(0, 1_000_000, n)) / 1e6
    events = [dice.integers(0, 40, n), dice.integers(0, 30, n), t, dice.choice([-1, 1], n)]
    frames = np.zeros((9, 30, 40), np.uint8)
    frames[:, :, :20] = np.arange(9)[:, None, None] * 30
    frames[:, :, 20:] = np.arange(20) * 13
    times = start + 0.05 + np.arange(9) * 0.1
    source = folder / "made.hdf5"
    with h5py.File(source, "w") as file:
        left = file.create_group("davis/left")
        left["events"] = np.stack(events, 1).astype(float)
        left["image_raw"], left["image_raw_ts"] = frames, times
    return source, np.round(times * 1e6).astype(np.int64), frames


def colours(folder):
    """An .evz of the second writer, whose frames are blue, green and red."""
    dice = np.random.default_rng(1)
    n, times = 4_000, 50_000 + np.arange(9) * 100_000
    t = np.sort(dice.integers(0, 1_000_000, n))
    x, y, p = dice.integers(0, 40, n), dice.integers(0, 30, n), dice.integers(0, 2, n)
    frames = dice.integers(0, 256, (9, 30, 40, 3)).astype(np.uint8)
    rows = {
        "t": pa.array(times, pa.duration("us")),
        "format": pa.array([2 << 3] * 9, pa.uint8()),
        "width": pa.array([40] * 9, pa.uint16()),
        "height": pa.array([30] * 9, pa.uint16()),
        "pixels": pa.array([frame.tobytes() for frame in frames], pa.binary()),
    }
    table = pa.table(rows)
    writer = Writer()
    writer.stream(0, name="events", width=40, height=30)
    writer.side_stream(0, "frames", table.schema)
    writer.batch(0, table, 1)
    writer.chunk(0, *Events(t, x.astype(np.uint16), y.astype(np.uint16), p.astype(np.uint8)))
    source = folder / "made.evz"
    source.write_bytes(writer.finish())
    return source, times, np.floor(frames @ [0.114, 0.587, 0.299] + 0.5).astype(np.uint8)


@pytest.fixture(scope="module", params=[davis, mvsec, colours])
def recording(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("recording")
    source, times, frames = request.param(folder)
    run("convert", source, folder / "same.evz")
    events = Evz((folder / "same.evz").read_bytes()).events()
    return SimpleNamespace(
        files=(source, folder / "same.evz"), events=events, frame_times=times, frames=frames,
        size=f"{frames.shape[2]}x{frames.shape[1]}",
    )


def render(of, out, *options, file=0):
    return run("render", of.files[file], "-o", out, "--over", "frames", "--mode", "signed", "--scale", "1",
               "--upscale", "1", "--size", of.size, *options)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("file", [0, 1])
def test_the_ground_is_the_latest_frame(recording, theme, file, tmp_path):
    first, last = recording.events.t[0], recording.events.t[-1]
    on_a_frame = recording.frame_times[3]
    ends = [first + 20_000, (first + last) // 2, on_a_frame - 1, on_a_frame, last]
    (tmp_path / "times.txt").write_text("".join(f"{end}\n" for end in ends))
    render(recording, tmp_path / "out_%d.png", "--at", tmp_path / "times.txt", "--theme", theme, file=file)
    for n, end in enumerate(ends):
        with Image.open(tmp_path / f"out_{n}.png") as image:
            assert image.mode == "RGB"
            same(np.asarray(image), expected(recording, end, theme))


def test_times_that_run_backwards_have_their_own_frames(recording, tmp_path):
    ends = recording.frame_times[[5, 2, 7, 0]] + 10
    (tmp_path / "times.txt").write_text("".join(f"{end}\n" for end in ends))
    render(recording, tmp_path / "out_%d.png", "--at", tmp_path / "times.txt", "--theme", "dark")
    for n, end in enumerate(ends):
        same(pillow_frames(tmp_path / f"out_{n}.png")[0][0], expected(recording, end, "dark"))


def movie(recording, out):
    """What a movie shows, and its frames: a window of 50 ms that ends every 100 ms."""
    render(recording, out, "--stride", "100ms", "--window", "50ms", "--to", "950ms")
    first = recording.events.t[0]
    ends = [first + 100_000 * (n + 1) for n in range(9)]
    return [expected(recording, end, "dark", 50_000) for end in ends]


def test_a_movie_goes_on_with_the_camera(recording, tmp_path):
    out = tmp_path / "out.apng"
    pictures = movie(recording, out)
    frames, _ = pillow_frames(out)
    assert len(frames) >= len(pictures)
    for found, picture in zip(frames, pictures):
        same(found, picture)
    out = tmp_path / "out.rgb"
    movie(recording, out)
    assert np.array_equal(np.fromfile(out, np.uint8).reshape(frames.shape), frames)


def test_a_gif_has_steps_of_grey_that_are_hardly_seen(recording, tmp_path):
    out = tmp_path / "out.gif"
    pictures = movie(recording, out)
    frames, _ = pillow_frames(out)
    for found, picture in zip(frames, pictures):
        away = np.abs(found.astype(int) - picture)
        assert away.max() <= 24 and np.percentile(away, 90) <= 3


def test_y4m_and_mp4_show_the_ground(recording, ffmpeg, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(ffmpeg / "ffmpeg"))
    for name in ("out.y4m", "out.mp4"):
        out = tmp_path / name
        pictures = movie(recording, out)
        command = [ffmpeg / "ffmpeg", "-i", out, "-f", "rawvideo", "-pix_fmt", "gray", "-"]
        raw = subprocess.run(command, capture_output=True, check=True).stdout
        height, width = pictures[0].shape[:2]
        frames = np.frombuffer(raw, np.uint8).reshape(-1, height, width).astype(int)
        for found, picture in zip(frames, pictures):
            ground = (picture == picture[:, :, :1]).all(axis=2)
            # Of 4:2:0 and a lossy codec; limited range or not, as ffmpeg makes it.
            away = [np.abs(found - scaled)[ground] for scaled in (picture[..., 0], 16 + picture[..., 0] * 219 / 255)]
            assert min(np.median(a) for a in away) <= 4


# Refusals


def refused(*args):
    done = subprocess.run([evz_command(), "render", *args], capture_output=True, text=True)
    assert done.returncode in (1, 2) and "panicked" not in done.stderr
    return done.stderr.splitlines()[-1]


def test_what_has_no_frames_says_what_it_has(recording, tmp_path):
    path, out = recording.files[1], tmp_path / "out.png"
    said = refused(path, "-o", out, "--over", "nothing")
    if recording.size == "346x260":
        assert all(name in said.split("it has")[1] for name in ("frames", "imu", "triggers"))
        assert "imu are no frames" in refused(path, "-o", out, "--over", "imu")
    else:
        assert "it has frames" in said
    run("convert", path, tmp_path / "alone.evz", "--events-only")
    assert "it has none" in refused(tmp_path / "alone.evz", "-o", out, "--over", "frames")
    assert not out.exists()


def test_frames_of_another_size_are_refused(recording, tmp_path):
    out = tmp_path / "out.png"
    said = refused(recording.files[1], "-o", out, "--over", "frames", "--size", "400x300")
    assert f"it is {recording.size} and the sensor 400x300" in said
    assert not out.exists()


def test_what_has_no_pictures_has_no_ground(recording, tmp_path):
    path = recording.files[1]
    assert "--over" in refused(path, "-o", tmp_path / "out.npy", "--over", "frames")
    assert "--over" in refused(path, "-o", tmp_path / "out.mp4", "--over", "frames", "--follow")
    assert "--over" in refused(path, "-o", tmp_path / "out.png", "--over", "frames", "--stream", "frames")
    with open(path, "rb") as pipe:
        command = [evz_command(), "render", "-", "-o", tmp_path / "out.png", "--over", "frames"]
        done = subprocess.run(command, stdin=pipe, capture_output=True, text=True)
    assert done.returncode == 2 and "is read once" in done.stderr


# Triggers


def marked(path, stream, start, end, folder):
    """The picture of a window with marks, and without."""
    options = ("--from", f"@{start}us", "--to", f"@{end}us", "--upscale", "1", "--force")
    run("render", path, "-o", folder / "out.png", "--mark", stream, *options)
    run("render", path, "-o", folder / "plain.png", *options)
    return [pillow_frames(folder / name)[0][0] for name in ("out.png", "plain.png")]


def test_triggers_stand_where_they_fall_into_the_window(tmp_path):
    recordings = os.environ.get("EVZ_RECORDINGS")
    if not recordings:
        pytest.skip("EVZ_RECORDINGS does not name a folder of recordings")
    dv = pytest.importorskip("dv_processing")
    source = Path(recordings) / "davis346.aedat4"
    camera, times = dv.io.MonoCameraRecording(str(source)), []
    while (batch := camera.getNextTriggerBatch()) is not None:
        times += [trigger.timestamp for trigger in batch]
    times = np.array(times)
    ink = 16
    for end in (times[100] - 1, times[100], times[100] + 1, times[7] + 500):
        for start in (end - 60_000, end - 10):
            found, plain = marked(source, "triggers", start, end, tmp_path)
            within = times[(times >= start) & (times < end)]
            if not len(within):
                assert np.array_equal(found, plain)
                continue
            strip = 260 - 14
            assert np.array_equal(found[:strip], plain[:strip])
            expected = np.full((4, 346), 255)
            expected[:, ((within - start) / (end - start) * 345).astype(int)] = ink
            assert np.array_equal(found[strip:strip + 4], np.repeat(expected[:, :, None], 3, axis=2))
            assert (found[strip + 5:strip + 13] == ink).any()


def test_what_has_no_triggers_has_no_marks(recording, tmp_path):
    path, out = recording.files[1], tmp_path / "out.png"
    assert "it has" in refused(path, "-o", out, "--mark", "nothing")
    assert "neither triggers nor samples" in refused(path, "-o", out, "--mark", "frames")
    assert "--mark" in refused(path, "-o", tmp_path / "out.npy", "--mark", "frames")


# Samples of an inertial unit


INK, PAPER, CURVE, WORDS = 16, 255, 10, 10
"""Ink and ground of a light picture; dots of a curve, and of the words above it."""


def curve(of, times, values, start, end):
    """The rows in which a curve [ten rows, width] may be in each column, from its highest to its lowest."""
    width = of.shape[1]
    edges = start + (end - start) * np.arange(width + 1) / width
    inside = [values[(times > a) & (times < b)] for a, b in zip(edges, edges[1:])]
    at = np.interp(edges, times, values)
    groups = [np.concatenate([at[i:i + 2], inside[i]]) for i in range(width)]
    rows = [(1 - np.array([group.max(), group.min()]) / values.max()) * (CURVE - 1) for group in groups]
    return np.array(rows)


def check_curve(found, times, values, start, end):
    """`values` at `times` are drawn in `found`, ten rows, of the window from `start` to `end`."""
    assert set(np.unique(found)) == {INK, PAPER}
    first, last = times[0], times[-1]
    for column, (high, low) in enumerate(curve(found, times, values, start, end)):
        middle = start + (end - start) * (column + 0.5) / found.shape[1]
        if not first <= middle <= last:
            continue
        ink = np.flatnonzero(found[:, column] == INK)
        assert len(ink), column
        assert np.array_equal(ink, np.arange(ink[0], ink[-1] + 1))
        assert abs(ink[0] - high) <= 1 and abs(ink[-1] - low) <= 1, (column, ink, high, low)


def strips(picture):
    """What is drawn of how fast it turned, and of how much it was accelerated."""
    return picture[-2 * CURVE - WORDS:-CURVE - WORDS, :, 0], picture[-CURVE:, :, 0]


def test_what_an_inertial_unit_measured_is_a_curve(tmp_path):
    recordings = os.environ.get("EVZ_RECORDINGS")
    if not recordings:
        pytest.skip("EVZ_RECORDINGS does not name a folder of recordings")
    dv = pytest.importorskip("dv_processing")
    source = Path(recordings) / "davis346.aedat4"
    camera, samples = dv.io.MonoCameraRecording(str(source)), []
    while (batch := camera.getNextImuBatch()) is not None:
        # In radians a second and metres a second squared.
        samples += [(s.timestamp, *s.getAngularVelocities(), *s.getAccelerations()) for s in batch]
    samples = np.array(samples)
    times = samples[:, 0]
    turned = np.degrees(np.linalg.norm(samples[:, 1:4], axis=1))
    pushed = np.linalg.norm(samples[:, 4:], axis=1) / 9.80665
    run("convert", source, tmp_path / "same.evz")
    middle = int(times[len(times) // 2])
    for path in (source, tmp_path / "same.evz"):
        for start, end in ((middle, middle + 400_000), (middle + 100, middle + 400), (middle - 3_000_000, middle)):
            found, plain = marked(path, "imu", start, end, tmp_path)
            above = 2 * (CURVE + WORDS)
            assert np.array_equal(found[:-above], plain[:-above])
            for strip, values in zip(strips(found), (turned, pushed)):
                check_curve(strip, times, values, start, end)


def with_samples(folder, columns, n=100):
    """An .evz of the second writer with samples every millisecond."""
    times = np.arange(n) * 1_000
    table = pa.table({"t": pa.array(times, pa.duration("us"))} | {name: pa.array(v) for name, v in columns.items()})
    writer = Writer(width=240, height=180)
    writer.stream(0, name="events")
    writer.side_stream(0, "imu", table.schema)
    writer.batch(0, table, 1)
    few = np.array([0, 99_999])
    writer.chunk(0, *Events(few, few.astype(np.uint16) % 7, few.astype(np.uint16) % 5, few.astype(np.uint8) % 2))
    source = folder / "made.evz"
    source.write_bytes(writer.finish())
    return source, times


def test_what_ros_calls_its_columns_is_converted(tmp_path):
    dice = np.random.default_rng(2)
    values = {f"{name}_{axis}": dice.normal(0, 3, 100) for name in ("angular_velocity", "linear_acceleration")
              for axis in "xyz"}
    # 4 radians a second, 229 degrees.
    values |= {f"angular_velocity_{axis}": np.where(axis == "z", -4.0, 0.0) * np.ones(100) for axis in "xyz"}
    source, times = with_samples(tmp_path, values)
    run("render", source, "-o", tmp_path / "out.png", "--mark", "imu", "--upscale", "1", "--from", "0ms", "--to", "99ms")
    picture = pillow_frames(tmp_path / "out.png")[0][0]
    turned, pushed = strips(picture)
    assert (turned[0] == INK).all() and (turned[1:] == PAPER).all()
    pushes = np.linalg.norm([values[f"linear_acceleration_{axis}"] for axis in "xyz"], axis=0)
    check_curve(pushed, times, pushes, 0, 99_000)


def test_samples_of_columns_without_a_name_are_refused(tmp_path):
    source, _ = with_samples(tmp_path, {f"imu{i}": np.ones(100) for i in range(6)})
    said = refused(source, "-o", tmp_path / "out.png", "--mark", "imu")
    assert "imu" in said and "gyro_x" in said and "angular_velocity_x" in said
    assert not (tmp_path / "out.png").exists()


def test_what_is_of_another_camera_is_refused(tmp_path):
    """Two cameras of one clock, of which the first alone has samples."""
    values = {f"{name}_{axis}": np.ones(100) for name in ("gyro", "accel") for axis in "xyz"}
    source, times = with_samples(tmp_path, values)
    run("convert", source, tmp_path / "plain.evz", "--events-only")
    both = tmp_path / "both.evz"
    run("convert", source, tmp_path / "plain.evz", both)
    plain = ["--from", "0ms", "--to", "9ms", "--force"]
    run("render", both, "-o", tmp_path / "out.png", "--stream", "0", "--mark", "imu", *plain)
    said = refused(both, "-o", tmp_path / "other.png", "--stream", "1", "--mark", "imu", *plain)
    assert "imu is of the event stream" in said and not (tmp_path / "other.png").exists()


def test_marks_that_would_hide_the_picture_are_refused(recording, tmp_path):
    path, out = recording.files[1], tmp_path / "out.png"
    stream = "triggers" if recording.size == "346x260" else "frames"
    options = ["--crop-frames", "0,0,24,24", "--around", "50ms", "--window", "10ms"]
    said = refused(path, "-o", out, "--mark", stream, "--upscale", "1", *options)
    if stream == "frames":
        assert "neither triggers nor samples" in said
        return
    assert "these have 24x24" in said and "leave out --upscale" in said and not out.exists()
    run("render", path, "-o", out, "--mark", stream, *options)


def test_frames_of_another_camera_are_no_ground(recording, tmp_path):
    source, out = recording.files[1], tmp_path / "out.png"
    run("convert", source, tmp_path / "plain.evz", "--events-only")
    run("convert", source, tmp_path / "plain.evz", tmp_path / "both.evz")
    options = ["--over", "frames", "--to", "50ms"]
    run("render", tmp_path / "both.evz", "-o", out, "--stream", "0", *options, "--force")
    said = refused(tmp_path / "both.evz", "-o", tmp_path / "other.png", "--stream", "1", *options)
    assert "frames is of the event stream" in said and not (tmp_path / "other.png").exists()
