"""A small writer of evz files, for tests: structures that recordings seldom have.

Events are coded in the simplest legal way: codec `fast`, every column of 256 events in its full width, or in
none if it has one value only.

    writer = Writer(fan_out=3, tick=(1, 24_000_000), epoch=-5)
    writer.chunk(0, t, x, y, p)
    data = writer.finish()

Every field passes through `forge`, which may change it. Lengths and checksums follow from what was written,
so a forger need not mend them.
"""

import struct
import zlib
from types import SimpleNamespace

import numpy as np

from evz_chunk import CHUNK_HEAD, CODECS, COLUMN_SECTION, KINDS
from evz_fast import FAST_BLOCK, FAST_MINI, FAST_MINI_BLOCK, FAST_TOC_ENTRY
from evz_index import BATCHES, BINS, CHUNKS, COLUMN_TYPES
from evz_wire import (
    ACTIVITY,
    CHUNK,
    CRITICAL,
    FILE_HEADER,
    LEAF,
    MAGIC,
    METADATA,
    NODE,
    RECORD_HEADER,
    ROOT,
    SIDE_BATCH,
    SIDE_STREAM,
    STREAM,
    TAIL,
    round_up,
    wrap_i64,
)

RAW_COLUMN = 0


class Body:
    """Fields, written one behind the other."""

    def __init__(self, forge, name):
        self.forge, self.name, self.raw = forge, name, bytearray()

    def uint(self, name, value):
        self.plain_uint(self.forge(f"{self.name}.{name}", "uint", value))

    def plain_uint(self, value):
        if not 0 <= value < 2**64:
            raise ValueError(value)
        while value >= 128:
            self.raw.append(value & 127 | 128)
            value >>= 7
        self.raw.append(value)

    def sint(self, name, value):
        value = self.forge(f"{self.name}.{name}", "sint", value)
        if not -(2**63) <= value < 2**63:
            raise ValueError(value)
        self.plain_uint(value << 1 if value >= 0 else ~(value << 1))

    def u32(self, name, value):
        self.raw += struct.pack("<I", self.forge(f"{self.name}.{name}", "u32", value))

    def bytes(self, name, value):
        value = self.forge(f"{self.name}.{name}", "bytes", bytes(value))
        self.plain_uint(len(value))
        self.raw += value

    def text(self, name, value):
        self.bytes(name, value.encode())

    def table(self, table, values):
        self.raw += write_table(self.forge, self.name, table, values)

    def pad(self, multiple, name="padding"):
        n = -len(self.raw) % multiple
        self.raw += self.forge(f"{self.name}.{name}", "zeros", bytes(n))


def write_table(forge, name, table, values):
    raw = b""
    for field, code in table.fields:
        value = values.get(field, 0)
        several = value if isinstance(value, (list, tuple)) else [value]
        kind = "bytes" if code.endswith("s") else f"struct {code[-1]}"
        several = [forge(f"{name}.{field}", kind, one) for one in several]
        raw += struct.pack("<" + code, *several)
    return raw


def with_crc(raw):
    return raw[:-4] + struct.pack("<I", zlib.crc32(raw[:-4]))


def no_forge(name, kind, value):
    return value


class Writer:
    def __init__(
        self,
        width=640,
        height=480,
        tick=(1, 1_000_000),
        epoch=0,
        clock=1,
        fan_out=4,
        activity=True,
        forge=no_forge,
        column_codec=(RAW_COLUMN, np.ndarray.tobytes),
    ):
        self.facts = {
            "width": width,
            "height": height,
            "tick_numerator": tick[0],
            "tick_denominator": tick[1],
            "epoch": epoch,
            "clock": clock,
            "features_read": 0,
            "features_edit": 0,
            "features_any": 0,
        }
        self.fan_out, self.with_activity, self.forge = fan_out, activity, forge
        self.column_codec = column_codec
        self.data, self.previous, self.metadata_refs = bytearray(), 0, []
        self.streams, self.side = {}, {}
        self.table("header", FILE_HEADER, {"magic": MAGIC, "version_minor": 2, **self.facts})
        self.add_stream(
            SimpleNamespace(
                id=0, name="", width=width, height=height, serial="", clock_offset=0, columns=[]
            )
        )

    def table(self, name, table, values):
        self.data += with_crc(write_table(self.forge, name, table, values))

    def record(self, kind, body, number=0):
        """Where it starts, and the checksum of its body."""
        self.data += self.forge("padding", "zeros", bytes(-len(self.data) % 64))
        offset, crc = len(self.data), zlib.crc32(body)
        self.table(
            f"record {kind}",
            RECORD_HEADER,
            {
                "magic": b"EVZR",
                "kind": kind,
                "flags": 0 if kind == ACTIVITY else CRITICAL,
                "body_len": len(body),
                "body_crc": crc,
                "number": number,
            },
        )
        self.data += body
        return SimpleNamespace(units=offset // 64, offset=offset, body_len=len(body), body_crc=crc)

    def body(self, name):
        return Body(self.forge, name)

    # Declarations and metadata

    def add_stream(self, stream):
        self.streams[stream.id] = stream
        stream.table, stream.levels, stream.entries = CHUNKS, {}, []
        stream.first, stream.items = 0, []

    def stream(self, number, name="", width=0, height=0, serial="", clock_offset=0, columns=()):
        """`columns`: name, type, unit, description of each."""
        if number == 0:
            width, height = self.facts["width"], self.facts["height"]
        self.add_stream(
            SimpleNamespace(
                id=number,
                name=name,
                width=width,
                height=height,
                serial=serial,
                clock_offset=clock_offset,
                columns=columns,
            )
        )
        body = self.body("stream")
        self.declare_stream(body, self.streams[number])
        self.record(STREAM, body.raw)

    def declare_stream(self, body, stream):
        body.uint("id", stream.id)
        body.text("name", stream.name)
        body.uint("width", stream.width)
        body.uint("height", stream.height)
        body.text("serial", stream.serial)
        body.sint("clock_offset", stream.clock_offset)
        body.uint("n_columns", len(stream.columns))
        for name, kind, unit, description in stream.columns:
            body.text("column name", name)
            body.uint("type", kind)
            body.text("unit", unit)
            body.text("description", description)

    def side_stream(self, number, name, schema, time_column=0, stream=0):
        side = SimpleNamespace(
            id=number,
            name=name,
            stream=stream,
            time_column=time_column,
            schema=schema.serialize().to_pybytes(),
            table=BATCHES,
            levels={},
            entries=[],
            first=0,
            items=[],
        )
        self.side[number] = side
        body = self.body("side stream")
        body.uint("id", side.id)
        body.text("name", side.name)
        body.uint("stream", side.stream)
        body.uint("time_column", side.time_column)
        body.bytes("schema", side.schema)
        side.place = self.record(SIDE_STREAM, body.raw)

    def metadata(self, entries):
        body = self.body("metadata")
        self.write_metadata(body, entries)
        self.metadata_refs.append(self.record(METADATA, body.raw))

    def write_metadata(self, body, entries):
        """Entries: key, type, raw value."""
        body.uint("n", len(entries))
        for key, kind, value in entries:
            body.text("key", key)
            body.uint("type", kind)
            body.bytes("value", value)

    # Events

    def chunk(self, number, t, x, y, p, columns=(), divisor=1, coded=None):
        """`coded`: number of another codec, its table of contents, what follows."""
        stream = self.streams[number]
        t, x, y, p = (np.asarray(one).astype(kind) for one, kind in zip((t, x, y, p), KINDS))
        item = measured(t, x, y, p)
        item.divisor = divisor
        self.sizes = [0, 0, 0]
        item.codec, toc, blocks = coded or (1, *self.payload(t, x, y, p, divisor))
        if coded:
            facts = SimpleNamespace(n_events=len(t), toc_len=len(toc))
            self.sizes = CODECS[item.codec](facts, toc + blocks, "chunk").column_bytes()
        item.column_bytes, item.payload_len = self.sizes, len(toc) + len(blocks)
        head = {
            "n_events": len(t),
            "codec": item.codec,
            "flags": item.sorted,
            "stream": number,
            "n_columns": len(columns),
            "toc_len": len(toc),
            "t_first": item.t_first,
            "t_min": item.t_min,
            "t_max": item.t_max,
            "t_divisor": divisor,
            "payload_len": item.payload_len,
            "n_on": item.n_on,
            "x_min": item.x_min,
            "x_max": item.x_max,
            "y_min": item.y_min,
            "y_max": item.y_max,
            "column_bytes": item.column_bytes,
            "column_crc": item.column_crc,
        }
        sections, item.further = [], []
        table = self.body("column section")
        for (_, kind, _, _), values in zip(stream.columns, columns):
            values = np.asarray(values).astype(COLUMN_TYPES[kind])
            codec, encode = self.column_codec
            raw, section = values.tobytes(), self.forge("section", "bytes", encode(values))
            table.table(
                COLUMN_SECTION,
                {
                    "codec": codec,
                    "len": len(section),
                    "crc": zlib.crc32(section),
                    "values_crc": zlib.crc32(raw),
                },
            )
            sections.append(section)
            item.further.append((len(section), raw))
        table.pad(64)
        raw = write_table(self.forge, "chunk", CHUNK_HEAD, head)
        item.head_crc = zlib.crc32(toc, zlib.crc32(table.raw, zlib.crc32(raw[:-4])))
        raw = raw[:-4] + struct.pack("<I", item.head_crc) + table.raw + toc + blocks + b"".join(sections)
        item.toc_len, item.n_rows = len(toc), len(t)
        self.add(stream, item, self.record(CHUNK, raw, stream.first))

    def payload(self, t, x, y, p, divisor):
        k = wrapped(t, divisor)
        starts = range(0, len(t), FAST_BLOCK)
        toc_len = FAST_TOC_ENTRY.size * len(starts)
        toc, blocks = self.body("toc"), b""
        for i in starts:
            part = slice(i, i + FAST_BLOCK)
            block = self.block(k[part], x[part], y[part], p[part])
            toc.table(
                FAST_TOC_ENTRY,
                {
                    "offset": toc_len + len(blocks),
                    "crc": zlib.crc32(block),
                    "t_first": int(k[i].view(np.int64)),
                },
            )
            blocks += block
        return bytes(toc.raw), blocks

    def block(self, k, x, y, p):
        body = self.body("block")
        minis = [slice(i, i + FAST_MINI) for i in range(0, len(k), FAST_MINI)]
        steps = np.diff(k, prepend=k[0])
        for mini in minis:
            mini_block = {"t_tag": 64 if np.any(steps[mini]) else 0}
            for name, column in (("x", x[mini]), ("y", y[mini])):
                same = np.all(column == column[0])
                mini_block |= {
                    f"{name}_tag": 0 if same else 16,
                    f"{name}_ref": int(column[0]) if same else 0,
                }
            body.table(FAST_MINI_BLOCK, mini_block)
        body.pad(16, "padding of the head")
        for i, column in enumerate((x, y)):
            for mini in minis:
                plane = full(column[mini])
                body.raw += plane
                self.sizes[i] += 4 + len(plane)
        for mini in minis:
            body.raw += np.packbits(p[mini], bitorder="little").tobytes().ljust(32, b"\0")
            self.sizes[2] += 32
        for mini in minis:
            if np.any(steps[mini]):
                for shift in range(0, 64, 16):
                    body.raw += whole((steps[mini] >> np.uint64(shift)))
        body.pad(16)
        return bytes(body.raw)

    # Side rows

    def batch(self, number, table, pack=0):
        import pyarrow as pa
        import zstandard

        side = self.side[number]
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        raw = sink.getvalue().to_pybytes()[len(side.schema) : -8]
        times = table.column(side.time_column).cast(pa.int64()).to_pylist()
        item = SimpleNamespace(n_rows=len(times), t_min=min(times), t_max=max(times))
        body = self.body("batch")
        body.uint("id", number)
        body.uint("rows", item.n_rows)
        body.sint("t_min", item.t_min)
        body.uint("t_span", item.t_max - item.t_min)
        body.uint("pack", pack)
        body.uint("raw_len", len(raw))
        body.raw += zstandard.ZstdCompressor().compress(raw) if pack else raw
        self.add(side, item, self.record(SIDE_BATCH, body.raw, side.first))

    # The index

    def add(self, stream, item, place):
        item.place = place
        stream.items.append(item)
        stream.first += item.n_rows
        stream.entries.append(item)
        if len(stream.entries) >= self.fan_out:
            self.fold_entries(stream)

    def fold_entries(self, stream):
        entries, stream.entries = stream.entries, []
        body = self.body("leaf")
        body.uint("table", stream.table)
        body.uint("id", stream.id)
        self.write_activity_ref(body, stream, entries)
        body.uint("n", len(entries))
        self.write_entries(body, stream, entries)
        self.add_ref(stream, 0, entries, self.record(LEAF, body.raw))

    def add_ref(self, stream, level, parts, place):
        """A reference to what holds `parts`; as many of a level as the fan-out become a node."""
        refs = stream.levels.setdefault(level, [])
        refs.append(
            SimpleNamespace(
                place=place,
                level=level,
                n_items=sum(getattr(part, "n_items", 1) for part in parts),
                n_rows=sum(part.n_rows for part in parts),
                t_min=min(part.t_min for part in parts),
                t_max=max(part.t_max for part in parts),
                t_end=parts[-1].t_end if level else parts[-1].t_max,
            )
        )
        if len(refs) >= self.fan_out:
            stream.levels[level] = []
            body = self.body("node")
            body.uint("table", stream.table)
            body.uint("id", stream.id)
            body.uint("level", level + 1)
            body.uint("n", len(refs))
            self.write_refs(body, refs)
            self.add_ref(stream, level + 1, refs, self.record(NODE, body.raw))

    def write_refs(self, body, refs):
        end = 0
        for ref in refs:
            body.uint("ref level", ref.level)
            body.uint("ref offset", ref.place.units)
            body.uint("ref body_len", ref.place.body_len)
            body.u32("ref body_crc", ref.place.body_crc)
            body.uint("ref n_items", ref.n_items)
            body.uint("ref n_rows", ref.n_rows)
            body.sint("ref t_min", wrap_i64(ref.t_min - end))
            body.uint("ref t_span", ref.t_max - ref.t_min)
            body.uint("ref t_end", ref.t_max - ref.t_end)
            end = ref.t_end

    def write_entries(self, body, stream, items, latest=0):
        behind = 0
        for item in items:
            place = item.place
            body.sint("entry offset", place.units - behind)
            behind = place.units + round_up(32 + place.body_len, 64) // 64
            body.uint("entry body_len", place.body_len)
            if stream.table == CHUNKS:
                body.u32("entry head_crc", item.head_crc)
            else:
                body.u32("entry body_crc", place.body_crc)
            body.uint("entry n_rows", item.n_rows)
            body.sint("entry t_min", wrap_i64(item.t_min - latest))
            body.uint("entry t_span", item.t_max - item.t_min)
            latest = item.t_max
            if stream.table == CHUNKS:
                body.uint("entry t_first", item.t_first - item.t_min)
                body.uint("entry t_divisor", item.divisor)
                body.uint("entry codec", item.codec)
                body.uint("entry flags", item.sorted)
                body.uint("entry toc_len", item.toc_len)
                for n_bytes, _ in item.further:
                    body.uint("entry column_len", n_bytes)

    def write_activity_ref(self, body, stream, items):
        if stream.table != CHUNKS or not items:
            return
        if not self.with_activity:
            body.uint("activity", 0)
            return
        activity = self.body("activity")
        activity.uint("id", stream.id)
        activity.uint("bins", BINS)
        activity.uint("n", len(items))
        for item in items:
            for before, count in zip([0, *item.bins], item.bins):
                activity.sint("count", count - before)
        place = self.record(ACTIVITY, activity.raw)
        body.uint("activity", place.units)
        body.uint("activity_len", place.body_len)
        body.u32("activity_crc", place.body_crc)

    # Root

    def root(self, metadata=(), checkpoint=False):
        """After a checkpoint the writer can go on, and after any other root as well."""
        body = self.body("root")
        for name in (
            "features_read",
            "features_edit",
            "features_any",
            "clock",
            "width",
            "height",
            "tick_numerator",
            "tick_denominator",
        ):
            body.uint(name, self.facts[name])
        body.sint("epoch", self.facts["epoch"])
        body.uint("flags", checkpoint)
        body.uint("previous", self.previous)
        for what, streams in (("streams", self.streams), ("side", self.side)):
            body.uint(f"n_{what}", len(streams))
            for _, stream in sorted(streams.items()):
                if what == "streams":
                    self.declare_stream(body, stream)
                    self.write_summary(body, stream)
                else:
                    body.text("name", stream.name)
                    body.uint("stream", stream.stream)
                    self.write_record_ref(body, "declaration", stream.place)
                    self.write_side_summary(body, stream)
                refs = [
                    ref for level in sorted(stream.levels, reverse=True) for ref in stream.levels[level]
                ]
                body.uint("n_refs", len(refs))
                self.write_refs(body, refs)
                body.uint("n_entries", len(stream.entries))
                self.write_entries(body, stream, stream.entries, refs[-1].t_end if refs else 0)
                self.write_activity_ref(body, stream, stream.entries)
        body.uint("n_metadata", len(self.metadata_refs))
        for ref in self.metadata_refs:
            self.write_record_ref(body, "metadata", ref)
        self.write_metadata(body, list(metadata))
        # Activities are written while the root is made, so it stands where the file ends now.
        body.table(TAIL, {"root_offset": round_up(len(self.data), 64), "magic": b"EVZ-TAIL"})
        self.previous = self.record(ROOT, body.raw).units

    def write_record_ref(self, body, what, place):
        body.uint(f"{what} offset", place.units)
        body.uint(f"{what} body_len", place.body_len)
        body.u32(f"{what} body_crc", place.body_crc)

    def write_summary(self, body, stream):
        items = stream.items
        body.uint("n_chunks", len(items))
        body.uint("n_events", stream.first)
        if not items:
            return
        t_min, t_max = min(item.t_min for item in items), max(item.t_max for item in items)
        in_order = all(item.sorted for item in items) and all(
            one.t_last <= two.t_first for one, two in zip(items, items[1:])
        )
        body.uint("flags", in_order)
        body.sint("t_min", t_min)
        body.uint("t_span", t_max - t_min)
        body.uint("t_end", t_max - items[-1].t_max)
        body.uint("t_first", items[0].t_first - t_min)
        body.uint("t_last", items[-1].t_last - t_min)
        body.uint("n_on", sum(item.n_on for item in items))
        for name, choose in (("x_min", min), ("x_max", max), ("y_min", min), ("y_max", max)):
            body.uint(name, choose(getattr(item, name) for item in items))
        sizes = [sum(item.column_bytes[i] for item in items) for i in range(3)]
        body.uint("column_bytes", sum(item.payload_len for item in items) - sum(sizes))
        for one in sizes:
            body.uint("column_bytes", one)
        for i in range(4):
            body.u32("column_crc", zlib.crc32(b"".join(item.raw[i] for item in items)))
        for i in range(len(stream.columns)):
            body.uint("further bytes", sum(item.further[i][0] for item in items))
            body.u32("further crc", zlib.crc32(b"".join(item.further[i][1] for item in items)))

    def write_side_summary(self, body, side):
        items = side.items
        body.uint("n_batches", len(items))
        body.uint("rows", side.first)
        if items:
            t_min, t_max = min(item.t_min for item in items), max(item.t_max for item in items)
            body.sint("t_min", t_min)
            body.uint("t_span", t_max - t_min)
            body.uint("t_end", t_max - items[-1].t_max)

    def finish(self, metadata=()):
        self.root(metadata)
        return bytes(self.data)


def wrapped(t, divisor):
    """k of the encoder: the difference modulo 2^64, read as i64, divided."""
    k = [wrap_i64(int(one) - int(t[0])) for one in t]
    assert not any(one % divisor for one in k)
    return np.array([one // divisor for one in k], np.int64).view(np.uint64)


def whole(values):
    """A plane of width 16: the residuals as they are, up to 256."""
    return values.astype(np.uint16).astype("<u2").tobytes().ljust(512, b"\0")


def full(values):
    """The same of x or y; none if all of them are the reference."""
    return b"" if np.all(values == values[0]) else whole(values)


def measured(t, x, y, p):
    columns = [one.tobytes() for one in (t, x, y, p)]
    times = t.tolist()
    t_min, t_max, bins = min(times), max(times), [0] * BINS
    for one in times:
        bins[(one - t_min) * BINS // (t_max - t_min + 1)] += 1
    return SimpleNamespace(
        t_first=times[0],
        t_last=times[-1],
        t_min=t_min,
        t_max=t_max,
        sorted=int(times == sorted(times)),
        n_on=int(p.sum()),
        x_min=int(x.min()),
        x_max=int(x.max()),
        y_min=int(y.min()),
        y_max=int(y.max()),
        raw=columns,
        bins=bins,
        column_crc=[zlib.crc32(one) for one in columns],
    )
