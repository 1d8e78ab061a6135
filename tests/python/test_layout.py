"""What stands between records, kinds that are not known, and how a file may end."""

import struct
import zlib

import pytest

from evz_reader import Evz, EvzError, check, walk, walk_events
from evz_writer import Writer
from recordings import some_events, write_chunk


def record(kind, flags, body, number=0, crc=None):
    header = struct.pack(
        "<4sHHQIQ", b"EVZR", kind, flags, len(body), zlib.crc32(body) if crc is None else crc, number
    )
    whole = header + struct.pack("<I", zlib.crc32(header)) + body
    return whole.ljust(-(-len(whole) // 64) * 64, b"\0")


def with_a_chunk(raw=b""):
    """A file of one chunk; `raw` stands between it and what follows."""
    writer = Writer()
    write_chunk(writer, 0, some_events(5), [])
    writer.data += bytes(-len(writer.data) % 64) + raw
    return writer


METADATA = b"\1\1a\0\1b"


@pytest.mark.parametrize(
    "raw",
    [record(40000, 0, b"x"), record(40000, 0, b"x", 5), record(10, 0, b"x")],
)
def test_what_is_skipped(raw):
    data = with_a_chunk(raw).finish()
    check(data)
    assert len(walk_events(data).t) == len(Evz(data).events().t) == 5


def test_what_nothing_refers_to_is_refused_by_a_checker_alone():
    data = with_a_chunk(record(1, 1, METADATA)).finish()
    with pytest.raises(EvzError, match="nothing refers to it"):
        check(data)
    assert len(walk_events(data).t) == len(Evz(data).events().t) == 5


@pytest.mark.parametrize(
    "raw",
    [
        bytes(64),
        b"x" * 64,
        record(40000, 1, b"x"),
        record(10, 1, b"x"),
        record(0, 0, b"x"),
        record(40000, 2, b"x"),
        record(40000, 0, b"x", crc=7),
        record(1, 0, METADATA),
        record(1, 1, METADATA, 5),
        record(1, 1, METADATA + b"\0"),
        record(2, 1, bytes([9, 0, 0, 0, 0, 0, 0])),
        record(2, 1, bytes([0, 0, 5, 5, 0, 0, 0])),
        record(8, 1, bytes([0, 32, 0])),
        record(8, 0, bytes([0, 31, 0])),
    ],
)
def test_a_checker_refuses(raw):
    data = with_a_chunk(raw).finish()
    assert len(Evz(data).events().t) == 5
    with pytest.raises(EvzError):
        check(data)


@pytest.mark.parametrize("raw", [record(40000, 1, b"x"), record(10, 1, b"x")])
def test_a_walk_refuses_critical_kinds(raw):
    with pytest.raises(EvzError):
        list(walk(with_a_chunk(raw).finish()))


def test_files_behind_each_other_are_no_file():
    one, other = with_a_chunk().finish(), with_a_chunk().finish()
    for both in (one + other, one + bytes(-len(one) % 64) + other):
        with pytest.raises(EvzError):
            Evz(both)


def test_how_a_file_ends():
    writer = with_a_chunk()
    writer.root(checkpoint=True)
    ends_with_checkpoint = bytes(writer.data)
    padded = ends_with_checkpoint + bytes(-len(writer.data) % 64)
    write_chunk(writer, 0, some_events(7), [])
    whole = writer.finish()
    for data in (ends_with_checkpoint, padded, whole[:-1], whole[: len(padded) + 1000]):
        evz = Evz(data)
        assert evz.unfinished and len(evz.events().t) == 5
    assert not Evz(whole).unfinished and len(Evz(whole).events().t) == 12


def test_an_appended_file():
    writer = with_a_chunk()
    writer.root()
    writer.root([("place", 0, b"here")])
    data = bytes(writer.data)
    check(data)
    assert Evz(data).metadata == {"place": "here"} and Evz(data).root.previous


def test_metadata_are_applied_in_the_order_of_the_root():
    writer = with_a_chunk()
    writer.metadata([("a", 0, b"1"), ("b", 0, b"1")])
    writer.metadata([("a", 0, b"2")])
    writer.metadata_refs.reverse()
    assert Evz(writer.finish([("b", 6, b"")])).metadata == {"a": "1"}


@pytest.mark.parametrize(
    "tick, good",
    [
        ((1, 2**62), True),
        ((1, 2**62 + 1), False),
        ((2**62 // 10**9, 1), True),
        ((2**62 // 10**9 + 1, 1), False),
        ((2**64 - 1, 2**62), True),
        ((2, 4), False),
        ((0, 1), False),
        ((1, 0), False),
    ],
)
def test_ticks(tick, good):
    data = Writer(tick=tick).finish()
    if good:
        check(data)
    else:
        with pytest.raises(EvzError):
            Evz(data)
