"""A checker: reads every byte, decodes every event, and compares every number with what it counts.

    check("recording.evz")

An EvzError tells the first thing that is wrong. What is allowed but worth a look is in the `notes` of what it
returns.
"""

import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from evz_chunk import Chunk
from evz_index import (
    BINS,
    read_activity,
    read_node,
    read_side_declaration,
    read_stream_declaration,
    undeclared_stream,
)
from evz_metadata import JSON, json_value
from evz_reader import TAIL_MAGIC, Evz, metadata_of
from evz_side import check_rows, check_schema, messages, read_side_batch
from evz_wire import (
    ACTIVITY,
    CHUNK,
    LEAF,
    METADATA,
    NODE,
    RECORD_HEADER,
    ROOT,
    SIDE_BATCH,
    SIDE_STREAM,
    STREAM,
    TAIL,
    Fields,
    Record,
    check_crc,
    check_record_header,
    check_zeros,
    read_file_header,
    read_record_header,
    require,
    round_up,
)


def check(source, arrow=True):
    """`arrow` is False for tests whose side streams hold something else than Arrow."""
    data = source if isinstance(source, (bytes, bytearray)) else Path(source).read_bytes()
    evz = Evz(data)
    require(not evz.unfinished, "the file is unfinished")
    checker = Checker(memoryview(data), arrow)
    checker.run()
    return checker


class Checker:
    def __init__(self, data, arrow):
        self.data, self.header, self.arrow = data, read_file_header(data), arrow
        self.declared, self.side, self.side_records = {}, {}, {}
        self.chunks, self.batches, self.index = {}, {}, {}
        self.used, self.notes, self.previous = set(), [], 0

    def run(self):
        offset = 64
        while offset < len(self.data):
            offset = self.record(offset)
        require(self.last.header.kind == ROOT, "the last record is not a root")
        require(self.last.end == len(self.data), "bytes behind the root")
        for record in self.index.values():
            require(record.offset in self.used, f"record at {record.offset}: nothing refers to it")

    def record(self, offset):
        """Checks one, and tells where the next one starts."""
        header = read_record_header(self.data, offset)
        what = f"record at {offset}"
        check_record_header(header, what)
        start = offset + RECORD_HEADER.size
        record = Record(offset, header, self.data[start : start + header.body_len])
        check_crc([record.body], header.body_crc, f"{what}: body")
        end = round_up(record.end, 64)
        if record.end < len(self.data):
            require(end <= len(self.data), f"{what}: its padding is not whole")
            check_zeros(self.data[record.end : end], f"{what}: padding")
        self.last = record
        kinds = {
            METADATA: self.metadata,
            STREAM: self.stream,
            CHUNK: self.chunk,
            SIDE_STREAM: self.side_stream,
            SIDE_BATCH: self.batch,
            LEAF: self.keep,
            NODE: self.keep,
            ACTIVITY: self.keep,
            ROOT: self.root,
        }
        if header.kind in kinds:
            kinds[header.kind](record, what)
        else:
            self.notes.append(f"{what}: kind {header.kind} is not known")
        return end

    def metadata(self, record, what):
        self.index[record.offset] = record
        self.check_json(metadata_of(record.body), what)

    def check_json(self, entries, what):
        for key, (kind, value) in entries.items():
            if kind == JSON:
                json_value(value, f"{what}: {key!r}")

    def keep(self, record, what):
        self.index[record.offset] = record
        if record.header.kind == NODE:
            read_node(record.body, what)
        elif record.header.kind == ACTIVITY:
            read_activity(record.body, what)

    # Streams

    def stream(self, record, what):
        fields = Fields(record.body, what)
        stream = read_stream_declaration(fields)
        fields.check_end()
        if stream.id == 0:
            require(
                (stream.width, stream.height) == (self.header.width, self.header.height),
                f"{what}: not of the size of the file header",
            )
        require(
            self.declared.setdefault(stream.id, stream) == stream,
            f"{what}: stream {stream.id} is declared twice, and not the same",
        )

    def declaration(self, number, what):
        if number == 0 and 0 not in self.declared:
            return undeclared_stream(self.header)
        require(number in self.declared, f"{what}: stream {number} is not declared before it")
        return self.declared[number]

    def chunk(self, record, what):
        chunk = Chunk(record.body, what)
        head, facts = chunk.head, chunk.facts()
        for name in "n_on x_min x_max y_min y_max".split():
            require(
                getattr(head, name) == getattr(facts, name),
                f"{what}: {name} is {getattr(head, name)}, " f"counted {getattr(facts, name)}",
            )
        spent = chunk.pieces().column_bytes()
        require(head.column_bytes == spent, f"{what}: column_bytes {head.column_bytes}, counted {spent}")
        facts.bins = bins(facts.events.t, head.t_min, head.t_max)
        del facts.events
        stream = self.declaration(head.stream, what)
        require(stream.n_columns == head.n_columns, f"{what}: columns are not as declared")
        facts.further = []
        for i, column in enumerate(stream.columns):
            raw = chunk.column(i, column.type).tobytes()
            facts.further.append(
                SimpleNamespace(n_bytes=chunk.sections[i].len, crc=zlib.crc32(raw), n_raw=len(raw))
            )
        self.chunks[record.offset] = SimpleNamespace(
            chunk=chunk, facts=facts, stream=head.stream, number=record.header.number
        )

    # Side streams

    def side_stream(self, record, what):
        fields = Fields(record.body, what)
        side = read_side_declaration(fields)
        fields.check_end()
        if self.arrow:
            check_schema(side, self.header, what)
        require(side.id not in self.side, f"{what}: side stream {side.id} is declared before")
        self.side[side.id] = side
        self.side_records[record.offset] = side.id

    def batch(self, record, what):
        batch = read_side_batch(record.body, what)
        require(batch.id in self.side, f"{what}: side stream {batch.id} is not declared before it")
        raw = messages(batch, what)
        if self.arrow:
            check_rows(self.side[batch.id], raw, batch, what)
        self.batches[record.offset] = SimpleNamespace(
            batch=batch, stream=batch.id, number=record.header.number, record=record
        )

    # Roots. Each is the root of a file that ends with it.

    def root(self, record, what):
        tail = TAIL.read(record.body, len(record.body) - TAIL.size, what)
        require(
            (tail.magic, tail.root_offset) == (TAIL_MAGIC, record.offset),
            f"{what}: its tail",
        )
        evz = Evz(self.data[: record.end])
        require(evz.root.offset == record.offset, f"{what}: its tail tells of another root")
        require(
            evz.root.previous == self.previous,
            f"{what}: previous is {evz.root.previous}, but the root before is at {self.previous}",
        )
        self.previous = record.offset
        self.check_json(evz.root.metadata, what)
        for number, stream in self.declared.items():
            require(number in evz.root.streams, f"{what}: stream {number} is not there")
        for stream in evz.root.streams.values():
            told = dict(vars(stream))
            summary, _ = told.pop("summary"), told.pop("tree")
            if summary.n_chunks or stream.id in self.declared:
                found = self.declaration(stream.id, what)
                require(
                    SimpleNamespace(**told) == found, f"{what}: stream {stream.id} is not as declared"
                )
            self.event_tree(evz, stream, f"{what}: stream {stream.id}")
        for number in self.side:
            require(number in evz.root.side, f"{what}: side stream {number} is not there")
        for side in evz.root.side.values():
            require(
                self.side_records.get(side.declaration.offset) == side.id,
                f"{what}: side stream {side.id} is not declared where it says",
            )
            evz.side_declaration(side.id)
            self.side_tree(evz, side, f"{what}: side stream {side.id}")
        self.use_tree(evz)

    def use_tree(self, evz):
        """Marks what a root and its trees refer to."""
        self.used.update(ref.offset for ref in evz.root.metadata_refs)
        self.used.update(side.declaration.offset for side in evz.root.side.values())
        for part in [*evz.root.streams.values(), *evz.root.side.values()]:
            nodes = [part.tree]
            while nodes:
                node = nodes.pop()
                for ref in node.refs:
                    self.used.add(ref.offset)
                    nodes.append(evz.node(part, ref))
                if node.activity:
                    self.used.add(node.activity.offset)

    def event_tree(self, evz, stream, what):
        listed, number = [], 0
        for first, leaf in evz.leaves(stream):
            require(first == number, f"{what}: leaves do not follow each other")
            seen = [self.seen(self.chunks, stream, entry, what) for entry in leaf.entries]
            for entry, one in zip(leaf.entries, seen):
                one.chunk.check_entry(entry)
                require(
                    one.number == number,
                    f"{what}: chunk at {entry.offset} is number {one.number}, "
                    f"the index says {number}",
                )
                number += entry.n_events
                listed.append(entry.offset)
            counts = evz.activity_of(stream, leaf)
            require(counts is None or counts == [one.facts.bins for one in seen], f"{what}: activity")
        self.all_listed(self.chunks, stream, listed, what)
        if listed:
            check_counted(stream.summary, [self.chunks[offset] for offset in listed], what)

    def side_tree(self, evz, side, what):
        listed, number = [], 0
        for first, leaf in evz.leaves(side):
            require(first == number, f"{what}: leaves do not follow each other")
            for entry in leaf.entries:
                one = self.seen(self.batches, side, entry, what)
                batch, header = one.batch, one.record.header
                require(
                    (one.number, header.body_len, header.body_crc, batch.rows, batch.t_min, batch.t_max)
                    == (number, entry.body_len, entry.body_crc, entry.rows, entry.t_min, entry.t_max),
                    f"{what}: batch at {entry.offset} is not as indexed",
                )
                number += entry.rows
                listed.append(entry.offset)
        self.all_listed(self.batches, side, listed, what)

    def seen(self, parts, stream, entry, what):
        require(entry.offset in parts, f"{what}: an entry of what is not at {entry.offset}")
        one = parts[entry.offset]
        require(one.stream == stream.id, f"{what}: an entry of another stream")
        return one

    def all_listed(self, parts, stream, listed, what):
        all_of_it = sorted(offset for offset, one in parts.items() if one.stream == stream.id)
        require(sorted(listed) == all_of_it, f"{what}: not every one is in the index")


def check_counted(summary, chunks, what):
    """What a summary says of events, and what was counted."""
    facts, heads = [one.facts for one in chunks], [one.chunk.head for one in chunks]
    in_order = all(head.flags for head in heads) and all(
        one.t_last <= head.t_first for one, head in zip(facts, heads[1:])
    )
    sizes = [sum(head.column_bytes[i] for head in heads) for i in range(3)]
    found = {
        "flags": int(in_order),
        "t_first": heads[0].t_first,
        "t_last": facts[-1].t_last,
        "n_on": sum(one.n_on for one in facts),
        "x_min": min(one.x_min for one in facts),
        "x_max": max(one.x_max for one in facts),
        "y_min": min(one.y_min for one in facts),
        "y_max": max(one.y_max for one in facts),
        "column_bytes": [sum(head.payload_len for head in heads) - sum(sizes), *sizes],
        "column_crc": [
            crc_of_all((head.column_crc[i], head.n_events * size) for head in heads)
            for i, size in enumerate((8, 2, 2, 1))
        ],
    }
    for name, value in found.items():
        told = getattr(summary, name)
        require(told == value, f"{what}: {name} is {told}, counted {value}")
    for i, further in enumerate(summary.further):
        parts = [one.further[i] for one in facts]
        require(
            further.n_bytes == sum(part.n_bytes for part in parts)
            and further.crc == crc_of_all((part.crc, part.n_raw) for part in parts),
            f"{what}: column {i}",
        )


def bins(t, t_min, t_max):
    """How many events are in each bin, in Python's integers if others are too short."""
    span = t_max - t_min + 1
    since = (t.view(np.uint64) - np.uint64(t_min % 2**64)).astype(np.uint64)
    if span < 2**58:
        places = since * np.uint64(BINS) // np.uint64(span)
        return np.bincount(places.astype(np.int64), minlength=BINS).tolist()
    found = [0] * BINS
    for one in since.tolist():
        found[one * BINS // span] += 1
    return found


# The CRC of parts behind each other follows from theirs: appending n bytes multiplies by x^8n.


def crc_of_all(parts):
    crc = 0
    for one, n_bytes in parts:
        crc = times(power_of_x(8 * n_bytes), crc) ^ one
    return crc


def times(a, b):
    """Product of two polynomials modulo that of CRC-32; the highest bit is the constant term."""
    product = 0
    for i in range(31, -1, -1):
        if a >> i & 1:
            product ^= b
        b = b >> 1 ^ (0xEDB88320 if b & 1 else 0)
    return product


def power_of_x(n):
    power, square = 1 << 31, 1 << 30
    while n:
        if n & 1:
            power = times(power, square)
        square, n = times(square, square), n >> 1
    return power
