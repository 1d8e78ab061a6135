"""What a notebook shows of a recording."""

import re

import evz
import numpy as np
import pytest
from needs import needs


def test_a_recording_shows_itself(moving):
    page = evz.open(moving)._repr_html_()
    assert "36,000" in page and "240x180" in page and "profile fast" in page and "in order" in page
    path = re.search(r"<path d='([^']+)'", page)[1]
    assert path.count("h") == 160
    assert len(page) < 8_000


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_is_beside_the_events(recordings):
    page = evz.open(recordings / "davis346.aedat4")._repr_html_()
    assert "frames (59 rows)" in page and "2020-05-11" in page and "held in memory" in page


def test_names_are_text(tmp_path):
    evz.write(tmp_path / "<b>&.evz", [5], [1], [2], [1])
    page = evz.open(tmp_path / "<b>&.evz")._repr_html_()
    assert "&lt;b&gt;&amp;.evz" in page
    evz.write(tmp_path / "none.evz", [], [], [], [])
    assert "svg" not in evz.open(tmp_path / "none.evz")._repr_html_()
    with evz.Writer(tmp_path / "pair.evz", name="left") as writer:
        writer.add_stream("right")
        writer.write([1], [3], [5], [0])
        writer.write([1], [7], [8], [1], stream=1)
    page = evz.open(tmp_path / "pair.evz")._repr_html_()
    assert "left" in page and "right" in page


@pytest.fixture
def axes():
    matplotlib = needs("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots()
    yield axes
    pyplot.close(figure)


def test_rate(moving, axes):
    rec = evz.open(moving)
    assert rec.plot.rate(bins=50, ax=axes) is axes
    edges = axes.patches[0].get_data().edges
    assert np.isclose(edges[-1], rec.duration)
    values = axes.patches[0].get_data().values
    assert np.isclose((values * np.diff(edges)).sum(), len(rec))
    assert rec.plot.rate() is axes


@pytest.mark.parametrize("mode", sorted(evz.MODES))
def test_frame(moving, axes, mode):
    rec = evz.open(moving)
    rec.plot.frame(ms=20, us=10_000, mode=mode, ax=axes)
    shown = axes.images[0].get_array()
    frame = rec.frames(times=[(rec.start + 20_000, rec.start + 30_000)], mode=mode)[0]
    assert np.array_equal(shown, np.concatenate(list(frame), axis=1))


def test_frames_by_time(moving, axes):
    rec = evz.open(moving)
    pictures = []
    for time in ({"t": rec.start + 50_000}, {"ms": 50}, {"s": 0.05}):
        rec.plot.frame(**time, ax=axes)
        pictures.append(axes.images[-1].get_array())
    assert all(np.array_equal(picture, pictures[0]) for picture in pictures)
    rec.plot.frame()
    with pytest.raises(ValueError, match="one of"):
        rec.plot.frame(5, ms=3)


def test_a_bar(tmp_path, capsys, moving):
    needs("tqdm")
    evz.convert(moving, tmp_path / "out.csv", progress=True)
    assert "out.csv" in capsys.readouterr().err
    seen = []
    evz.convert(moving, tmp_path / "two.csv", progress=lambda done, total: seen.append(done))
    evz.convert(moving, tmp_path / "three.csv", progress=False)
    assert (tmp_path / "three.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
