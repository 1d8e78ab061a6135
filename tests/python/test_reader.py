"""The reader and the checker on what evz_writer wrote."""

import json
import random
import subprocess
import sys

import numpy as np
import pytest

import evz_reader as reader
from evz_check import bins, crc_of_all
from evz_reader import Evz, EvzError, check, walk, walk_events
from evz_wire import Fields
from recordings import COLUMNS, RECORDINGS, made

every = pytest.mark.parametrize("name", RECORDINGS)


def same(found, expected):
    return all(map(np.array_equal, found, expected))


@every
def test_events_are_those_written(name):
    data, events = made(name)
    evz = Evz(data)
    assert not evz.unfinished
    for number, expected in enumerate(events):
        assert same(evz.events(stream=number), expected)
        assert same(walk_events(data, number), expected)


@every
def test_checker_has_nothing_to_say(name):
    assert check(made(name)[0]).notes == []


@every
def test_any_window_is_the_filter(name):
    data, events = made(name)
    evz, dice = Evz(data), random.Random(1)
    for number, expected in enumerate(events):
        for a, b in windows(expected.t, dice):
            chosen = (expected.t >= a) & (expected.t < b)
            assert same(evz.events(a, b, number), expected.where(chosen)), (a, b)
        for _ in range(30):
            i, j = dice.randint(-2, len(expected.t) + 2), dice.randint(0, len(expected.t) + 2)
            assert same(evz.numbered(i, j, number), expected.where(slice(max(i, 0), max(j, 0)))), (i, j)


def windows(t, dice):
    edges = [-(2**63), 0, 2**63]
    if len(t):
        some = [t.min(), t.max(), *(t[dice.randrange(len(t))] for _ in range(10))]
        edges += [int(one) + shift for one in some for shift in (-1, 0, 1)]
    return [(dice.choice(edges), dice.choice(edges)) for _ in range(30)]


def test_further_columns():
    data, events = made("streams")
    evz = Evz(data)
    for number, names in ((0, ["intensity", "valid"]), (1, ["valid", "intensity"]), (3, ["intensity"])):
        found, columns = evz.with_columns(2000, 7000, names, number)
        assert same(found, evz.events(2000, 7000, number)) and len(found.t)
        assert columns["intensity"].tolist() == (found.x.astype(int) + 3).tolist()
        assert "valid" not in names or columns["valid"].tolist() == found.p.astype(bool).tolist()
    assert [column.name for column in evz.root.streams[0].columns] == [name for name, *_ in COLUMNS]


def test_metadata_and_side_streams():
    evz = Evz(made("streams")[0])
    assert evz.metadata == {
        "source.format": "made",
        "x.float": -0.5,
        "an.int": 7,
        "a.bool": True,
        "camera.region": "[0, 0, 4, 5]",
        "some": b"\0\xff",
    }
    assert [(side.id, side.name, side.stream) for side in evz.root.side.values()] == [
        (0, "triggers", 0),
        (1, "imu", 1),
    ]
    for number in evz.root.side:
        rows = [table.column("id").to_pylist() for table in evz.side_rows(number)]
        assert rows == [[0, 1], [0], [0, 1, 2]]
        assert len(evz.side_rows(number, 6, 901)) == 2
    with pytest.raises(EvzError):
        evz.side_rows(9)


@every
def test_activity(name):
    data, events = made(name)
    for number, expected in enumerate(events):
        counts = [bins_ for _, bins_ in Evz(data).activity(number)]
        if name == "no-activity":
            assert counts == [None] * 20
        else:
            assert sum(map(sum, counts)) == len(expected.t)


def test_bins_of_all_of_time():
    t = np.array([-(2**63), 0, 2**63 - 1])
    assert [i for i, n in enumerate(bins(t, -(2**63), 2**63 - 1)) if n] == [0, 16, 31]


def test_levels_are_there():
    levels = [ref.level for ref in Evz(made("levels")[0]).root.streams[0].tree.refs]
    assert levels == [3, 2, 1, 0]


# Files that grow


def test_an_unfinished_file_is_read_up_to_its_last_whole_root():
    data, (events,) = made("roots")
    ends = [record.end for record in walk(data) if record.header.kind == reader.ROOT]
    for end, next_end in zip(ends, ends[1:]):
        for cut in (end + 1, end + 100, next_end - 1):
            evz = Evz(data[:cut])
            assert evz.unfinished and evz.end == end
            n = evz.root.streams[0].summary.n_events
            assert same(evz.events(), events.where(slice(0, n)))
            with pytest.raises(EvzError, match="unfinished"):
                check(data[:cut])
        assert Evz(data[:end]).unfinished
    behind = [record.header.kind for record in reader.beyond(data[: ends[1] - 1], ends[0])]
    assert behind.count(reader.CHUNK) == 1


def test_without_a_root_there_is_an_error():
    data, _ = made("one-chunk")
    with pytest.raises(EvzError, match="recovered"):
        Evz(data[:-1])


# Numbers


@pytest.mark.parametrize(
    "raw, number",
    [
        ("00", 0),
        ("7f", 127),
        ("8001", 128),
        ("ffffffffffffffffff01", 2**64 - 1),
        ("8000", None),
        ("ff00", None),
        ("ffffffffffffffffff02", None),
        ("80808080808080808080", None),
        ("8080808080808080808001", None),
        ("80", None),
        ("", None),
    ],
)
def test_uint(raw, number):
    fields = Fields(bytes.fromhex(raw), "test")
    if number is None:
        with pytest.raises(EvzError):
            fields.uint()
    else:
        assert fields.uint() == number
        fields.check_end()


def test_sint():
    for raw, number in ((b"\0", 0), (b"\1", -1), (b"\2", 1), (b"\xff" * 9 + b"\1", -(2**63))):
        assert Fields(raw, "test").sint() == number


def test_checksums_of_parts():
    dice = random.Random(3)
    raw = dice.randbytes(1000)
    for cut in (0, 1, 500, 1000):
        parts = [(reader.zlib.crc32(part), len(part)) for part in (raw[:cut], raw[cut:])]
        assert crc_of_all(parts) == reader.zlib.crc32(raw)


def test_program(tmp_path):
    data, (events,) = made("one-chunk")
    path = tmp_path / "made.evz"
    path.write_bytes(data)
    said = subprocess.run(
        [sys.executable, reader.__file__, path], check=True, capture_output=True
    ).stdout
    assert json.loads(said) == {"events": 2500, "sha256": events.sha256()}
