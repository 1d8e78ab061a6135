"""The index: declarations, entries, references, leaves, nodes, summaries, the root."""

import itertools
from types import SimpleNamespace

from evz_metadata import read_metadata
from evz_wire import ALIGNMENT, TAIL, Fields, check_facts, check_size, record_units, require, wrap_i64

MAX_STREAMS = 65536
MAX_COLUMNS = 64
MAX_LIST = 4096
MAX_LEVEL = 8
MAX_CHUNK_EVENTS = 1 << 20
MAX_ROWS = 1 << 28
BINS = 32
CHUNKS, BATCHES = 0, 1
SORTED = 1
CHECKPOINT = 1

# Types of further columns, as numpy has them.
COLUMN_TYPES = ["?", "<i1", "<i2", "<i4", "<i8", "<u1", "<u2", "<u4", "<u8", "<f4", "<f8"]


# Declarations


def read_stream_declaration(fields):
    stream = fields.read("id:uint name:text width:uint height:uint serial:text clock_offset:sint")
    what = f"{fields.what}: stream {stream.id}"
    require(stream.id < MAX_STREAMS, what)
    check_size(stream, what)
    stream.n_columns = fields.several(MAX_COLUMNS, 5, "further columns")
    stream.columns = [
        fields.read("name:text type:uint unit:text description:text") for _ in range(stream.n_columns)
    ]
    names = [column.name for column in stream.columns]
    require(all(names), f"{what}: a column without a name")
    require(len({"t", "x", "y", "p", *names}) == 4 + len(names), f"{what}: names of columns {names}")
    for column in stream.columns:
        require(column.type < len(COLUMN_TYPES), f"{what}: a column of type {column.type}")
    return stream


def undeclared_stream(header):
    """What stream 0 is if no record declares it."""
    return SimpleNamespace(
        id=0,
        name="",
        width=header.width,
        height=header.height,
        serial="",
        clock_offset=0,
        n_columns=0,
        columns=[],
    )


def read_side_declaration(fields):
    side = fields.read("id:uint name:text stream:uint time_column:uint schema:bytes")
    require(side.id < MAX_STREAMS, f"{fields.what}: number {side.id}")
    check_side_name(side, fields.what)
    return side


def check_side_name(side, what):
    require(side.name, f"{what}: no name")
    require(side.stream <= MAX_STREAMS, f"{what}: of event stream {side.stream - 1}")


# Entries and references. Offsets are in bytes here, times absolute.


def read_entries(fields, n, table, n_columns, latest=0):
    entries, behind = [], 0
    for _ in range(n):
        read = read_chunk_entry if table == CHUNKS else read_batch_entry
        entry = read(fields, n_columns, latest)
        units = entry.offset + behind
        require(1 <= units < 2**58, f"{fields.what}: an entry at {units} units")
        entry.offset = units * ALIGNMENT
        entries.append(entry)
        behind, latest = units + record_units(entry.body_len), entry.t_max
    return entries


def read_chunk_entry(fields, n_columns, latest):
    entry = fields.read(
        "offset:sint body_len:uint head_crc:u32 n_events:uint t_min:sint t_span:uint"
        " t_first:uint t_divisor:uint codec:uint flags:uint toc_len:uint"
    )
    entry.column_lens = [fields.uint() for _ in range(n_columns)]
    what = f"{fields.what}: entry of a chunk"
    entry.n_rows = entry.n_events
    require(1 <= entry.n_events <= MAX_CHUNK_EVENTS, f"{what}: {entry.n_events} events")
    read_span(entry, latest, what)
    require(entry.t_first <= entry.t_span, f"{what}: its first time is not one of its times")
    entry.t_first += entry.t_min
    require(entry.t_divisor >= 1, f"{what}: t_divisor 0")
    require(entry.codec <= 65535, f"{what}: codec {entry.codec}")
    require(entry.flags <= SORTED, f"{what}: flags {entry.flags:#x}")
    require(not entry.flags or entry.t_first == entry.t_min, f"{what}: is not sorted")
    return entry


def read_batch_entry(fields, _, latest):
    entry = fields.read("offset:sint body_len:uint body_crc:u32 rows:uint t_min:sint t_span:uint")
    what = f"{fields.what}: entry of a batch"
    entry.n_rows = entry.rows
    require(1 <= entry.rows <= MAX_ROWS, f"{what}: {entry.rows} rows")
    read_span(entry, latest, what)
    return entry


def read_span(part, before, what):
    """Makes t_min and t_max of a time relative to `before` and a span."""
    part.t_min = wrap_i64(before + part.t_min)
    part.t_max = part.t_min + part.t_span
    require(part.t_max < 2**63, f"{what}: times from {part.t_min} for {part.t_span}")


def read_refs(fields, n):
    refs, before = [], 0
    for _ in range(n):
        ref = fields.read(
            "level:uint offset:uint body_len:uint body_crc:u32 n_items:uint n_rows:uint"
            " t_min:sint t_span:uint t_end:uint"
        )
        what = f"{fields.what}: reference"
        require(ref.level <= MAX_LEVEL, f"{what} to level {ref.level}")
        require(1 <= ref.offset < 2**58, f"{what} to {ref.offset} units")
        ref.offset *= ALIGNMENT
        require(ref.n_items >= 1 and ref.n_rows >= ref.n_items, f"{what} to nothing")
        read_span(ref, before, what)
        read_end(ref, what)
        refs.append(ref)
        before = ref.t_end
    return refs


def read_end(part, what):
    require(part.t_end <= part.t_span, f"{what}: t_end before t_min")
    part.t_end = part.t_max - part.t_end


def totals(refs, entries):
    """What a list of references, and of entries behind them, says of all that is below it."""
    parts = refs + entries
    last = parts[-1]
    rows = sum(part.n_rows for part in parts)
    items = sum(ref.n_items for ref in refs) + len(entries)
    require(rows < 2**64 and items < 2**64, "index: a sum of more than 64 bits")
    return SimpleNamespace(
        n_items=items,
        n_rows=rows,
        t_min=min(part.t_min for part in parts),
        t_max=max(part.t_max for part in parts),
        t_end=last.t_max if entries else last.t_end,
    )


# Leaves, nodes, activities


def read_activity_ref(fields):
    """Where an activity is; None if there is none."""
    units = fields.uint()
    if not units:
        return None
    require(units < 2**58, f"{fields.what}: an activity at {units} units")
    return SimpleNamespace(offset=units * ALIGNMENT, body_len=fields.uint(), body_crc=fields.u32())


def read_table(fields):
    leaf = fields.read("table:uint id:uint")
    require(leaf.table in (CHUNKS, BATCHES), f"{fields.what}: table {leaf.table}")
    return leaf


def read_leaf(body, what, n_columns_of):
    """`n_columns_of` tells how many further columns an event stream has."""
    fields = Fields(body, what)
    leaf = read_table(fields)
    leaf.activity = read_activity_ref(fields) if leaf.table == CHUNKS else None
    n = fields.several(MAX_LIST, 9, "entries")
    require(n >= 1, f"{what}: no entries")
    n_columns = n_columns_of(leaf.id) if leaf.table == CHUNKS else 0
    leaf.entries = read_entries(fields, n, leaf.table, n_columns)
    fields.check_end()
    leaf.level, leaf.refs = 0, []
    return leaf


def read_node(body, what):
    fields = Fields(body, what)
    node = read_table(fields)
    node.level = fields.uint()
    require(1 <= node.level <= MAX_LEVEL, f"{what}: level {node.level}")
    n = fields.several(MAX_LIST, 12, "references")
    require(n >= 1, f"{what}: no references")
    node.refs = read_refs(fields, n)
    require(
        all(ref.level == node.level - 1 for ref in node.refs),
        f"{what}: a reference to another level than the one below",
    )
    fields.check_end()
    node.entries, node.activity = [], None
    return node


def read_activity(body, what):
    fields = Fields(body, what)
    activity = fields.read("id:uint bins:uint")
    require(activity.bins == BINS, f"{what}: {activity.bins} bins")
    activity.n = fields.several(len(body), BINS, "chunks")
    activity.counts = [
        list(itertools.accumulate(fields.sint() for _ in range(BINS))) for _ in range(activity.n)
    ]
    require(all(n >= 0 for counts in activity.counts for n in counts), f"{what}: a count below 0")
    fields.check_end()
    return activity


# Root


def read_tree(fields, table, n_columns):
    tree = SimpleNamespace(table=table, activity=None)
    n_refs = fields.several(len(fields.body), 12, "references")
    tree.refs = read_refs(fields, n_refs)
    levels = [ref.level for ref in tree.refs]
    require(levels == sorted(levels, reverse=True), f"{fields.what}: levels {levels}")
    n_entries = fields.several(len(fields.body), 9, "entries")
    latest = tree.refs[-1].t_end if tree.refs else 0
    tree.entries = read_entries(fields, n_entries, table, n_columns, latest)
    if table == CHUNKS and n_entries:
        tree.activity = read_activity_ref(fields)
    return tree


def read_summary(fields, n_columns):
    summary = fields.read("n_chunks:uint n_events:uint")
    summary.n_items, summary.n_rows = summary.n_chunks, summary.n_events
    if not summary.n_events:
        return summary
    vars(summary).update(
        vars(
            fields.read(
                "flags:uint t_min:sint t_span:uint t_end:uint t_first:uint t_last:uint"
                " n_on:uint x_min:uint x_max:uint y_min:uint y_max:uint"
            )
        )
    )
    summary.column_bytes = [fields.uint() for _ in range(4)]
    summary.column_crc = [fields.u32() for _ in range(4)]
    summary.further = [fields.read("n_bytes:uint crc:u32") for _ in range(n_columns)]
    what = f"{fields.what}: summary"
    require(summary.flags <= SORTED, f"{what}: flags {summary.flags:#x}")
    read_span(summary, 0, what)
    read_end(summary, what)
    require(
        max(summary.t_first, summary.t_last) <= summary.t_span,
        f"{what}: its first or last time is not one of its times",
    )
    summary.t_first += summary.t_min
    summary.t_last += summary.t_min
    if summary.flags & SORTED:
        require(
            (summary.t_first, summary.t_last, summary.t_end)
            == (summary.t_min, summary.t_max, summary.t_max),
            f"{what}: is not sorted",
        )
    return summary


def read_side_summary(fields):
    summary = fields.read("n_batches:uint rows:uint")
    summary.n_items, summary.n_rows = summary.n_batches, summary.rows
    if summary.rows or summary.n_batches:
        vars(summary).update(vars(fields.read("t_min:sint t_span:uint t_end:uint")))
        read_span(summary, 0, f"{fields.what}: summary")
        read_end(summary, f"{fields.what}: summary")
    return summary


def check_summary(summary, tree, file_len, what):
    """Of a tree and its summary, what can be compared without reading more."""
    # Each chunk or batch takes a record, so a tree that lists one again and again is seen before it is walked.
    require(summary.n_items * ALIGNMENT <= file_len, f"{what}: {summary.n_items} chunks or batches")
    if not (tree.refs or tree.entries):
        require(summary.n_items == summary.n_rows == 0, f"{what}: the tree is empty")
        return
    found = totals(tree.refs, tree.entries)
    for name, value in vars(found).items():
        told = getattr(summary, name, None)
        require(value == told, f"{what}: {name} is {value}, the summary says {told}")


FACTS = (
    "features_read features_edit features_any clock width height tick_numerator"
    " tick_denominator epoch"
).split()


def read_root(body, offset, header=None):
    """The root whose record starts at `offset`. `header`, if given, has to agree."""
    what = "root"
    fields = Fields(body, what)
    root = fields.read(
        " ".join(f"{name}:uint" for name in FACTS[:-1]) + " epoch:sint flags:uint previous:uint"
    )
    check_facts(root, what)
    if header:
        for name in FACTS:
            require(getattr(root, name) == getattr(header, name), f"root: not the {name} of the header")
    require(root.flags <= CHECKPOINT, f"root: flags {root.flags:#x}")
    root.previous *= ALIGNMENT
    require(root.previous < offset, "root: the root before it is behind it")

    root.streams, root.side = {}, {}
    root.n_streams = fields.several(MAX_STREAMS, 11, "event streams")
    for _ in range(root.n_streams):
        stream = read_stream_declaration(fields)
        fields.what = f"root: stream {stream.id}"
        add_rising(root.streams, stream, fields.what)
        stream.summary = read_summary(fields, stream.n_columns)
        stream.tree = read_tree(fields, CHUNKS, stream.n_columns)
        check_summary(stream.summary, stream.tree, offset, fields.what)
        check_ends(stream, fields.what)
        fields.what = what
    require(0 in root.streams, "root: no stream 0")
    require(
        (root.streams[0].width, root.streams[0].height) == (root.width, root.height),
        "root: stream 0 is not of the size of the file header",
    )

    root.n_side = fields.several(MAX_STREAMS, 13, "side streams")
    for number in range(root.n_side):
        fields.what = f"root: side stream {number}"
        side = fields.read("name:text stream:uint")
        check_side_name(side, fields.what)
        side.id, root.side[number] = number, side
        side.declaration = read_record_ref(fields)
        require(
            side.stream == 0 or side.stream - 1 in root.streams,
            f"{fields.what}: of an event stream that is not there",
        )
        side.summary = read_side_summary(fields)
        side.tree = read_tree(fields, BATCHES, 0)
        check_summary(side.summary, side.tree, offset, fields.what)
        fields.what = what

    root.n_metadata = fields.several(len(body), 6, "metadata records")
    root.metadata_refs = [read_record_ref(fields) for _ in range(root.n_metadata)]
    root.metadata = read_metadata(fields)
    root.tail = TAIL.read(fields.raw(TAIL.size), 0, what)
    fields.check_end()
    root.offset = offset
    return root


def read_record_ref(fields):
    ref = fields.read("offset:uint body_len:uint body_crc:u32")
    require(1 <= ref.offset < 2**58, f"{fields.what}: a record at {ref.offset} units")
    ref.offset *= ALIGNMENT
    return ref


def add_rising(streams, stream, what):
    require(stream.id == len(streams), f"{what}: streams are not numbered 0, 1, 2 and so on")
    streams[stream.id] = stream


def check_ends(stream, what):
    """First and last time, and order, as far as the entries in the root tell."""
    tree, summary = stream.tree, stream.summary
    check_order(summary, tree, what)
    if not tree.entries:
        return
    first, last = tree.entries[0], tree.entries[-1]
    if not tree.refs:
        require(first.t_first == summary.t_first, f"{what}: t_first is not that of the first chunk")
    require(
        (
            summary.t_last == last.t_max
            if last.flags & SORTED
            else last.t_min <= summary.t_last <= last.t_max
        ),
        f"{what}: t_last is not in the last chunk",
    )


def check_order(summary, node, what):
    """A stream that is sorted has sorted chunks, one behind the other."""
    if summary.n_events and summary.flags & SORTED:
        parts = node.refs + node.entries
        require(all(entry.flags & SORTED for entry in node.entries), f"{what}: a chunk is not sorted")
        require(
            all(one.t_max <= next_one.t_min for one, next_one in zip(parts, parts[1:])),
            f"{what}: chunks are not in order of time",
        )
