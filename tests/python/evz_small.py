"""Codec 2, `small`: context-coded rANS in segments of 8192 events."""

from functools import lru_cache

import numpy as np

from evz_rans import LANES, Lanes, Model
from evz_small_polarity import CONTEXTS, ByCells, ByEventBefore
from evz_small_tables import Bits, frequencies, read_levels
from evz_small_values import DIRECT, FIRST, MIXED, NO_CONTEXT, SAME, TIME, Axis, read_t
from evz_wire import Table, check_crc, check_zeros, require, round_up, take, unzigzag

SEGMENT = 8192
GROUP = 1024
# Polarities at the end of a segment that stand in the lower halves of the states.
RAW_POLARITIES = 512
MAX_TABLES = 256

SEGMENT_ENTRY = Table("t_first:q crc:2I units:2H raw_len:3H reserved:H")
HEAD = Table("flags:B t_symbols:B x_max:H first:8s second:8s bits_len:I")
MODES = Table("tag:B shift:B given_shift:B given_values:B symbols:B span:B base:H")

SWAP = 1
ZIGZAG = 2
BY_EVENT_BEFORE = 128


class Small:
    """The segments of a payload; `starts` has k of the first event of each."""

    EVENTS = SEGMENT

    def __init__(self, head, payload, what):
        self.what, self.n_events = what, head.n_events
        self.spent = {}
        n_segments = -(-head.n_events // SEGMENT)
        toc = payload[:head.toc_len]
        self.entries = [SEGMENT_ENTRY.read(toc, i * SEGMENT_ENTRY.size, what)
                        for i in range(n_segments)]
        self.starts = [entry.t_first for entry in self.entries]
        require(head.toc_len % 4 == 0, f"{what}: toc_len {head.toc_len}")
        require(all(entry.reserved == 0 for entry in self.entries), f"{what}: reserved bytes are not 0")
        self.split_streams(payload, head.toc_len)

        at = n_segments * SEGMENT_ENTRY.size
        self.head = HEAD.read(toc, at, what)
        self.first = read_modes(self.head.first, f"{what}, first axis")
        self.second = read_modes(self.head.second, f"{what}, second axis")
        check_modes(self.first, self.second, what)
        self.read_tables(toc, at + HEAD.size, n_segments)

    def split_streams(self, payload, at):
        """The streams of t, and of both axes and p, of every segment."""
        self.streams = []
        for entry in self.entries:
            for units in entry.units:
                self.streams.append(take(payload, at, 4 * units, self.what))
                at += 4 * units
        require(at == len(payload), f"{self.what}: the streams end at {at} of {len(payload)} bytes")

    def read_tables(self, toc, at, n_segments):
        bits = Bits(take(toc, at, self.head.bits_len, self.what), self.what)
        at += self.head.bits_len

        @lru_cache
        def cells():
            states = np.frombuffer(take(toc, at, 4 * LANES, self.what), "<u4")
            rest = toc[at + 4 * LANES:]
            return Lanes(states, np.frombuffer(rest[:len(rest) // 2 * 2], "<u2"), self.what)

        on = np.array([bits.take(10) for _ in range(CONTEXTS)])
        require(np.all(on > 0), f"{self.what}: a polarity of frequency 0")
        # Symbol 1 comes first.
        self.polarity = Model(np.stack([on, 1024 - on], axis=1), 10)
        self.t = Column(bits, cells, n_segments, self.head.flags >> 2 & 31, 1,
                        self.head.t_symbols + 1)
        self.axes = [Column(bits, cells, n_segments, modes.span, modes.n_tables, modes.n_symbols)
                     for modes in (self.first, self.second)]
        require(not np.any(self.t.levels[..., 252:255]), f"{self.what}: t has symbols 252 to 254")
        bits.check_end()
        if cells.cache_info().currsize:
            cells().check_states()
            at += 4 * LANES + 2 * cells().at
        require(len(toc) == round_up(at, 4), f"{self.what}: bytes behind the tables")
        check_zeros(toc[at:], f"{self.what}: padding of the tables")

    def decode(self, i):
        """The columns k (uint64), x, y, p of segment i."""
        what, entry = f"{self.what}, segment {i}", self.entries[i]
        n = min(SEGMENT, self.n_events - i * SEGMENT)
        of_t, of_places = self.streams[2 * i:2 * i + 2]
        for stream, crc in zip((of_t, of_places), entry.crc):
            check_crc([stream], crc, what)

        k, t_symbols = self.decode_t(i, of_t, n, what)
        first, second, p = self.decode_places(i, of_places, n, t_symbols, what)
        x, y = (first, second) if self.head.flags & SWAP else (second, first)
        return k, x.astype(np.uint16), y.astype(np.uint16), p

    def decode_t(self, i, stream, n, what):
        raw_len = self.entries[i].raw_len[0]
        lanes, raw = open_stream(stream, n, raw_len, what)
        symbols = lanes.decode(self.t.model(i), np.zeros(n, np.int64))
        lanes.check_end()
        numbers = read_t(symbols, raw, lanes.states % (1 << 16), what)
        require(numbers[0] == 0, f"{what}: the first difference of t is not 0")
        steps = unzigzag(numbers) if self.head.flags & ZIGZAG else numbers
        return np.cumsum(steps, dtype=np.uint64) + np.uint64(self.starts[i] % 2**64), symbols

    def decode_places(self, i, stream, n, t_symbols, what):
        _, first_raw, second_raw = self.entries[i].raw_len
        lanes, raw = open_stream(stream, n, first_raw + second_raw, what)
        first_axis = Axis(self.first, raw[:first_raw], n, f"{what}, first axis")
        second_axis = Axis(self.second, raw[first_raw:], n, f"{what}, second axis")
        first_model, second_model = (column.model(i) for column in self.axes)
        by = ByEventBefore() if self.head.flags & BY_EVENT_BEFORE else ByCells(self.head.x_max)

        n_coded = n - min(n, RAW_POLARITIES)
        groups, first_before, spent = [], None, [first_raw, second_raw]
        for at in range(0, n, GROUP):
            times = t_symbols[at:at + GROUP]
            tables = tables_of(self.first, times)
            before = lanes.at
            first = first_axis.values(lanes.decode(first_model, tables), tables)
            spent[0] += 2 * (lanes.at - before)
            tables = tables_of(self.second, times, first, first_before, self.first.base)
            before = lanes.at
            second = second_axis.values(lanes.decode(second_model, tables), tables)
            spent[1] += 2 * (lanes.at - before)
            first_before = first[-1]

            coded = slice(0, max(n_coded - at, 0))
            x, y = (first, second) if self.head.flags & SWAP else (second, first)
            p = by.decode(lanes, self.polarity, x[coded], y[coded])
            groups.append((first, second, p))
        lanes.check_end()
        first_axis.check_end()
        second_axis.check_end()
        self.spent[i] = (*spent, len(stream) - sum(spent))

        first, second, p = (np.concatenate(columns) for columns in zip(*groups))
        j = np.arange(n - n_coded)
        rest = lanes.states[j % LANES] >> j // LANES & 1
        used = -(-(n - n_coded - np.arange(len(lanes.states))) // LANES)
        require(not np.any(lanes.states % (1 << 16) >> used), f"{what}: bits behind the polarities")
        return first, second, np.append(p, rest.astype(np.uint8))

    def column_bytes(self):
        """Raw bits and words of x, those of y; of p the rest of their streams."""
        for i in range(len(self.starts)):
            if i not in self.spent:
                self.decode(i)
        first, second, p = (sum(parts) for parts in zip(*self.spent.values()))
        return [first, second, p] if self.head.flags & SWAP else [second, first, p]


def read_modes(raw, what):
    """The modes of an axis, with the number of its tables in an epoch."""
    modes = MODES.read(raw, 0, what)
    modes.mode, modes.context = modes.tag & 15, modes.tag >> 4
    modes.n_given = modes.given_values + 1
    modes.n_symbols = modes.symbols + 1
    require(modes.mode <= MIXED and modes.context <= FIRST, f"{what}: tag {modes.tag:#x}")
    require(modes.shift <= 8, f"{what}: shift {modes.shift}")
    require(modes.given_shift <= 16, f"{what}: given_shift {modes.given_shift}")
    require(modes.span <= 31, f"{what}: span {modes.span}")
    require(modes.mode == DIRECT or modes.n_symbols <= 224, f"{what}: {modes.n_symbols} symbols")
    modes.n_tables = {NO_CONTEXT: 1, TIME: 16, SAME: 2, FIRST: modes.n_given}[modes.context]
    modes.n_tables += modes.mode == MIXED
    require(modes.n_tables <= MAX_TABLES, f"{what}: {modes.n_tables} tables")
    return modes


def check_modes(first, second, what):
    require(first.mode != MIXED, f"{what}: the first axis is mixed")
    require(first.context <= TIME, f"{what}: the first axis has context {first.context}")
    require(second.mode != MIXED or second.context == FIRST,
            f"{what}: mixed in context {second.context}")


class Column:
    """The tables of a column in all epochs."""

    def __init__(self, bits, cells, n_segments, span, n_tables, n_symbols):
        self.span = span
        n_epochs = -(-n_segments // (1 << span))
        self.levels = read_levels(bits, cells, n_epochs, n_tables, n_symbols)
        self.models = {}

    def model(self, segment):
        """The tables of the segment's epoch."""
        epoch = segment >> self.span
        if epoch not in self.models:
            n = 12 if self.levels.shape[1] == 1 else 10
            self.models[epoch] = Model(frequencies(self.levels[epoch], n), n)
        return self.models[epoch]


def open_stream(stream, n, raw_len, what):
    """The lanes of a stream of n events, ready for its words, and the raw bytes in it."""
    n_states = min(n, LANES)
    states = np.frombuffer(take(stream, 0, 4 * n_states, what), "<u4")
    raw = take(stream, 4 * n_states, raw_len, what)
    words = stream[4 * n_states + raw_len:]
    return Lanes(states, np.frombuffer(words[:len(words) // 2 * 2], "<u2"), what), raw


def tables_of(modes, t_symbols, first=None, first_before=None, first_base=0):
    """Which table each event of a group has; the second axis knows the first one's values."""
    if modes.context == NO_CONTEXT:
        return np.zeros(len(t_symbols), np.int64)
    if modes.context == TIME:
        return np.minimum(t_symbols, 15)
    # The first event of a segment counts as different.
    same = np.diff(first, prepend=first[0] + 1 if first_before is None else first_before) == 0
    if modes.context == SAME:
        return same.astype(np.int64)
    given = np.minimum((first - first_base) % (1 << 16) >> modes.given_shift, modes.n_given - 1)
    return np.where(same, 0, given + 1) if modes.mode == MIXED else given
