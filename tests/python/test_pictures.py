"""What `evz render` writes, decoded by Pillow, NumPy and ffmpeg, against frames made here from the text."""

import os
import shutil
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from golden import ROOT
from command import evz_command

EVENTS = ROOT / "fixtures" / "events.txt"
WIDTH, HEIGHT, A_FRAME = 240, 180, 1000
BACKGROUND, ON, OFF = (25, 25, 25), (255, 72, 56), (72, 136, 255)

pytestmark = pytest.mark.skipif(evz_command() is None, reason="evz is not built")


def render(events, out, *options, env=None, frame=A_FRAME, scale="1", upscale="1"):
    """Renders frames of so many events as the sensor has them; a scale of 1 gives every pixel full colour."""
    command = [evz_command(), "render", events, "-o", out, "--count", str(frame), "--scale", scale, *options]
    command += ["--upscale", upscale] if upscale else []
    return subprocess.run(command, capture_output=True, env=env)


def rendered(*args, **kwargs):
    done = render(*args, **kwargs)
    assert done.returncode == 0, done.stderr.decode()
    return done


def events_of(path):
    """Lines t x y p below the size, t in nanoseconds."""
    lines = [line.split() for line in path.read_text().splitlines()[1:]]
    return [(int(t.replace(".", "")), int(x), int(y), int(p)) for t, x, y, p in lines]


@pytest.fixture(scope="module")
def expected():
    """[frames, height, width, rgb]"""
    events = events_of(EVENTS)
    frames = []
    for start in range(0, len(events), A_FRAME):
        signed = np.zeros((HEIGHT, WIDTH), int)
        for _, x, y, p in events[start:start + A_FRAME]:
            signed[y, x] += 1 if p else -1
        rgb = np.full((HEIGHT, WIDTH, 3), BACKGROUND, np.uint8)
        rgb[signed > 0], rgb[signed < 0] = ON, OFF
        frames.append(rgb)
    return np.stack(frames)


def pillow_frames(path):
    with Image.open(path) as image:
        frames, durations = [], []
        for n in range(getattr(image, "n_frames", 1)):
            image.seek(n)
            frames.append(np.asarray(image.convert("RGB")))
            durations.append(image.info.get("duration"))
        return np.stack(frames), durations


# Exact formats


@pytest.mark.parametrize("extension", ["gif", "apng"])
def test_animations_are_exact(extension, expected, tmp_path):
    out = tmp_path / f"out.{extension}"
    rendered(EVENTS, out)
    with Image.open(out) as image:
        assert image.format == {"gif": "GIF", "apng": "PNG"}[extension]
        assert image.info["loop"] == 0
    frames, durations = pillow_frames(out)
    assert np.array_equal(frames, expected)
    assert sum(durations) == pytest.approx(1000 * len(expected) / 30, abs=5)


def test_a_png_sequence_is_exact(expected, tmp_path):
    rendered(EVENTS, tmp_path / "out_%03d.png", "--theme", "dark")
    paths = sorted(tmp_path.iterdir())
    assert [path.name for path in paths] == [f"out_{n:03}.png" for n in range(len(expected))]
    for path, frame in zip(paths, expected):
        assert np.array_equal(pillow_frames(path)[0][0], frame)


def test_raw_pictures_are_exact(expected, tmp_path):
    rendered(EVENTS, tmp_path / "out.rgb")
    raw = np.fromfile(tmp_path / "out.rgb", np.uint8)
    assert np.array_equal(raw.reshape(expected.shape), expected)


def test_y4m_is_bt601(expected, tmp_path):
    rendered(EVENTS, tmp_path / "out.y4m")
    header, frames = (tmp_path / "out.y4m").read_bytes().split(b"\n", 1)
    assert header.split()[:4] == [b"YUV4MPEG2", b"W240", b"H180", b"F30:1"]
    assert b"C444" in header.split()
    frames = np.frombuffer(frames, np.uint8).reshape(len(expected), -1)
    assert all(bytes(frame[:6]) == b"FRAME\n" for frame in frames)
    planes = frames[:, 6:].reshape(-1, 3, HEIGHT, WIDTH).astype(float)
    y, cb, cr = ((planes[:, 0] - 16) / 219, (planes[:, 1] - 128) / 224, (planes[:, 2] - 128) / 224)
    red, blue = y + 1.402 * cr, y + 1.772 * cb
    green = (y - 0.299 * red - 0.114 * blue) / 0.587
    rgb = 255 * np.stack([red, green, blue], -1)
    assert np.abs(rgb - expected).max() < 2


# ffmpeg


@pytest.fixture(scope="module")
def ffmpeg(tmp_path_factory):
    """A folder to put on the path, with nothing else in it."""
    folder = tmp_path_factory.mktemp("bin")
    program = shutil.which("ffmpeg") or imageio_ffmpeg.get_ffmpeg_exe()
    (folder / "ffmpeg").symlink_to(program)
    return folder


def on_path(folder):
    return {**os.environ, "PATH": str(folder)}


def decoded(ffmpeg, path, width, height):
    command = [ffmpeg / "ffmpeg", "-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


@pytest.fixture
def blocks(tmp_path):
    """Frames of 512 events, a block of each polarity, that movies can show: sides are odd."""
    path = tmp_path / "blocks.txt"
    lines = ["65 49"]
    for n in range(10):
        for p, left, top in [(1, 4 * n, 0), (0, 44, 30)]:
            t = n * 1_000_000
            lines += [f"{t // 10**9}.{t % 10**9:09} {left + i % 16} {top + i // 16} {p}" for i in range(256)]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("extension", ["mp4", "webm"])
@pytest.mark.parametrize("theme, background", [("dark", 25), ("light", 255)])
def test_movies_show_blocks_where_they_are(extension, theme, background, blocks, ffmpeg, tmp_path):
    out = tmp_path / f"out.{extension}"
    rendered(blocks, out, "--theme", theme, env=on_path(ffmpeg), frame=512)
    frames = decoded(ffmpeg, out, 66, 50).astype(int)
    assert len(frames) == 10
    on, off = (ON, OFF) if theme == "dark" else ((208, 16, 24), (24, 72, 216))
    for n, frame in enumerate(frames):
        for x, y, colour in [(4 * n + 8, 8, on), (52, 38, off), (8, 40, background), (65, 49, background)]:
            assert np.abs(frame[y, x] - colour).max() < 24, (n, x, y, frame[y, x])


def test_single_events_keep_their_colour_in_mp4(ffmpeg, tmp_path):
    """Of a small sensor, which is drawn large: at its own size 4:2:0 gives a pixel half of its colour or less."""
    events, out = tmp_path / "single.txt", tmp_path / "out.mp4"
    pixels = [(20 + 40 * n, 31 + 20 * n, n % 2) for n in range(5)]
    lines = [f"0.00000{n} {x} {y} {p}" for n, (x, y, p) in enumerate(pixels)]
    events.write_text("\n".join([f"{WIDTH} {HEIGHT}", *lines]) + "\n")
    rendered(events, out, env=on_path(ffmpeg), upscale=None)
    frame = decoded(ffmpeg, out, 4 * WIDTH, 4 * HEIGHT).astype(int)[0]
    for x, y, p in pixels:
        inside = frame[4 * y + 1:4 * y + 3, 4 * x + 1:4 * x + 3].mean((0, 1))
        assert np.abs(inside - (ON if p else OFF)).max() < 40, (x, y, inside)


@pytest.mark.parametrize("extension", ["mp4", "webm"])
def test_without_ffmpeg_the_way_out_is_named(extension, tmp_path):
    out, empty = tmp_path / f"out.{extension}", tmp_path / "empty"
    empty.mkdir()
    done = render(EVENTS, out, env=on_path(empty))
    assert done.returncode == 1
    assert "needs the program ffmpeg" in done.stderr.decode()
    assert ".gif" in done.stderr.decode()
    assert list(tmp_path.iterdir()) == [empty]


def test_what_a_failing_ffmpeg_says_is_quoted(tmp_path):
    bin, out = tmp_path / "bin", tmp_path / "out.mp4"
    bin.mkdir()
    (bin / "ffmpeg").write_text("#!/bin/sh\necho 'Unknown encoder' >&2\nexit 1\n")
    (bin / "ffmpeg").chmod(0o755)
    done = render(EVENTS, out, env=on_path(bin))
    assert done.returncode == 1
    assert "Unknown encoder" in done.stderr.decode()
    assert list(tmp_path.iterdir()) == [bin]


# Options


def first_picture(tmp_path, *options, **kwargs):
    out = tmp_path / "first.gif"
    rendered(EVENTS, out, "--force", *options, **kwargs)
    return pillow_frames(out)[0][0]


def test_themes_and_colours(expected, tmp_path):
    is_on, is_off = ((expected[0] == colour).all(-1) for colour in (ON, OFF))
    for options, background, on, off in [
        (["--theme", "light"], (255,) * 3, (208, 16, 24), (24, 72, 216)),
        (["--colors", "grey"], (80,) * 3, (255,) * 3, (0,) * 3),
        (["--theme", "light", "--colors", "grey"], (176,) * 3, (255,) * 3, (0,) * 3),
    ]:
        picture = first_picture(tmp_path, *options)
        for where, colour in [(is_on, on), (is_off, off), (~(is_on | is_off), background)]:
            assert (picture[where] == colour).all()


def test_dilation_widens_pixels(expected, tmp_path):
    picture = first_picture(tmp_path, "--dilate")
    lit = (expected[0] != BACKGROUND).any(-1)
    wide = np.zeros_like(lit)
    for y, x in np.argwhere(lit):
        wide[max(y - 1, 0):y + 2, max(x - 1, 0):x + 2] = True
    assert np.array_equal((picture != BACKGROUND).any(-1), wide)
    assert np.array_equal(picture[lit], expected[0][lit])


def test_no_frame_is_almost_black(tmp_path):
    for scale in ["p95", "p50", "40"]:
        picture = first_picture(tmp_path, scale=scale)
        lit = (picture != BACKGROUND).any(-1)
        assert picture[lit].max(-1).mean() > 100, scale


def test_the_scale_bar_stands_at_the_bottom(expected, tmp_path):
    changed = (first_picture(tmp_path, "--scale-bar") != expected[0]).any(-1)
    assert np.argwhere(changed).min(0)[0] > HEIGHT - 12


# A movie of a real recording

RECORDINGS = os.environ.get("EVZ_RECORDINGS")


@pytest.mark.skipif(RECORDINGS is None, reason="EVZ_RECORDINGS names no folder of recordings")
@pytest.mark.parametrize("speed, tau_us", [("1", 100_000), ("0.25", 25_000)])
def test_a_movie_of_a_real_recording_has_trails(speed, tau_us, tmp_path):
    """Each pixel has the polarity of its latest event of five time constants, as strong as it has not faded."""
    events, out = Path(RECORDINGS) / "davis346_seconds.txt", tmp_path / "out.apng"
    rows = [line.split() for line in events.read_text().splitlines()]
    rows = [row for row in rows if len(row) == 4]
    t = np.array([int(row[0].replace(".", "")) for row in rows])
    t, (x, y, p) = t - t[0], (np.array([int(row[i]) for row in rows]) for i in (1, 2, 3))
    command = [evz_command(), "render", events, "-o", out, "--speed", speed, "--to", "500ms", "--size", "346x260"]
    subprocess.run(command, check=True, capture_output=True)
    frames, durations = pillow_frames(out)
    step = 1e6 * float(speed) / 30
    assert len(frames) == np.ceil((t[t < 500_000][-1] + 1) / step)
    assert frames.shape[1:] == (780, 1038, 3) and sum(durations) == pytest.approx(1000 * len(frames) / 30, abs=5)
    for k in range(0, len(frames), 4):
        end = int((k + 1) * step)
        seen = (t < min(end, 500_000)) & (t >= end - 5 * tau_us)
        share = np.zeros((260, 346))
        # The last of several events of a pixel is the one that stays.
        share[y[seen], x[seen]] = (2 * p[seen] - 1) * np.exp((t[seen] - end) / tau_us)
        full = np.where(share[..., None] > 0, ON, OFF)
        expected = BACKGROUND + np.abs(share)[..., None] * (full - np.array(BACKGROUND))
        assert (share != 0).sum() > 100
        assert np.abs(frames[k].astype(float) - expected.repeat(3, 0).repeat(3, 1)).max() < 3


# The time stamp is read: letters are learned from times that are known, and then compared.

LETTERS = 24


def stamp(picture):
    """The letters of the time stamp, as pixels."""
    row = picture[2:10, 2:]
    return [row[:, x:x + 8].tobytes() for x in range(0, LETTERS * 8, 8)]


@pytest.fixture(scope="module")
def read_stamp(tmp_path_factory):
    """Reads the time stamp of a picture of the sensor's size, light and without events in that corner."""
    folder = tmp_path_factory.mktemp("letters")
    events, letters = folder / "letters.txt", {}
    known = [f"{n}{n}{n}.{n}{n}{n} ms" for n in range(1, 10)] + ["0.001 ms", "5.000 ms"]
    # Times count from the first event.
    times = sorted(int(time.replace(".", "").removesuffix(" ms")) for time in known)
    lines = [f"{t // 10**6}.{t % 10**6:06} 200 100 1" for t in [0, *times, 10**6]]
    events.write_text("\n".join([f"{WIDTH} {HEIGHT}", *lines]) + "\n")
    for time in known:
        picture = still(events, folder, "--at", time.replace(" ", ""), "--window", "10ms")
        for glyph, letter in zip(stamp(picture), time.ljust(LETTERS)):
            assert letters.setdefault(glyph, letter) == letter
    return lambda picture: "".join(letters.get(glyph, "?") for glyph in stamp(picture)).strip()


def still(events, folder, *options):
    out = folder / "still.png"
    command = [evz_command(), "render", events, "-o", out, "--force", "--time", "--upscale", "1", *options]
    subprocess.run(command, check=True, capture_output=True)
    return pillow_frames(out)[0][0]


def test_the_time_stamp_is_the_end_of_the_window(read_stamp, tmp_path):
    for n in range(3):
        picture = still(EVENTS, tmp_path, "--at", f"{n + 5}.{n + 1}7ms")
        assert read_stamp(masked(picture, 8)) == f"{n + 5}.{n + 1}70 ms"
    for window in ["1ms", "3us"]:
        picture = still(EVENTS, tmp_path, "--around", "7.123ms", "--window", window)
        assert read_stamp(masked(picture, 8)) == "7.123 ms"


def masked(picture, letters):
    """The picture without events beside its stamp, which has so many letters."""
    picture = picture.copy()
    picture[2:10, 2 + 8 * letters:] = 255
    return picture


def test_frames_of_a_rate_say_when_they_are(read_stamp, tmp_path):
    command = [evz_command(), "render", EVENTS, "-o", tmp_path / "f_%d.png", "--time", "--upscale", "1"]
    subprocess.run([*command, "--fps", "200", "--window", "9ms"], check=True, capture_output=True)
    pictures = [pillow_frames(tmp_path / f"f_{n}.png")[0][0] for n in range(6)]
    expected = [f"{5 * n}.000 ms" for n in range(1, 7)]
    assert [read_stamp(masked(picture, len(time))) for picture, time in zip(pictures, expected)] == expected


# Pipes


@pytest.mark.parametrize("extension", ["rgb", "y4m"])
def test_a_reader_that_stops_early_is_no_failure(extension, tmp_path):
    out = tmp_path / f"out.{extension}"
    os.mkfifo(out)
    command = [evz_command(), "render", EVENTS, "-o", out, "--count", "10"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        with open(out, "rb") as pipe:
            assert len(pipe.read(1000)) == 1000
        assert process.wait(60) == 0, process.stderr.read().decode()
