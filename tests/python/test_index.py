"""An index that lies about which chunks there are, with numbers that add up."""

import copy

import pytest

from evz_reader import Evz, EvzError, check
from evz_writer import Writer
from recordings import parts, some_events, write_chunk


def written(alter, fan_out=100, chunks=None, before=None):
    writer = Writer(fan_out=fan_out)
    writer.stream(1)
    chunks = chunks or list(parts(some_events(40, 1), [10] * 4))
    for chunk in chunks:
        write_chunk(writer, 0, chunk, [])
    write_chunk(writer, 1, some_events(10, 2), [])
    alter(writer.streams[0].entries, writer.streams[1].entries, writer)
    return writer.finish()


def nothing(entries, others, writer):
    pass


def swapped(entries, others, writer):
    entries[1], entries[2] = entries[2], entries[1]
    writer.streams[0].items = entries


def of_the_other_stream(entries, others, writer):
    entries[0] = writer.streams[0].items[0] = others[0]


def twice(entries, others, writer):
    entries[2] = writer.streams[0].items[2] = entries[1]


def left_out(entries, others, writer):
    entries.pop()
    writer.streams[0].items = list(entries)
    writer.streams[0].first = 30


def none_left(entries, others, writer):
    entries.clear()
    writer.streams[0].items, writer.streams[0].first = [], 0


def shifted(entries, others, writer):
    """One place too early: where a record is, but another one."""
    other = copy.copy(entries[1])
    other.place = entries[0].place
    entries[1] = other


def test_it_is_read_if_nothing_is_altered():
    data = written(nothing)
    check(data)
    assert len(Evz(data).events().t) == 40


@pytest.mark.parametrize("alter", [swapped, of_the_other_stream, twice, shifted])
def test_a_reader_refuses(alter):
    same_times = some_events(40, 1, t_to=1)
    for chunks in (None, list(parts(same_times, [10] * 4))):
        data = written(alter, chunks=chunks)
        with pytest.raises(EvzError):
            Evz(data).events()
        with pytest.raises(EvzError):
            check(data)


@pytest.mark.parametrize("alter", [left_out, none_left])
def test_a_checker_refuses_an_index_that_leaves_out(alter):
    with pytest.raises(EvzError, match="not every one"):
        check(written(alter))


def test_a_stream_in_no_order_is_refused_if_it_says_sorted():
    writer = Writer(fan_out=2)
    for seed, start in ((1, 500), (2, 0), (3, 900), (4, 10)):
        write_chunk(writer, 0, some_events(5, seed, start, start + 5), [])
    write_summary = writer.write_summary

    def lying(body, stream):
        body.forge = lambda name, kind, value: 1 if name == "root.flags" else value
        write_summary(body, stream)
        body.forge = writer.forge

    writer.write_summary = lying
    with pytest.raises(EvzError, match="sorted|order"):
        Evz(writer.finish())
