"""The second reader on golden files, on damage, and on what the command converts."""

import json
import os
import random
import re
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import evz_fast as fast
import evz_reader as reader
import evz_small as small
from evz_reader import Evz, EvzError
from golden import COMPAT, FILES, ROOT, described, same_fields, same_list

golden = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def test_there_are_golden_files():
    assert FILES, f"no golden files in {COMPAT}; cargo test --test golden writes them"


# Golden files


@golden
def test_events_are_those_written(path):
    data, expected = path.read_bytes(), described(path)
    for events in (Evz(data).events(), reader.scan_events(data)):
        assert len(events.t) == expected["events"]
        assert events.sha256() == expected["sha256"]


@golden
def test_fields_are_those_of_the_layout(path):
    data, layout = path.read_bytes(), described(path)["layout"]
    same_fields(reader.read_file_header(data), layout["header"], "header")
    records = list(reader.scan(data))
    assert [record.offset for record in records] == [record["offset"] for record in layout["records"]]
    for record, expected in zip(records, layout["records"]):
        where = f"record at {record.offset}"
        same_fields(record.header, expected["header"], f"{where}: header")
        ((name, fields),) = expected["body"].items()
        same_body(record.body, name, fields, f"{where}: {name}")


def same_body(body, name, fields, where):
    if name == "opaque":
        assert len(body) == fields, where
    elif name == "chunk":
        same_fields(reader.read_chunk_head(body, where)[0], fields, where)
    elif name == "side_stream":
        same_fields(reader.read_side_stream(body), fields, where)
    elif name == "side_batch":
        same_fields(reader.read_side_batch(body)[0], fields, where)
    elif name == "index_leaf":
        same_list([with_column_bytes(entry) for entry in reader.read_leaf(body)], fields, where)
    elif name == "index_root":
        head, leaves, metadata, side = reader.read_root(body)
        same_fields(head, fields["head"], where)
        same_list(leaves, fields["leaves"], f"{where}: leaves")
        same_list(metadata, fields["metadata"], f"{where}: metadata")
        same_list(side, fields["side"], f"{where}: side")
    elif name == "tail":
        same_fields(reader.TAIL.read(body, 0, where), fields, where)
    else:
        pytest.fail(f"{where}: no test for this body")


def with_column_bytes(entry):
    """The JSON has the four columns as one list."""
    entry.column_bytes = [entry.t_bytes, entry.x_bytes, entry.y_bytes, entry.p_bytes]
    return entry


@golden
def test_metadata_and_side_streams(path):
    if not path.name.startswith("v0_1_0_"):
        pytest.skip("made without them")
    evz = Evz(path.read_bytes())
    assert evz.metadata == {"source.format": "made for the tests", "a.bool": True, "a.float": -0.5,
                            "an.int": 7, "some.bytes": b"\x00\xff\n"}
    streams = [(number, stream.name, [table for _, table in stream.batches])
               for number, stream in evz.side_streams().items()]
    assert streams == ([(0, "imu", [b"not Arrow, but bytes all the same", b"more"])]
                       if "side" in path.stem else [])


# What heads and index say of the events


@golden
def test_heads_and_index_describe_the_events(path):
    evz = Evz(path.read_bytes())
    column_bytes = np.zeros(4, np.uint64)
    for entry in evz.chunks():
        chunk = evz.decode(entry, None, None)
        assert describe(chunk).items() <= vars(entry).items()
        assert entry.flags == is_sorted(chunk.t)
        assert entry.activity == activity(chunk.t)
        sizes = [entry.t_bytes, entry.x_bytes, entry.y_bytes, entry.p_bytes]
        assert sum(sizes) <= entry.body_len
        column_bytes += np.array(sizes, np.uint64)
    assert evz.root.column_bytes == column_bytes.tolist()

    events = evz.events()
    assert describe(events).items() <= vars(evz.root).items()
    assert evz.root.t_last == (int(events.t[-1]) if len(events.t) else 0)
    for ref in evz.leaf_refs:
        entries = evz.leaf(ref)
        assert ref.t_min == min(entry.t_min for entry in entries)
        assert ref.t_max == max(entry.t_max for entry in entries)


@golden
def test_root_is_marked_sorted_exactly_if_the_events_are(path):
    evz = Evz(path.read_bytes())
    assert evz.root.flags & reader.SORTED == is_sorted(evz.events().t)


def is_sorted(t):
    return bool(np.all(t[1:] >= t[:-1]))


def describe(events):
    facts = {"n_events": len(events.t), "n_on": int(events.p.sum())}
    if len(events.t):
        facts |= {"t_first": int(events.t[0])}
    for name, column in (("t", events.t), ("x", events.x), ("y", events.y)):
        facts[f"{name}_min"] = int(column.min()) if len(column) else 0
        facts[f"{name}_max"] = int(column.max()) if len(column) else 0
    return facts


def activity(t):
    """In Python's integers: the product does not fit 64 bits."""
    t = t.tolist()
    t_min, span, bins = min(t), max(t) - min(t) + 1, [0] * 32
    for one in t:
        bins[(one - t_min) * 32 // span] += 1
    return bins


# Windows


@golden
def test_any_window_is_the_filter(path):
    evz = Evz(path.read_bytes())
    everything = evz.events()
    for a, b in windows(everything.t):
        window = evz.events(a, b)
        expected = everything.where((everything.t >= a) & (everything.t < b))
        assert all(map(np.array_equal, window, expected)), (a, b)


def windows(t):
    """Around every kind of edge, and at random."""
    edges = [-2**63, 0, 2**63]
    dice = random.Random(1)
    if len(t):
        some = [t.min(), t.max(), *(t[dice.randrange(len(t))] for _ in range(20))]
        edges += [int(one) + shift for one in some for shift in (-1, 0, 1)]
    for _ in range(60):
        yield dice.choice(edges), dice.choice(edges)


# Damage


def small_file():
    """One with events and all that a small recording has."""
    return (COMPAT / "v0_1_0_ten-events-ns-divisor.evz").read_bytes()


def everything_in(data):
    evz = Evz(data)
    return evz.events().sha256(), evz.metadata, repr(evz.side_streams())


def test_every_truncation_is_an_error():
    data = small_file()
    for n in range(len(data)):
        with pytest.raises(EvzError):
            everything_in(data[:n])


def test_every_flipped_bit_is_an_error_or_changes_nothing():
    data = small_file()
    expected = everything_in(data)
    unseen = 0
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            assert everything_in(flipped) == expected, f"bit {bit}"
            unseen += 1
        except EvzError:
            pass
        list(reader.scan(flipped))
    # What is in no checksum is padding between records.
    assert unseen == 8 * padding(data)


def padding(data):
    used = sum(reader.RECORD_HEADER.size + len(record.body) for record in reader.scan(data))
    return len(data) - reader.FILE_HEADER.size - used


@golden
def test_damage_behind_right_checksums_is_no_other_exception(path, monkeypatch):
    """Someone can compute checksums over nonsense too, so every parser meets nonsense here."""
    without_checksums(monkeypatch)
    dice = random.Random(2)
    records = list(reader.scan(path.read_bytes()))
    for record in dice.sample(records, min(len(records), 20)):
        parse = PARSERS[record.header.kind]
        for _ in range(200 if len(record.body) < 10_000 else 5):
            body = bytearray(record.body)
            for _ in range(dice.randint(1, 3)):
                body[dice.randrange(len(body))] = dice.choice((0, 1, 127, 128, 255, dice.randrange(256)))
            body = body[:dice.choice((len(body), dice.randrange(len(body) + 1)))]
            try:
                parse(memoryview(body))
            except EvzError:
                pass


def without_checksums(monkeypatch):
    for codec in (fast, small):
        monkeypatch.setattr(codec, "check_crc", lambda parts, expected, what: None)


def parse_chunk(body):
    """A chunk without its checksums."""
    head = reader.CHUNK_HEAD.read(body, 0, "chunk")
    # With this number of events and not 2^20, for the time that the test takes.
    head.n_events = head.n_events % 70_000 or 1
    payload = body[reader.CHUNK_HEAD.size:]
    if head.codec == 1:
        head.toc_len = -(-head.n_events // fast.FAST_BLOCK) * fast.FAST_TOC_ENTRY.size
    reader.require(head.codec in reader.CODECS, "chunk: an unknown codec")
    pieces = reader.CODECS[head.codec](head, payload, "chunk")
    for i in range(len(pieces.starts)):
        pieces.decode(i)


PARSERS = {
    reader.METADATA: reader.read_metadata,
    reader.CHUNK: parse_chunk,
    reader.SIDE_STREAM_KIND: reader.read_side_stream,
    reader.SIDE_BATCH_KIND: reader.read_side_batch,
    reader.INDEX_LEAF: reader.read_leaf,
    reader.INDEX_ROOT: reader.read_root,
    reader.TAIL_KIND: lambda body: reader.TAIL.read(body, 0, "tail"),
}


def test_scan_passes_over_damage():
    data = bytearray(small_file())
    offsets = [record.offset for record in reader.scan(data)]
    data[offsets[1] + 40] ^= 1
    data[offsets[2] + 3] ^= 1
    assert [record.offset for record in reader.scan(data)] == offsets[:1] + offsets[3:]


def test_scan_refuses_critical_kinds_only():
    data = small_file()
    assert len(list(reader.scan(data + record(9, 0, b"later")))) == len(list(reader.scan(data))) + 1
    with pytest.raises(EvzError, match="kind 9"):
        list(reader.scan(data + record(9, 1, b"later")))


def record(kind, flags, body):
    header = struct.pack("<4sHHQI8s", b"EVZR", kind, flags, len(body), reader.zlib.crc32(body), b"")
    header += struct.pack("<I", reader.zlib.crc32(header))
    return (header + body).ljust(64, b"\0")


# By hand, from the text of SPEC.md: what a writer may do and the golden files may not show


def block_of_one(k_width=0, t_exceptions=b"", x=(0, 0), y=(0, 0), t_high=0, reserved=0, rest=b""):
    entry = struct.pack("<BBHBBHBBBB", x[0], 0, x[1], y[0], 0, y[1], k_width, len(t_exceptions),
                        t_high, reserved)
    block = entry + bytes(4) + rest
    return block + bytes(-len(block) % 16)


def test_a_block_by_hand():
    # y: delta from 65535 by planes of width 2 whose first residual is 2, so +1: 0.
    y_plane = struct.pack("<H", 2) + bytes(62)
    block = block_of_one(x=(0, 513), y=(0b0100010, 65535), rest=y_plane + b"\x01" + bytes(31))
    k, x, y, p = fast.decode_fast_block(block, 1, -5, "block")
    assert (k.view(np.int64).tolist(), x.tolist(), y.tolist(), p.tolist()) == ([-5], [513], [0], [1])


def test_planes_have_the_bits_that_the_text_gives_them():
    dice = random.Random(3)
    for width in range(17):
        residuals = [dice.getrandbits(width) if width else 0 for _ in range(256)]
        words = [0] * (16 * width)
        for i, residual in enumerate(residuals):
            for j in range(width):
                bit = i // 16 * width + j
                words[16 * (bit // 16) + i % 16] |= (residual >> j & 1) << bit % 16
        parts = fast.Parts(struct.pack(f"<{len(words)}H", *words), "plane")
        assert fast.read_plane(parts, width).tolist() == residuals


@pytest.mark.parametrize("bad", [
    dict(x=(17, 0)), dict(y=(0b1100000, 0)), dict(k_width=65), dict(t_high=4), dict(reserved=1),
])
def test_what_a_reader_must_refuse(bad):
    good = block_of_one(rest=bytes(32))
    fast.decode_fast_block(good, 1, 0, "block")
    with pytest.raises(EvzError):
        fast.decode_fast_block(block_of_one(rest=bytes(32), **bad), 1, 0, "block")
    with pytest.raises(EvzError, match="its head makes"):
        fast.decode_fast_block(good + bytes(16), 1, 0, "block")


# The program, and recordings converted by the command


@golden
def test_program_prints_the_digest(path):
    program = [sys.executable, ROOT / "tests" / "python" / "evz_reader.py", path]
    expected = described(path)
    assert json.loads(subprocess.run(program, check=True, capture_output=True).stdout) == {
        "events": expected["events"], "sha256": expected["sha256"]}


def evz_command():
    """The newest build of the command."""
    built = [ROOT / "target" / profile / "evz" for profile in ("release", "debug")]
    built = [Path(os.environ["EVZ_BIN"])] if "EVZ_BIN" in os.environ else built
    found = [path for path in built if path.exists()]
    return max(found, key=lambda path: path.stat().st_mtime) if found else None


def small_profiles():
    """The profiles of codec 2 that the command knows."""
    command = evz_command()
    if not command:
        return ["small"]
    said = subprocess.run([command, "convert", "--help"], capture_output=True, text=True).stdout
    return [name for name in ("small", "small-gpu") if re.search(rf"(?<![\w-]){name}(?![\w-])", said)]


SMALL_PROFILES = small_profiles()


# dvs.csv holds the events of dvs.es.
@pytest.mark.parametrize("name, truth", [
    ("davis346_seconds.txt", "davis346_seconds.txt"),
    ("dvs.csv", "dvs.es"),
    ("evt2_metavision.csv.gz", "evt2_metavision.csv.gz"),
])
@pytest.mark.parametrize("profile", ["fast", *SMALL_PROFILES])
def test_converted_recordings_have_the_digest_of_other_decoders(name, truth, profile, tmp_path):
    folder, command = os.environ.get("EVZ_RECORDINGS"), evz_command()
    if not folder or not command:
        pytest.skip("EVZ_RECORDINGS does not name a folder of recordings, or evz is not built")
    expected = json.loads((Path(folder) / "truth.json").read_text())[truth]
    converted = tmp_path / "converted.evz"
    subprocess.run([command, "convert", Path(folder) / name, converted, "--profile", profile],
                   check=True)
    evz = Evz(converted.read_bytes())
    events = microseconds(evz.events(), evz.header.time_base_ns)
    assert (len(events.t), events.sha256()) == (expected["events"], expected["sha256"])


def microseconds(events, time_base_ns):
    if time_base_ns >= 1000:
        assert time_base_ns % 1000 == 0
        return events._replace(t=events.t * (time_base_ns // 1000))
    assert not np.any(events.t * time_base_ns % 1000)
    return events._replace(t=events.t * time_base_ns // 1000)
