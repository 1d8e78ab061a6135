"""Codec 2 in the second reader: the example of SPEC.md, what the command writes, and what it does not."""

import random
import re
import struct
import subprocess
import zlib
from types import SimpleNamespace

import numpy as np
import pytest

import evz_reader as reader
import small_writer
from evz_reader import Evz, EvzError
from evz_small import SEGMENT, Small
from evz_small_codes import CODE_FREQUENCIES
from evz_small_tables import LEAST, Bits, frequencies, level_of, read_levels
from golden import ROOT
from test_reader import SMALL_PROFILES, evz_command, windows, without_checksums

SPEC = (ROOT / "SPEC.md").read_text().split("### Codec 2: `small`")[1].split("\n## ")[0]
FIXTURES = sorted((ROOT / "fixtures" / "text").iterdir())

small_profile = pytest.mark.parametrize("profile", SMALL_PROFILES)


# The text


def example():
    """The payload of the example, and its events by the names of its rows."""
    text = SPEC.split("#### Example")[1]
    lines = re.findall(r"^    \d{3}: ([0-9a-f ]+)$", text, re.MULTILINE)
    columns = {name: [int(one) for one in row.split("|")]
               for name, row in re.findall(r"^\| ([txyp]) \|([\d |]+)\|$", text, re.MULTILINE)}
    return bytes.fromhex("".join(lines)), columns


def head_of(payload, n_events, bits_at):
    """As much of the head of a chunk as the codec asks for."""
    (bits_len,) = struct.unpack_from("<I", payload, bits_at - 4)
    return SimpleNamespace(n_events=n_events, toc_len=reader.round_up(bits_at + bits_len, 4))


def decode(payload, n_events=12, bits_at=52):
    return Small(head_of(payload, n_events, bits_at), memoryview(payload), "payload").decode(0)


def test_the_example_is_twelve_events():
    payload, columns = example()
    assert (len(payload), len(columns["t"])) == (300, 12)
    k, x, y, p = decode(payload)
    assert (k + np.uint64(5000)).tolist() == columns["t"]
    assert (x.tolist(), y.tolist(), p.tolist()) == (columns["x"], columns["y"], columns["p"])


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


def patched(**at):
    payload = bytearray(example()[0])
    for offset, value in at.items():
        payload[int(offset[1:])] = value
    return bytes(payload)


@pytest.mark.parametrize("bad, message", [
    (dict(_32=0x40), "tag"),                    # the first axis in context 4
    (dict(_32=0x03), "mixed"),                  # the first axis mixed
    (dict(_32=0x20), "context"),                # the first axis in context same
    (dict(_32=0x04), "tag"),                    # mode 4
    (dict(_33=9), "shift"),
    (dict(_34=17), "given_shift"),
    (dict(_36=255, _32=1), "symbols"),          # 256 of them in a mode other than direct
    (dict(_37=32), "span"),
    (dict(_40=0x13), "mixed in context"),       # the second axis mixed by time
    (dict(_40=0x40), "tag"),
    (dict(_40=0x33, _43=255), "257 tables"),
    (dict(_52=0), "frequency 0"),               # the first context of polarity
    (dict(_16=11), "the streams end"),
    (dict(_16=13), "are not all there"),
    (dict(_20=2), "are not all there"),         # raw_len of t
    (dict(_22=30), "are not all there"),        # of the first axis
    (dict(_22=30, _24=2), "expected 0"),
    (dict(_24=2), "expected 32"),               # of the second axis
    (dict(_174=0x10), "do not end"),            # the first state of t
    (dict(_222=0x75), "do not end"),            # and of the other stream
])
def test_what_a_reader_must_refuse(bad, message, monkeypatch):
    without_checksums(monkeypatch)
    decode(example()[0])
    with pytest.raises(EvzError, match=message):
        decode(patched(**bad))


def test_tables_whose_bits_end_too_early_are_refused():
    payload, _ = example()
    for n in range(117):
        cut = bytearray(payload[:52 + n].ljust(reader.round_up(52 + n, 4), b"\0") + payload[172:])
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


def test_every_flipped_bit_of_the_streams_is_seen():
    payload, _ = example()
    for bit in range(8 * 172, 8 * len(payload)):
        flipped = bytearray(payload)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(EvzError, match="checksum"):
            decode(bytes(flipped))


# What the command writes


@pytest.fixture(scope="module")
def command():
    found = evz_command()
    if not found:
        pytest.skip("evz is not built")
    return found


@pytest.fixture(scope="module")
def evz(command):
    """Runs the command, whose last argument is what it writes; says whether it did."""
    def run(*arguments):
        subprocess.run([command, *arguments], capture_output=True)
        return arguments[-1].exists()
    return run


def codecs(evz):
    return {entry.codec for entry in evz.chunks()}


# What to say of a text that does not say it itself.
SAID = [[], ["--time-unit", "us"], ["--time-unit", "us", "--columns", "txyp"],
        ["--time-unit", "us", "--columns", "ptxy"]]


@small_profile
@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_every_text_is_the_same_in_both_codecs(evz, path, profile, tmp_path):
    fast, small = tmp_path / "fast.evz", tmp_path / "small.evz"
    said = next((said for said in SAID if evz("convert", "--profile", "fast", *said, path, fast)),
                None)
    if said is None:
        pytest.skip("a text that is there to be refused")
    assert evz("convert", "--profile", profile, *said, path, small)
    expected, found = Evz(fast.read_bytes()), Evz(small.read_bytes())
    assert codecs(found) <= {2}
    assert found.events().sha256() == expected.events().sha256()
    assert found.root.n_events == expected.root.n_events


@pytest.fixture(scope="module")
def synthetic(evz, tmp_path_factory):
    """A recording of several chunks and segments, by profile."""
    folder = tmp_path_factory.mktemp("synthetic")
    paths = {profile: folder / f"{profile}.evz" for profile in ("fast", *SMALL_PROFILES)}
    for profile, path in paths.items():
        assert evz("synth", "--events", "300k", "--seed", "5", "--profile", profile, path)
    return paths


@small_profile
def test_a_synthetic_recording_is_the_same_in_both_codecs(synthetic, profile):
    fast, small = (Evz(synthetic[name].read_bytes()) for name in ("fast", profile))
    assert len(list(small.chunks())) > 2 and codecs(small) == {2}
    expected = fast.events()
    assert len(expected.t) == 300_000
    assert small.events().sha256() == expected.sha256()
    for a, b in list(windows(expected.t))[:12]:
        window = small.events(a, b)
        chosen = expected.where((expected.t >= a) & (expected.t < b))
        assert all(map(np.array_equal, window, chosen)), (a, b)


@pytest.fixture(scope="module", params=SMALL_PROFILES)
def chunk(request, synthetic):
    """The body of the first chunk."""
    data = synthetic[request.param].read_bytes()
    return next(bytes(one.body) for one in reader.scan(data) if one.header.kind == reader.CHUNK)


def flipped(body, dice):
    damaged = bytearray(body)
    damaged[dice.randrange(len(body))] ^= dice.randrange(1, 256)
    return memoryview(damaged)


def test_every_flipped_byte_is_seen(chunk):
    dice = random.Random(6)
    for _ in range(40):
        with pytest.raises(EvzError):
            reader.decode_chunk(flipped(chunk, dice), None, None, "chunk")


def test_a_flipped_byte_behind_right_checksums_is_no_other_exception(chunk, monkeypatch):
    without_checksums(monkeypatch)
    monkeypatch.setattr(reader, "check_crc", lambda parts, expected, what: None)
    dice, seen = random.Random(7), 0
    for _ in range(40):
        damaged = flipped(chunk, dice)
        try:
            reader.decode_chunk(damaged, None, None, "chunk")
        except EvzError:
            seen += 1
    # What stands behind a flipped byte in a stream goes astray, and the end shows it.
    assert seen > 20


# What a small writer writes that knows nothing but the text


@pytest.mark.parametrize("by_event_before", [False, True])
@pytest.mark.parametrize("n_events", [1, 31, 100, 512, 513, 1500, SEGMENT + 700, 20_000])
def test_both_readers_read_what_another_writer_wrote(evz, command, tmp_path, n_events,
                                                     by_event_before):
    events = wandering(n_events)
    toc, payload = small_writer.write_payload(*events, by_event_before)
    body = chunk_of(events, toc, payload)
    same = reader.decode_chunk(memoryview(body), None, None, "chunk")
    assert all(map(np.array_equal, same, events))

    torn, whole = tmp_path / "torn.evz", tmp_path / "whole.evz"
    torn.write_bytes(file_header() + record(reader.CHUNK, body))
    assert evz("recover", torn, whole)
    subprocess.run([command, "verify", whole], check=True, capture_output=True)
    assert Evz(whole.read_bytes()).events().sha256() == same.sha256()
    said = subprocess.run([command, "digest", whole], check=True, capture_output=True, text=True)
    assert said.stdout.split()[0] == same.sha256()


def wandering(n):
    """Events that keep near each other, with jumps, and polarities that last a while."""
    dice = np.random.default_rng(n)
    jumps = dice.random(n) < 0.2
    x, y = (np.where(jumps, dice.integers(0, 256, n), np.cumsum(dice.integers(-6, 7, n)))
            % 256 for _ in range(2))
    p = np.cumsum(dice.random(n) < 0.2) % 2
    t = np.cumsum(np.append(0, dice.integers(0, 64, n - 1)))
    return reader.Events(t, x, y, p)


def chunk_of(events, toc, payload):
    facts = [events.t[0], events.t.min(), events.t.max(), 1, events.p.sum(), events.x.min(),
             events.x.max(), events.y.min(), events.y.max()]
    head = struct.pack("<QIHHqqqQIHHHHIQ4II", 0, len(events.t), 2, reader.SORTED, *facts, len(toc),
                       len(payload), 0, 0, 0, 0, 0)
    return head + struct.pack("<I", zlib.crc32(toc, zlib.crc32(head))) + payload


def file_header():
    header = struct.pack("<8sHHIQII28s", b"\x89EVZ\r\n\x1a\n", 0, 1, 0, 1000, 256, 256, b"")
    return header + struct.pack("<I", zlib.crc32(header))


def record(kind, body):
    header = struct.pack("<4sHHQI8s", b"EVZR", kind, 1, len(body), zlib.crc32(body), b"")
    whole = header + struct.pack("<I", zlib.crc32(header)) + body
    return whole.ljust(reader.round_up(len(whole), 64), b"\0")
