"""A second reader of evz files, written from SPEC.md alone.

It is meant to be read beside SPEC.md, section by section, and to be simple rather than fast:

    evz = Evz(open("recording.evz", "rb").read())
    evz.header.tick_numerator, evz.metadata, evz.root.streams[0].summary
    events = evz.events(a, b, stream=0)      # the window [a, b) in ticks; events.t, .x, .y, .p
    events = evz.numbered(i, j, stream=0)    # events i to j - 1
    events, columns = evz.with_columns(a, b, ["intensity"], stream=0)
    evz.activity(stream=0)                   # events of each chunk in 32 bins
    evz.side_rows(0, a, b)                   # batches of a side stream that touch [a, b), as tables
    for record in walk(data): ...            # front to back, without the index
    check("recording.evz")                   # every byte and every number

Damage of any kind is an EvzError. As a program it prints the number of events and their digest:

    python evz_reader.py recording.evz
"""

import json
import sys
import zlib

import numpy as np

from evz_chunk import Chunk, join
from evz_index import (
    CHECKPOINT,
    CHUNKS,
    check_order,
    read_activity,
    read_leaf,
    read_node,
    read_root,
    read_side_declaration,
    totals,
)
from evz_metadata import apply, read_metadata
from evz_side import messages, read_rows, read_side_batch
from evz_wire import (
    ACTIVITY,
    ALIGNMENT,
    CHUNK,
    LEAF,
    METADATA,
    NODE,
    RECORD_HEADER,
    ROOT,
    SIDE_BATCH,
    SIDE_STREAM,
    TAIL,
    EvzError,
    Fields,
    Record,
    check_crc,
    check_record_header,
    read_file_header,
    read_record,
    read_record_header,
    require,
    round_up,
)

TAIL_MAGIC = b"EVZ-TAIL"


class Evz:
    """A file, read by its index: that of its end, or of the last whole root before it."""

    def __init__(self, data):
        self.data = memoryview(data)
        self.header = read_file_header(self.data)
        record = root_at_end(self.data)
        self.unfinished = record is None
        record = record or last_root(self.data)
        self.root = read_root(record.body, record.offset, self.header)
        # The writer of a checkpoint meant to go on, so a file that ends with one was cut there.
        self.unfinished |= bool(self.root.flags & CHECKPOINT)
        self.end = record.end
        self.metadata = {}
        for ref in self.root.metadata_refs:
            body = self.record(ref, METADATA).body
            apply(self.metadata, metadata_of(body))
        apply(self.metadata, self.root.metadata)

    def record(self, ref, kind, **told):
        """What the index refers to, which stands before the root."""
        require(ref.offset < self.root.offset, f"index: a record at {ref.offset}, behind the root")
        told = told or {"body_crc": ref.body_crc}
        return read_record(self.data[: self.root.offset], ref.offset, kind, ref.body_len, **told)

    # The trees

    def leaves(self, part, wanted=lambda part, first: True):
        """What stands in the tree of a stream: entries with the number of the first, and their leaf.

        `wanted` tells of a reference or an entry whether it is looked into.
        """
        yield from self.below(part, part.tree, 0, wanted)

    def below(self, part, node, first, wanted):
        for ref in node.refs:
            if wanted(ref, first):
                yield from self.below(part, self.node(part, ref), first, wanted)
            first += ref.n_rows
        if node.entries:
            yield first, node

    def node(self, part, ref):
        """A leaf or node as its reference says."""
        table, what = part.tree.table, f"index at {ref.offset}"
        body = self.record(ref, NODE if ref.level else LEAF).body
        if ref.level:
            node = read_node(body, what)
        else:
            node = read_leaf(body, what, lambda number: self.n_columns(number, what))
        require(
            (node.table, node.id, node.level) == (table, part.id, ref.level),
            f"{what}: not of this stream and level",
        )
        for name, value in vars(totals(node.refs, node.entries)).items():
            require(
                value == getattr(ref, name),
                f"{what}: {name} is {value}, the reference says " f"{getattr(ref, name)}",
            )
        if table == CHUNKS:
            check_order(part.summary, node, what)
        return node

    def n_columns(self, number, what):
        require(number in self.root.streams, f"{what}: of event stream {number}")
        return self.root.streams[number].n_columns

    def entries(self, part, a=None, b=None, first=None, end=None):
        """Entries, with the number of their first row, that may hold rows of a window."""

        def wanted(one, number):
            return (
                (b is None or one.t_min < b)
                and (a is None or one.t_max >= a)
                and (end is None or number < end)
                and (first is None or number + one.n_rows > first)
            )

        for number, leaf in self.leaves(part, wanted):
            for entry in leaf.entries:
                if wanted(entry, number):
                    yield number, entry
                number += entry.n_rows

    # Events

    def stream(self, number):
        require(number in self.root.streams, f"no event stream {number}")
        return self.root.streams[number]

    def chunk(self, stream, number, entry):
        body = self.record(entry, CHUNK, number=number).body
        chunk = Chunk(body, f"chunk at {entry.offset}")
        chunk.check_entry(entry)
        require(chunk.head.stream == stream.id, f"{chunk.what}: of another stream")
        require(chunk.head.n_columns == stream.n_columns, f"{chunk.what}: columns not as declared")
        if number == 0:
            require(
                chunk.head.t_first == stream.summary.t_first,
                f"{chunk.what}: not the first time of the summary",
            )
        return chunk

    def events(self, a=None, b=None, stream=0):
        """The events with a <= t < b, in the order of their numbers; None leaves a side open."""
        stream = self.stream(stream)
        return join(
            [
                self.chunk(stream, number, entry).window(a, b)[1]
                for number, entry in self.entries(stream, a, b)
            ]
        )

    def numbered(self, first, end, stream=0):
        """The events first <= number < end."""
        stream = self.stream(stream)
        return join(
            [
                self.chunk(stream, number, entry).window(first=first - number, end=end - number)[1]
                for number, entry in self.entries(stream, first=first, end=end)
            ]
        )

    def with_columns(self, a, b, names, stream=0):
        """Events of a window, and further columns of them by name."""
        stream = self.stream(stream)
        declared = [column.name for column in stream.columns]
        found, columns = [], {name: [] for name in names}
        for number, entry in self.entries(stream, a, b):
            chunk = self.chunk(stream, number, entry)
            chosen, events = chunk.window(a, b)
            found.append(events)
            for name in names:
                i = declared.index(name)
                columns[name].append(chunk.column(i, stream.columns[i].type)[chosen])
        return join(found), {
            name: np.concatenate(parts) if parts else np.zeros(0) for name, parts in columns.items()
        }

    def activity(self, stream=0):
        """Entries of chunks, each with its bins, or None where none are stored."""
        stream = self.stream(stream)
        for _, leaf in self.leaves(stream):
            counts = self.activity_of(stream, leaf) or [None] * len(leaf.entries)
            yield from zip(leaf.entries, counts)

    def activity_of(self, stream, leaf):
        if not leaf.activity:
            return None
        what = f"activity at {leaf.activity.offset}"
        activity = read_activity(self.record(leaf.activity, ACTIVITY).body, what)
        require(activity.id == stream.id, f"{what}: of another stream")
        require(
            [sum(bins) for bins in activity.counts] == [entry.n_rows for entry in leaf.entries],
            f"{what}: not the events of its chunks",
        )
        return activity.counts

    # Side streams

    def side_batches(self, number, a=None, b=None):
        """Batches, each with its Arrow IPC messages in `raw`."""
        require(number in self.root.side, f"no side stream {number}")
        side = self.root.side[number]
        for first, entry in self.entries(side, a, b):
            what = f"side batch at {entry.offset}"
            body = self.record(entry, SIDE_BATCH, number=first, body_crc=entry.body_crc).body
            batch = read_side_batch(body, what)
            require(
                (batch.id, batch.rows, batch.t_min, batch.t_max)
                == (number, entry.rows, entry.t_min, entry.t_max),
                f"{what}: not as indexed",
            )
            batch.raw = messages(batch, what)
            yield batch

    def side_declaration(self, number):
        require(number in self.root.side, f"no side stream {number}")
        side, what = self.root.side[number], f"side stream {number}"
        ref = side.declaration
        fields = Fields(self.record(ref, SIDE_STREAM, body_crc=ref.body_crc).body, what)
        found = read_side_declaration(fields)
        fields.check_end()
        require(
            (found.id, found.name, found.stream) == (number, side.name, side.stream),
            f"{what}: not as declared",
        )
        return found

    def side_rows(self, number, a=None, b=None):
        """Tables of whole batches that touch the window."""
        declaration = self.side_declaration(number)
        return [
            read_rows(declaration, batch.raw, f"side stream {number}")
            for batch in self.side_batches(number, a, b)
        ]


def metadata_of(body):
    fields = Fields(body, "metadata")
    entries = read_metadata(fields)
    fields.check_end()
    return entries


# Finding the root


def root_at_end(data):
    """The record of the root that a tail at the end tells of; None without a tail."""
    if len(data) < TAIL.size:
        return None
    tail = TAIL.read(data, len(data) - TAIL.size, "tail")
    if tail.magic != TAIL_MAGIC:
        return None
    return root_between(data, tail.root_offset, len(data))


def root_between(data, offset, end):
    """The root that takes all bytes from `offset` to `end`."""
    record = read_record(data, offset, ROOT, end - offset - RECORD_HEADER.size)
    check_crc([record.body], record.header.body_crc, "root: body")
    return record


def last_root(data):
    """The last whole root of a file that does not end with one."""
    for offset in range(len(data) // ALIGNMENT * ALIGNMENT, 0, -ALIGNMENT):
        record = whole_root(data, offset)
        if record:
            return record
    raise EvzError("no root: the file has to be recovered")


def whole_root(data, offset):
    if data[offset : offset + 4] != b"EVZR":
        return None
    try:
        header = read_record_header(data, offset)
        if header.kind != ROOT:
            return None
        end = offset + RECORD_HEADER.size + header.body_len
        tail = TAIL.read(data[offset:end], end - offset - TAIL.size, "tail")
        if (tail.magic, tail.root_offset) != (TAIL_MAGIC, offset):
            return None
        return root_between(data, offset, end)
    except EvzError:
        return None


# Reading from front to back


def walk(data, offset=64):
    """Every record whose checksums hold, without the index; damage in between is passed over."""
    data = memoryview(data)
    while offset < len(data):
        try:
            header = read_record_header(data, offset)
        except EvzError:
            offset += ALIGNMENT
            continue
        what = f"record at {offset}"
        check_record_header(header, what)
        start = offset + RECORD_HEADER.size
        record = Record(offset, header, data[start : start + header.body_len])
        if METADATA <= header.kind <= ROOT and zlib.crc32(record.body) == header.body_crc:
            yield record
        offset = round_up(record.end, ALIGNMENT)


def walk_events(data, stream=0):
    """The events of every whole chunk of a stream, from front to back, in the order of their numbers."""
    chunks = {}
    for record in walk(data):
        if record.header.kind == CHUNK:
            chunk = Chunk(record.body, f"chunk at {record.offset}")
            if chunk.head.stream == stream:
                # What stands twice is taken once.
                chunks.setdefault(record.header.number, chunk)
    return join([chunks[number].window()[1] for number in sorted(chunks)])


def beyond(data, end):
    """Records behind the last whole root, up to the first that is damaged."""
    offset = round_up(end, ALIGNMENT)
    for record in walk(data, offset):
        if record.offset != offset:
            return
        yield record
        offset = round_up(record.end, ALIGNMENT)


def check(source, arrow=True):
    from evz_check import check as check_file

    return check_file(source, arrow)


def main():
    with open(sys.argv[1], "rb") as file:
        evz = Evz(file.read())
    if evz.unfinished:
        print("the file is not finished", file=sys.stderr)
    events = evz.events()
    print(json.dumps({"events": len(events.t), "sha256": events.sha256()}))


if __name__ == "__main__":
    main()
