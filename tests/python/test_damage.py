"""Truncated files, flipped bits, and fields that lie behind right checksums."""

import collections
import random
import struct

import pytest

import evz_check
import evz_chunk
import evz_fast
import evz_reader
import evz_wire as wire
from evz_reader import Evz, EvzError, check, walk, walk_events
from recordings import COLUMNS, RECORDINGS, made, parts, recording, some_events


def small(**options):
    """One with something of everything, in few bytes: chunks of one event need no planes."""
    streams = [
        (list(parts(some_events(5, 1), [1] * 5)), COLUMNS[:1]),
        (list(parts(some_events(2, 2), [1] * 2)), []),
    ]
    return recording(streams=streams, side=True, metadata=True, fan_out=2, **options)


def tiny(**options):
    return recording(streams=[(list(parts(some_events(3, 1), [1, 2])), [])], fan_out=2, **options)


def everything_in(data):
    evz = Evz(data)
    streams = []
    for number, stream in evz.root.streams.items():
        names = [column.name for column in stream.columns]
        events, columns = evz.with_columns(None, None, names, number)
        streams.append(
            (
                number,
                stream.name,
                events.sha256(),
                repr(columns),
                [counts for _, counts in evz.activity(number)],
            )
        )
    side = {number: evz.side_rows(number) for number in evz.root.side}
    facts = [
        getattr(evz.header, name)
        for name in ("width", "height", "tick_numerator", "tick_denominator", "epoch", "clock")
    ]
    return facts, evz.unfinished, streams, evz.metadata, side


def refused(read, data):
    try:
        read(data)
    except EvzError:
        return True
    return False


@pytest.mark.parametrize("make", [small, tiny])
def test_every_truncation_is_an_error(make):
    data = make()
    for n in range(0, len(data), 3):
        assert refused(Evz, data[:n]), n
        assert refused(check, data[:n]), n


def test_every_truncation_behind_a_root_is_unfinished():
    data = tiny(roots=[0])
    end = next(record.end for record in walk(data) if record.header.kind == wire.ROOT)
    whole = everything_in(data[:end])
    for n in range(end, len(data)):
        found = everything_in(data[:n])
        assert found[1] and found == whole
        assert refused(check, data[:n])


# Bits and bytes between those that are tried: a prime, so that all bits of bytes have their turn.
STEP = 11


def flips(data):
    for bit in range(0, 8 * len(data), STEP):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        yield bit, flipped


def test_every_flipped_bit_is_an_error_or_changes_nothing():
    data = small()
    expected, unseen = everything_in(data), collections.Counter()
    for bit, flipped in flips(data):
        try:
            assert everything_in(flipped) == expected, f"bit {bit}"
            unseen[where(data, bit // 8)] += 1
        except EvzError:
            pass
    # A reader of the index has no use for declarations, and reads no padding.
    assert set(unseen) <= {"padding", "kind 2", "kind 4"}


def where(data, byte):
    if byte < 64:
        return "header"
    for record in walk(data):
        if record.offset <= byte < record.end:
            return f"kind {record.header.kind}"
    return "padding"


def test_a_checker_sees_every_flipped_bit():
    for bit, flipped in flips(tiny()):
        assert refused(check, flipped), f"bit {bit}"


def test_a_walk_over_flipped_bits_is_no_other_exception():
    data = tiny()
    expected = len(walk_events(data).t)
    for bit, flipped in flips(data):
        try:
            assert len(walk_events(flipped).t) <= expected
        except EvzError:
            pass


@pytest.mark.parametrize("name", RECORDINGS)
def test_nonsense_without_checksums_is_no_other_exception(name, monkeypatch):
    """Someone can compute checksums over nonsense too, so every parser meets nonsense here."""
    for module in (evz_chunk, evz_check, evz_fast, evz_reader, wire):
        monkeypatch.setattr(module, "check_crc", lambda parts, expected, what: None)
    data, _ = made(name)
    dice, seen = random.Random(2), 0
    for _ in range(60):
        damaged = bytearray(data)
        for _ in range(dice.randint(1, 3)):
            damaged[dice.randrange(len(data))] = dice.choice((0, 1, 127, 128, 255, dice.randrange(256)))
        seen += refused(everything_in, damaged)
        refused(check, damaged)
    assert seen


# A forger changes a field, and every checksum and length that follows from it is right again.


class Forger:
    """Changes field number `at` as the writer writes it."""

    def __init__(self, at=None, change=None):
        self.at, self.change, self.fields = at, change, []

    def __call__(self, name, kind, value):
        self.fields.append((name, kind, value))
        return self.change(kind, value) if len(self.fields) - 1 == self.at else value


def changes():
    numbers = {
        "add 1": lambda n: n + 1,
        "less 1": lambda n: n - 1,
        "flip 7": lambda n: n ^ 128,
        "large": lambda n: 2**63 + n,
        "0": lambda n: 0 if n else 2,
    }
    for name, change in numbers.items():
        yield name, lambda kind, value, change=change: (
            value if kind in ("bytes", "zeros") else change(value)
        )
    for name, change in {
        "cut": lambda raw: raw[:-1],
        "more": lambda raw: raw + b"\0",
        "other": lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]) if raw else raw,
    }.items():
        yield name, lambda kind, value, change=change: (
            change(value) if kind == "bytes" or kind == "zeros" and name == "other" else value
        )


def forged(make):
    """Every file with one changed field: the field, the change, the file."""
    plain = Forger()
    data = make(forge=plain)
    for at, (name, kind, _) in enumerate(plain.fields):
        for change_name, change in changes():
            try:
                other = make(forge=Forger(at, change))
            except (struct.error, ValueError, OverflowError):
                continue
            if other != data:
                yield (name, change_name), other


# Nothing else tells of these: an owner could have written them as well.
FREE = {
    *("metadata.key", "metadata.type", "metadata.value", "root.key", "root.type", "root.value"),
    "side stream.schema",
}
# A reader has no other word for names, as it does not read the declarations in front of chunks; and it says that a
# file is unfinished if the last root is a checkpoint.
SAID = {"root.name", "root.column name", "root.flags"}
# Where a block of `fast` has no exceptions, the size of their high parts does not matter, nor zigzag without a width.
HIDDEN = {"block.t_high", "block.t_tag", "block.x_tag", "block.y_tag"}


def test_no_forged_field_changes_what_is_read():
    expected = everything_in(small())
    other = collections.defaultdict(set)
    for (name, change), data in forged(small):
        try:
            if everything_in(data) != expected:
                other[name].add(change)
        except EvzError:
            pass
    assert set(other) <= FREE | SAID


def test_a_checker_sees_every_forged_field():
    unseen = collections.defaultdict(set)
    for (name, change), data in forged(small):
        if not refused(check, data):
            unseen[name].add(change)
    assert set(unseen) <= FREE | HIDDEN
