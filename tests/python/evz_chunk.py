"""A chunk: its head, its events, its further columns."""

import bisect
import hashlib
import zlib
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

import evz_pco
from evz_fast import Fast
from evz_index import COLUMN_TYPES, MAX_CHUNK_EVENTS, SORTED
from evz_small import Small
from evz_wire import Table, check_crc, check_zeros, require, round_up, take, wrap_i64

CHUNK_HEAD = Table(
    "n_events:I codec:H flags:H stream:H n_columns:H toc_len:I t_first:q t_min:q"
    " t_max:q t_divisor:Q payload_len:I n_on:I x_min:H x_max:H y_min:H y_max:H"
    " column_bytes:3I column_crc:4I head_crc:I"
)
COLUMN_SECTION = Table("codec:H reserved:H len:I crc:I values_crc:I")
HEAD_CRC_AT = 92

# Turn a payload into pieces of EVENTS events that are decoded one by one: `starts` has k of the
# first event of each, `decode(i)` makes k, x, y, p.
CODECS = {1: Fast, 2: Small}


def raw_values(section, n, kind, what):
    require(len(section) == n * kind.itemsize, f"{what}: a section of {len(section)} bytes")
    require(kind != np.dtype("?") or not bytes(section).strip(b"\0\1"), f"{what}: a bool above 1")
    return np.frombuffer(section, kind)


# Codecs of further columns: (section, number of values, numpy's type) makes an array.
COLUMN_CODECS = {0: raw_values, 16: evz_pco.decode}

KINDS = ("<i8", "<u2", "<u2", "u1")


class Events(NamedTuple):
    """Events in columns: t int64 in ticks of the file, x and y uint16, p uint8."""

    t: np.ndarray
    x: np.ndarray
    y: np.ndarray
    p: np.ndarray

    def where(self, chosen):
        return Events(*(column[chosen] for column in self))

    def columns(self):
        """The bytes of each column."""
        return [np.ascontiguousarray(one, kind).tobytes() for one, kind in zip(self, KINDS)]

    def sha256(self):
        return hashlib.sha256(b"".join(self.columns())).hexdigest()


def join(batches):
    empty = Events(*(np.zeros(0, kind) for kind in KINDS))
    return Events(*(np.concatenate(columns) for columns in zip(empty, *batches)))


class Chunk:
    """The body of a chunk; head, table and table of contents are checked."""

    def __init__(self, body, what):
        self.what, self.body, self.coded = what, body, None
        self.head = head = CHUNK_HEAD.read(body, 0, what)
        at = CHUNK_HEAD.size
        size = round_up(head.n_columns * COLUMN_SECTION.size, 64)
        table = take(body, at, size, f"{what}: table of columns")
        self.payload = take(body, at + size, head.payload_len, f"{what}: payload")
        require(head.toc_len <= head.payload_len, f"{what}: table of contents behind the end")
        check_crc(
            [body[:HEAD_CRC_AT], table, self.payload[: head.toc_len]], head.head_crc, f"{what}: head"
        )
        self.check_head()
        self.read_table(table, at + size + head.payload_len)

    def check_head(self):
        head, what = self.head, self.what
        require(1 <= head.n_events <= MAX_CHUNK_EVENTS, f"{what}: {head.n_events} events")
        require(head.codec != 0, f"{what}: codec 0")
        require(head.flags <= SORTED, f"{what}: flags {head.flags:#x}")
        require(head.t_min <= head.t_first <= head.t_max, f"{what}: t_first outside its times")
        require(not head.flags or head.t_min == head.t_first, f"{what}: is not sorted")
        require(head.t_divisor >= 1, f"{what}: t_divisor is 0")

    def read_table(self, table, at):
        self.sections = []
        for i in range(self.head.n_columns):
            section = COLUMN_SECTION.read(table, i * COLUMN_SECTION.size, self.what)
            require(section.reserved == 0, f"{self.what}: a reserved byte is not 0")
            section.raw = take(self.body, at, section.len, f"{self.what}: section {i}")
            at += section.len
            self.sections.append(section)
        check_zeros(table[self.head.n_columns * COLUMN_SECTION.size :], f"{self.what}: padding")
        require(at == len(self.body), f"{self.what}: the parts end at {at} of {len(self.body)} bytes")

    def check_entry(self, entry):
        """Entry and head, entry and body."""
        for name in "head_crc n_events t_min t_max t_first t_divisor codec flags toc_len".split():
            require(
                getattr(self.head, name) == getattr(entry, name), f"{self.what}: {name} not as indexed"
            )
        require(
            [section.len for section in self.sections] == entry.column_lens,
            f"{self.what}: sections not as indexed",
        )
        require(len(self.body) == entry.body_len, f"{self.what}: body_len not as indexed")

    def pieces(self):
        if self.coded:
            return self.coded
        head = self.head
        require(head.codec in CODECS, f"{self.what}: codec {head.codec} is not known")
        pieces = CODECS[head.codec](head, self.payload, self.what)
        require(pieces.starts[0] == 0, f"{self.what}: the first k is not 0")
        pieces.times = [wrap_i64(head.t_first + k * head.t_divisor) for k in pieces.starts]
        if head.flags & SORTED:
            require(pieces.times == sorted(pieces.times), f"{self.what}: entry points decrease")
        self.coded = pieces
        return pieces

    def window(self, a=None, b=None, first=None, end=None):
        """Events with a <= t < b, and first <= number < end as counted in the chunk; None is open.

        Makes their numbers, and the events.
        """
        pieces, n = self.pieces(), self.head.n_events
        size, count = pieces.EVENTS, len(pieces.starts)
        first, end = max(first or 0, 0), n if end is None else min(end, n)
        low, high = first // size, -(-end // size)
        if self.head.flags & SORTED:
            # The piece before the first one that starts at or after `a` can hold events from `a` on.
            if a is not None:
                low = max(low, bisect.bisect_left(pieces.times, a) - 1)
            if b is not None:
                high = min(high, bisect.bisect_left(pieces.times, b))
        events = join([self.piece(pieces, i) for i in range(low, high)])
        if (low, high) == (0, count):
            self.check_all(events)
        numbers = np.arange(low * size, low * size + len(events.t))
        chosen = (numbers >= first) & (numbers < end)
        if a is not None:
            chosen &= events.t >= a
        if b is not None:
            chosen &= events.t < b
        return numbers[chosen], events.where(chosen)

    def piece(self, pieces, i):
        head, what = self.head, f"{self.what}, piece {i}"
        k, x, y, p = pieces.decode(i)
        t = (np.uint64(head.t_first % 2**64) + k * np.uint64(head.t_divisor)).view(np.int64)
        require(head.t_min <= t.min() and t.max() <= head.t_max, f"{what}: a time outside the chunk's")
        if head.flags & SORTED:
            require(is_sorted(t), f"{what}: is not sorted")
            require(
                i + 1 == len(pieces.times) or t[-1] <= pieces.times[i + 1],
                f"{what}: ends behind the start of the next one",
            )
        return Events(t, x, y, p)

    def check_all(self, events):
        """What the head says of all events, if all are decoded."""
        head = self.head
        found = (events.t[0], events.t.min(), events.t.max(), is_sorted(events.t))
        require(
            found == (head.t_first, head.t_min, head.t_max, bool(head.flags & SORTED)),
            f"{self.what}: times not as the head says",
        )
        crcs = [zlib.crc32(raw) for raw in events.columns()]
        require(crcs == head.column_crc, f"{self.what}: column_crc not as the head says")

    def column(self, i, kind):
        """All values of a further column."""
        section, what = self.sections[i], f"{self.what}, column {i}"
        check_crc([section.raw], section.crc, what)
        require(section.codec in COLUMN_CODECS, f"{what}: codec {section.codec} is not known")
        kind = np.dtype(COLUMN_TYPES[kind])
        values = COLUMN_CODECS[section.codec](section.raw, self.head.n_events, kind, what)
        raw = values.tobytes()
        check_crc([raw], section.values_crc, f"{what}: values")
        return values

    def facts(self):
        """What a checker counts: everything of the events."""
        _, events = self.window()
        return SimpleNamespace(
            events=events,
            n_on=int(events.p.sum()),
            t_last=int(events.t[-1]),
            x_min=int(events.x.min()),
            x_max=int(events.x.max()),
            y_min=int(events.y.min()),
            y_max=int(events.y.max()),
        )


def is_sorted(t):
    return bool(np.all(t[1:] >= t[:-1]))
