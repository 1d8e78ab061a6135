"""A second reader of evz files, written from SPEC.md alone.

It is meant to be read beside SPEC.md, section by section, and to be simple rather than fast:

    evz = Evz(open("recording.evz", "rb").read())
    evz.header.time_base_ns, evz.metadata, evz.root.n_events
    events = evz.events(a, b)           # the window [a, b) in ticks; events.t, .x, .y, .p
    evz.side_streams()                  # tables recorded beside the events
    for record in scan(data): ...       # front to back, without the index

Damage of any kind is an EvzError. The codecs stand in evz_fast.py and evz_small.py. As a program it
prints the number of events and their digest:

    python evz_reader.py recording.evz
"""

import bisect
import hashlib
import json
import struct
import sys
import zlib
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import zstandard

from evz_fast import Fast
from evz_small import Small
from evz_wire import EvzError, Table, check_crc, require, round_up, take


def text(raw, what):
    try:
        return bytes(raw).decode("utf-8")
    except UnicodeDecodeError as error:
        raise EvzError(f"{what}: not UTF-8") from error


def unzstd(frame, raw_len, what):
    """What one zstd frame holds, which has to be `raw_len` bytes."""
    try:
        # The frame may say its size, and is not believed: an allocation follows from it.
        said = zstandard.frame_content_size(frame)
        require(said in (-1, raw_len), f"{what}: a zstd frame of {said} bytes, expected {raw_len}")
        raw = zstandard.ZstdDecompressor().decompress(
            frame, max_output_size=raw_len, read_across_frames=False, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise EvzError(f"{what}: {error}") from error
    require(len(raw) == raw_len, f"{what}: {len(raw)} bytes, expected {raw_len}")
    return raw


FILE_HEADER = Table("magic:8s version_major:H version_minor:H features:I time_base_ns:Q width:I"
                    " height:I reserved:28s crc:I")
RECORD_HEADER = Table("magic:4s kind:H flags:H body_len:Q body_crc:I reserved:8s crc:I")
METADATA_ENTRY = Table("key_len:H type:B reserved:B value_len:I")
CHUNK_HEAD = Table("first_event:Q n_events:I codec:H flags:H t_first:q t_min:q t_max:q t_divisor:Q"
                   " n_on:I x_min:H x_max:H y_min:H y_max:H toc_len:I payload_len:Q"
                   " column_bytes:4I reserved:I head_crc:I")
SIDE_STREAM = Table("id:I name_len:I")
SIDE_BATCH_HEAD = Table("stream:I reserved:I rows:Q t_min:q t_max:q raw_len:Q")
LEAF_HEAD = Table("n_chunks:I bins:I raw_len:Q")
CHUNK_ENTRY = Table("offset:Q body_len:Q first_event:Q t_first:q t_min:q t_max:q n_events:I n_on:I"
                    " t_bytes:I x_bytes:I y_bytes:I p_bytes:I x_min:H x_max:H y_min:H y_max:H"
                    " codec:H flags:H activity:32I")
ROOT_HEAD = Table("time_base_ns:Q width:I height:I n_events:Q n_chunks:Q n_on:Q t_first:q t_last:q"
                  " t_min:q t_max:q column_bytes:4Q x_min:H x_max:H y_min:H y_max:H flags:I"
                  " n_leaves:I n_metadata:I n_side:I")
LEAF_REF = Table("offset:Q body_len:Q first_chunk:Q n_chunks:Q first_event:Q n_events:Q"
                 " t_min:q t_max:q")
METADATA_REF = Table("offset:Q body_len:Q")
SIDE_REF = Table("offset:Q body_len:Q stream:I kind:I rows:Q t_min:q t_max:q")
TAIL = Table("root_offset:Q root_len:Q file_len:Q magic:8s")

METADATA, CHUNK, SIDE_STREAM_KIND, SIDE_BATCH_KIND, INDEX_LEAF, INDEX_ROOT, TAIL_KIND = range(1, 8)
CRITICAL = 1
SORTED = 1
ALIGNMENT = 64
MAX_CHUNK_EVENTS = 1 << 20
MAX_LEAF_CHUNKS = 4096
MAX_SIDE_RAW_LEN = 1 << 28

# Turn a payload into pieces that are decoded one by one: `starts` and `decode(i)`.
CODECS = {1: Fast, 2: Small}


class Events(NamedTuple):
    """Events in columns: t int64 in ticks of the file, x and y uint16, p uint8."""

    t: np.ndarray
    x: np.ndarray
    y: np.ndarray
    p: np.ndarray

    def where(self, chosen):
        return Events(*(column[chosen] for column in self))

    def sha256(self):
        digest = hashlib.sha256()
        for column, kind in zip(self, ("<i8", "<u2", "<u2", "u1")):
            digest.update(column.astype(kind, copy=False).tobytes())
        return digest.hexdigest()


def join(batches):
    empty = Events(*(np.zeros(0, kind) for kind in (np.int64, np.uint16, np.uint16, np.uint8)))
    return Events(*(np.concatenate(columns) for columns in zip(empty, *batches)))


class Record(NamedTuple):
    offset: int
    header: SimpleNamespace
    body: memoryview


# File header and records


def read_file_header(data):
    header = FILE_HEADER.read(data, 0, "file header")
    require(header.magic == b"\x89EVZ\r\n\x1a\n", "not an evz file")
    check_crc([data[:60]], header.crc, "file header")
    require(header.version_major == 0, f"format version {header.version_major} is not known")
    require(header.features & 0xFFFF == 0, f"features {header.features:#x} are not known")
    require(header.time_base_ns >= 1, "file header: time_base_ns is 0")
    return header


def read_record_header(data, offset):
    what = f"record at {offset}"
    require(offset % ALIGNMENT == 0, f"{what}: not a multiple of {ALIGNMENT}")
    header = RECORD_HEADER.read(data, offset, what)
    require(header.magic == b"EVZR", f"{what}: no record")
    check_crc([data[offset:offset + 28]], header.crc, f"{what}: header")
    take(data, offset + RECORD_HEADER.size, header.body_len, what)
    return header


def read_record(data, offset, kind, body_len, believe_body=False):
    """A record that another one points at. `believe_body` leaves `body_crc` to finer checksums."""
    header = read_record_header(data, offset)
    what = f"record at {offset}"
    require(header.kind == kind, f"{what}: kind {header.kind}, expected {kind}")
    require(header.body_len == body_len,
            f"{what}: body of {header.body_len} bytes, expected {body_len}")
    body = take(data, offset + RECORD_HEADER.size, body_len, what)
    if not believe_body:
        check_crc([body], header.body_crc, f"{what}: body")
    return Record(offset, header, body)


# Metadata


def read_metadata(body):
    """One record's entries, as a dict. Values of unknown types are left out."""
    what = "metadata"
    (count,) = struct.unpack("<I", take(body, 0, 4, what))
    entries, at = {}, 4
    for _ in range(count):
        entry = METADATA_ENTRY.read(body, at, what)
        at += METADATA_ENTRY.size
        key = text(take(body, at, entry.key_len, what), "metadata key")
        at += entry.key_len
        value = bytes(take(body, at, entry.value_len, what))
        at += entry.value_len
        if entry.type <= 4:
            entries[key] = metadata_value(entry.type, value, f"metadata {key!r}")
    require(at == len(body), "metadata: bytes behind the last entry")
    return entries


def metadata_value(kind, value, what):
    if kind == 0:
        return text(value, what)
    if kind == 1:
        return value
    code = {2: "<q", 3: "<d", 4: "<B"}[kind]
    require(len(value) == struct.calcsize(code), f"{what}: a value of {len(value)} bytes")
    (number,) = struct.unpack(code, value)
    if kind == 4:
        require(number <= 1, f"{what}: a bool of {number}")
        return bool(number)
    return number


# Chunk


def read_chunk_head(body, what):
    """The head of a chunk and its payload; the head and the table of contents are checked."""
    head = CHUNK_HEAD.read(body, 0, what)
    payload = body[CHUNK_HEAD.size:]
    require(head.toc_len <= len(payload), f"{what}: table of contents behind the end")
    check_crc([body[:92], payload[:head.toc_len]], head.head_crc, f"{what}: head")
    require(head.payload_len == len(payload), f"{what}: payload_len is not that of the record")
    require(1 <= head.n_events <= MAX_CHUNK_EVENTS, f"{what}: {head.n_events} events")
    require(head.t_divisor >= 1, f"{what}: t_divisor is 0")
    require(head.n_on <= head.n_events, f"{what}: {head.n_on} events are on")
    return head, payload


def decode_chunk(body, a, b, what):
    """The events of a chunk with a <= t < b; None leaves a side open."""
    head, payload = read_chunk_head(body, what)
    require(head.codec in CODECS, f"{what}: codec {head.codec} is not known")
    pieces = CODECS[head.codec](head, payload, what)
    first, last = 0, len(pieces.starts)
    if head.flags & SORTED:
        # The piece before the first one that starts at or after `a` can hold events from `a` on.
        starts = [wrap_i64(head.t_first + k * head.t_divisor) for k in pieces.starts]
        first = 0 if a is None else max(bisect.bisect_left(starts, a) - 1, 0)
        last = len(starts) if b is None else bisect.bisect_left(starts, b)
    decoded = []
    for i in range(first, last):
        k, x, y, p = pieces.decode(i)
        t = np.uint64(head.t_first % 2**64) + k * np.uint64(head.t_divisor)
        decoded.append(Events(t.view(np.int64), x, y, p))
    events = join(decoded)
    chosen = np.ones(len(events.t), bool)
    if a is not None:
        chosen &= events.t >= a
    if b is not None:
        chosen &= events.t < b
    return events.where(chosen)


def wrap_i64(number):
    return (number + 2**63) % 2**64 - 2**63


# Side streams


def read_side_stream(body):
    what = "side stream"
    stream = SIDE_STREAM.read(body, 0, what)
    stream.name = text(take(body, SIDE_STREAM.size, stream.name_len, what), what)
    require(SIDE_STREAM.size + stream.name_len == len(body), f"{what}: bytes behind the name")
    return stream


def read_side_batch(body):
    """The head, and the Arrow IPC stream as bytes."""
    head = SIDE_BATCH_HEAD.read(body, 0, "side batch")
    require(head.raw_len <= MAX_SIDE_RAW_LEN, f"side batch of {head.raw_len} bytes")
    return head, unzstd(body[SIDE_BATCH_HEAD.size:], head.raw_len, "side batch")


# Index


def read_leaf(body):
    """The chunk entries of a leaf."""
    head = LEAF_HEAD.read(body, 0, "leaf")
    require(head.n_chunks <= MAX_LEAF_CHUNKS, f"leaf: {head.n_chunks} chunks")
    require(head.bins == 32, f"leaf: {head.bins} bins")
    require(head.raw_len == head.n_chunks * CHUNK_ENTRY.size, f"leaf: raw_len {head.raw_len}")
    raw = unzstd(body[LEAF_HEAD.size:], head.raw_len, "leaf")
    columns, at = {}, 0
    for name, code in CHUNK_ENTRY.fields:
        several = int(code[:-1] or 1)
        kind = np.dtype({"Q": "<u8", "q": "<i8", "I": "<u4", "H": "<u2"}[code[-1]])
        values = np.frombuffer(raw, kind, head.n_chunks * several, at)
        columns[name] = values.reshape(-1, several).tolist() if several > 1 else values.tolist()
        at += values.nbytes
    return [SimpleNamespace(**dict(zip(columns, row))) for row in zip(*columns.values())]


def read_root(body):
    """The head, then the references to leaves, metadata and side records."""
    head = ROOT_HEAD.read(body, 0, "root")
    require(head.flags & 0xFFFE == 0, f"root: flags {head.flags:#x} are not known")
    lists, at = [], ROOT_HEAD.size
    for table, n in ((LEAF_REF, head.n_leaves), (METADATA_REF, head.n_metadata),
                     (SIDE_REF, head.n_side)):
        take(body, at, n * table.size, "root")
        lists.append([table.read(body, at + i * table.size, "root") for i in range(n)])
        at += n * table.size
    require(at == len(body), "root: bytes behind the last reference")
    check_leaf_refs(head, lists[0])
    return head, *lists


def check_leaf_refs(head, leaves):
    chunks = events = 0
    for leaf in leaves:
        require((leaf.first_chunk, leaf.first_event) == (chunks, events),
                "root: leaves do not follow each other")
        chunks += leaf.n_chunks
        events += leaf.n_events
    require((chunks, events) == (head.n_chunks, head.n_events), "root: sums do not match")


def read_tail(data):
    offset = len(data) - RECORD_HEADER.size - TAIL.size
    tail = TAIL.read(read_record(data, offset, TAIL_KIND, TAIL.size).body, 0, "tail")
    require(tail.magic == b"EVZ-TAIL", "tail: wrong magic")
    require(tail.file_len == len(data),
            f"tail: a file of {tail.file_len} bytes, but there are {len(data)}")
    return tail


# Reading by the index


class Evz:
    """A whole file, read by its index."""

    def __init__(self, data):
        self.data = memoryview(data)
        self.header = read_file_header(self.data)
        self.tail = read_tail(self.data)
        root = read_record(self.data, self.tail.root_offset, INDEX_ROOT, self.tail.root_len)
        self.root, self.leaf_refs, self.metadata_refs, self.side_refs = read_root(root.body)
        require(self.root.time_base_ns == self.header.time_base_ns, "root: another time base")
        self.metadata = {}
        for ref in self.metadata_refs:
            record = read_record(self.data, ref.offset, METADATA, ref.body_len)
            self.metadata.update(read_metadata(record.body))

    def leaf(self, ref):
        entries = read_leaf(read_record(self.data, ref.offset, INDEX_LEAF, ref.body_len).body)
        require(len(entries) == ref.n_chunks, "leaf: not the number of chunks that the root says")
        first_event = ref.first_event
        for entry in entries:
            require(entry.first_event == first_event, "leaf: chunks do not follow each other")
            first_event += entry.n_events
        require(first_event == ref.first_event + ref.n_events,
                "leaf: not the number of events that the root says")
        return entries

    def chunks(self, a=None, b=None):
        """The index entries of the chunks that may hold events of the window [a, b)."""
        for ref in self.leaf_refs:
            if overlaps(ref, a, b):
                yield from (entry for entry in self.leaf(ref) if overlaps(entry, a, b))

    def events(self, a=None, b=None):
        """The events with a <= t < b, in the order of the file; None leaves a side open."""
        return join([self.decode(entry, a, b) for entry in self.chunks(a, b)])

    def decode(self, entry, a, b):
        record = read_record(self.data, entry.offset, CHUNK, entry.body_len, believe_body=True)
        what = f"chunk at {entry.offset}"
        head, _ = read_chunk_head(record.body, what)
        for name in ("first_event", "n_events", "n_on", "t_first", "t_min", "t_max",
                     "x_min", "x_max", "y_min", "y_max", "codec", "flags"):
            require(getattr(head, name) == getattr(entry, name), f"{what}: {name} not as indexed")
        return decode_chunk(record.body, a, b, what)

    def side_streams(self):
        """Name and batches (head, Arrow IPC stream) of every side stream, by its number."""
        streams = {}
        for ref in self.side_refs:
            require(ref.kind in (SIDE_STREAM_KIND, SIDE_BATCH_KIND), f"side record of kind {ref.kind}")
            body = read_record(self.data, ref.offset, ref.kind, ref.body_len).body
            if ref.kind == SIDE_STREAM_KIND:
                stream = read_side_stream(body)
                require(stream.id == ref.stream, "side stream: not the number that the root says")
                streams[stream.id] = SimpleNamespace(name=stream.name, batches=[])
            else:
                head, table = read_side_batch(body)
                require((head.stream, head.rows, head.t_min, head.t_max)
                        == (ref.stream, ref.rows, ref.t_min, ref.t_max),
                        "side batch: not as the root says")
                require(head.stream in streams, f"side stream {head.stream} has no name")
                streams[head.stream].batches.append((head, table))
        return streams


def overlaps(part, a, b):
    return (b is None or part.t_min < b) and (a is None or part.t_max >= a)


# Reading from front to back


def scan(data):
    """Every record whose checksums hold, without the index; damage in between is passed over."""
    data = memoryview(data)
    offset = FILE_HEADER.size
    while offset < len(data):
        try:
            header = read_record_header(data, offset)
        except EvzError:
            offset += ALIGNMENT
            continue
        require(header.kind in range(METADATA, TAIL_KIND + 1) or not header.flags & CRITICAL,
                f"record at {offset}: kind {header.kind} is not known and critical")
        body = data[offset + RECORD_HEADER.size:][:header.body_len]
        if zlib.crc32(body) == header.body_crc:
            yield Record(offset, header, body)
        offset += round_up(RECORD_HEADER.size + header.body_len, ALIGNMENT)


def scan_events(data):
    """The events of every whole chunk, from front to back."""
    return join([decode_chunk(record.body, None, None, f"chunk at {record.offset}")
                 for record in scan(data) if record.header.kind == CHUNK])


def main():
    with open(sys.argv[1], "rb") as file:
        events = Evz(file.read()).events()
    print(json.dumps({"events": len(events.t), "sha256": events.sha256()}))


if __name__ == "__main__":
    main()
