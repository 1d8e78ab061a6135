"""Codec 2: the example of SPEC.md, what a reader has to refuse, and what another writer wrote."""

import os
import re
import struct
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import evz_fast as fast
import evz_small as small
import small_writer
from evz_chunk import Events
from evz_reader import Evz, EvzError, check
from evz_small import SEGMENT, Small
from evz_small_codes import CODE_FREQUENCIES
from evz_small_tables import LEAST, Bits, frequencies, level_of, read_levels
from evz_wire import round_up
from evz_writer import Writer

ROOT = Path(__file__).resolve().parents[2] / "SPEC.md"
SPEC = ROOT.read_text().split("### Codec 2: `small`")[1].split("\n### ")[0]


# The text


def example():
    """The payload of the example, and its events by the names of its rows."""
    text = SPEC.split("#### Example")[1]
    lines = re.findall(r"^    \d{3}: ([0-9a-f ]+)$", text, re.MULTILINE)
    columns = {
        name: [int(one) for one in row.split("|")]
        for name, row in re.findall(r"^\| ([txyp]) \|([\d |]+)\|$", text, re.MULTILINE)
    }
    return bytes.fromhex("".join(lines)), columns


def decode(payload, n_events=12, bits_at=52):
    (bits_len,) = struct.unpack_from("<I", payload, bits_at - 4)
    head = SimpleNamespace(n_events=n_events, toc_len=round_up(bits_at + bits_len, 4))
    return Small(head, memoryview(payload), "payload").decode(0)


def test_the_example_is_twelve_events():
    payload, columns = example()
    assert (len(payload), len(columns["t"])) == (300, 12)
    k, x, y, p = decode(payload)
    assert (k + np.uint64(5000)).tolist() == columns["t"]
    assert (x.tolist(), y.tolist(), p.tolist()) == (columns["x"], columns["y"], columns["p"])


def test_the_example_in_a_file():
    payload, columns = example()
    writer = Writer()
    writer.chunk(
        0,
        columns["t"],
        columns["x"],
        columns["y"],
        columns["p"],
        coded=(2, payload[:172], payload[172:]),
    )
    data = writer.finish()
    check(data)
    assert Evz(data).events(5004, 5101).t.tolist() == [5004, 5020, 5021, 5021, 5100]


def test_frequencies_of_codes_are_those_of_the_text():
    rows = re.findall(r"^\| (\d+) \| (\d) \| ([\d ]+) \|$", SPEC, re.MULTILINE)
    rows = [(int(kind), int(near), [int(one) for one in row.split()]) for kind, near, row in rows]
    assert rows == [(i // 10, i % 10, row) for i, row in enumerate(CODE_FREQUENCIES)]


def test_levels_are_those_of_the_text():
    assert LEAST.tolist()[:16] == [0, 1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 192, 256, 320, 384, 448]
    assert (len(LEAST), LEAST[76]) == (77, 1 << 24)
    assert level_of(np.array([0, 1, 3, 4, 255, 1 << 30])).tolist() == [0, 1, 2, 3, 11, 76]


def test_every_table_has_its_sum_and_every_level_its_part():
    dice = np.random.default_rng(1)
    for n in (10, 12):
        levels = dice.integers(0, 77, (200, 256)) * (dice.random((200, 256)) < dice.random((200, 1)))
        levels[0] = 0
        found = frequencies(levels, n)
        assert np.all(found.sum(axis=1) == 1 << n)
        assert np.all((found > 0)[1:] == (levels > 0)[1:])
        assert found[0, 0] == 1 << n


# What a reader has to refuse, in the example


@pytest.fixture
def no_checksums(monkeypatch):
    for codec in (fast, small):
        monkeypatch.setattr(codec, "check_crc", lambda parts, expected, what: None)


def patched(**at):
    payload = bytearray(example()[0])
    for offset, value in at.items():
        payload[int(offset[1:])] = value
    return bytes(payload)


@pytest.mark.parametrize(
    "bad, message",
    [
        (dict(_26=1), "reserved"),
        (dict(_32=0x40), "tag"),  # the first axis in context 4
        (dict(_32=0x03), "mixed"),  # the first axis mixed
        (dict(_32=0x20), "context"),  # the first axis in context same
        (dict(_32=0x04), "tag"),  # mode 4
        (dict(_33=9), "shift"),
        (dict(_34=17), "given_shift"),
        (dict(_36=255, _32=1), "symbols"),  # 256 of them in a mode other than direct
        (dict(_37=32), "span"),
        (dict(_40=0x13), "mixed in context"),  # the second axis mixed by time
        (dict(_40=0x40), "tag"),
        (dict(_40=0x33, _43=255), "257 tables"),
        (dict(_52=0), "frequency 0"),  # the first context of polarity
        (dict(_168=0x80), "bits are left"),  # the last byte of the bits
        (dict(_169=1), "padding"),
        (dict(_16=11), "the streams end"),
        (dict(_16=13), "are not all there"),
        (dict(_20=2), "are not all there"),  # raw_len of t
        (dict(_22=30), "are not all there"),  # of the first axis
        (dict(_22=30, _24=2), "expected 0"),
        (dict(_24=2), "expected 32"),  # of the second axis
        (dict(_174=0x10), "do not end"),  # the first state of t
        (dict(_222=0x75), "do not end"),  # and of the other stream
    ],
)
def test_what_a_reader_must_refuse(bad, message, no_checksums):
    decode(example()[0])
    with pytest.raises(EvzError, match=message):
        decode(patched(**bad))


def test_every_byte_of_the_example_counts(no_checksums):
    """What can be changed without a change of the events."""
    payload, _ = example()
    expected, unseen = [column.tolist() for column in decode(payload)], set()
    for bit in range(8 * len(payload)):
        flipped = bytearray(payload)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            if [column.tolist() for column in decode(bytes(flipped))] == expected:
                unseen.add(bit // 8)
        except EvzError:
            pass
    # t_first (known to the head of the chunk), checksums, spans, x_max, modes that are not used, frequencies of
    # polarity that are not used, raw bits behind the last event.
    known = {
        *range(8, 16),
        28,
        30,
        31,
        33,
        34,
        35,
        37,
        42,
        43,
        45,
        36,
        44,
        29,
        *range(52, 112),
        *range(268, 300),
    }
    assert unseen <= known, sorted(unseen - known)


def test_tables_whose_bits_end_too_early_are_refused():
    payload, _ = example()
    for n in range(117):
        cut = bytearray(payload[: 52 + n].ljust(round_up(52 + n, 4), b"\0") + payload[172:])
        cut[48] = n
        with pytest.raises(EvzError, match="too early"):
            decode(bytes(cut))


def test_levels_out_of_bounds_are_refused():
    overall = small_writer.gamma(2 * 77 + 1)
    with pytest.raises(EvzError, match="overall level of 77"):
        read_levels(bits_of(overall), None, 1, 1, 1)
    with pytest.raises(EvzError, match="overall level of -1"):
        read_levels(bits_of(small_writer.gamma(2)), None, 1, 1, 1)
    with pytest.raises(EvzError, match="total of level 77"):
        read_levels(bits_of(small_writer.gamma(1) + f"{77:07b}"[::-1] * 2), None, 1, 2, 1)


def bits_of(bits):
    return Bits(int(bits[::-1], 2).to_bytes(-(-len(bits) // 8), "little"), "bits")


# What a small writer writes that knows nothing but the text


@pytest.mark.parametrize("by_event_before", [False, True])
@pytest.mark.parametrize("n_events", [1, 31, 100, 512, 513, 1500, SEGMENT + 700, 20_000])
def test_what_another_writer_wrote(n_events, by_event_before):
    events = wandering(n_events)
    k = events.t - events.t[0]
    toc, payload = small_writer.write_payload(k, *events[1:], by_event_before)
    writer = Writer()
    writer.chunk(0, *events, coded=(2, toc, payload[len(toc) :]))
    data = writer.finish()
    check(data)
    evz = Evz(data)
    assert evz.events().sha256() == events.sha256()
    a, b = events.t[n_events // 3], events.t[n_events // 2] + 1
    chosen = (events.t >= a) & (events.t < b)
    assert evz.events(a, b).sha256() == events.where(chosen).sha256()


def wandering(n):
    """Events that keep near each other, with jumps, and polarities that last a while."""
    dice = np.random.default_rng(n)
    jumps = dice.random(n) < 0.2
    x, y = (
        np.where(jumps, dice.integers(0, 256, n), np.cumsum(dice.integers(-6, 7, n))) % 256
        for _ in range(2)
    )
    p = np.cumsum(dice.random(n) < 0.2) % 2
    steps = dice.integers(0, 64, n)
    # No difference stands before the first event of a segment.
    return Events(np.cumsum(steps), x, y, p)
