"""The simplest writer of codec 2, for payloads that the command does not write.

Both axes are direct, x first, with one table each in the whole chunk. Coordinates are below 256,
steps of time below 64; polarities are told by cells or by the event before.
"""

import struct
import zlib

import numpy as np

from evz_rans import LANES
from evz_small import BY_EVENT_BEFORE, CONTEXTS, GROUP, RAW_POLARITIES, SEGMENT, SWAP
from evz_small_polarity import ByCells, ByEventBefore
from evz_small_tables import frequencies, level_of
from evz_wire import round_up

N_COLUMN, N_POLARITY = 12, 10


def write_payload(k, x, y, p, by_event_before):
    """The table of contents, and all of the payload."""
    steps = [np.diff(part, prepend=part[0]) for part in split(k)]
    columns = [Column(np.concatenate(steps), 64), Column(x, 256), Column(y, 256)]
    on = 1 + (np.arange(CONTEXTS) * 21 + 300) % 1023
    entries, streams = b"", []
    for i, (t_steps, xs, ys, ps) in enumerate(zip(steps, split(x), split(y), split(p))):
        by = ByEventBefore() if by_event_before else ByCells(int(x.max()))
        pair = [write_t(columns[0], t_steps), write_places(columns[1:], on, by, xs, ys, ps)]
        entries += struct.pack("<q2I2H3HH", k[i * SEGMENT], *map(zlib.crc32, pair),
                               *(len(stream) // 4 for stream in pair), 0, 0, 0, 0)
        streams += pair
    bits = "".join(f"{one:010b}"[::-1] for one in on) + "".join(column.bits() for column in columns)
    bits = int(bits[::-1], 2).to_bytes(-(-len(bits) // 8), "little")
    # Span 31: one epoch. Direct in context nothing; 256 symbols; base 0.
    modes = struct.pack("<BBBBBBH", 0, 0, 0, 0, 255, 31, 0)
    flags = SWAP | 31 << 2 | by_event_before * BY_EVENT_BEFORE
    toc = entries + struct.pack("<BBH", flags, 63, x.max()) + 2 * modes
    toc = padded(toc + struct.pack("<I", len(bits)) + bits)
    return toc, toc + b"".join(streams)


def split(column):
    return [column[i:i + SEGMENT] for i in range(0, len(column), SEGMENT)]


def padded(raw):
    return raw.ljust(round_up(len(raw), 4), b"\0")


class Column:
    """The only table of a column, from the counts of its symbols."""

    def __init__(self, symbols, n_symbols):
        self.levels = level_of(np.bincount(symbols, minlength=n_symbols))
        self.frequency = frequencies(self.levels[None], N_COLUMN)[0]
        self.start = np.cumsum(self.frequency) - self.frequency

    def bits(self):
        differences = np.diff(self.levels, prepend=0).tolist()
        return "".join(gamma((d << 1 ^ d >> 63) + 1) for d in differences)

    def steps(self, symbols):
        return [(i % LANES, self.frequency[s], self.start[s], N_COLUMN)
                for i, s in enumerate(symbols.tolist())]


def gamma(number):
    below = number.bit_length() - 1
    return "0" * below + "1" + "".join(str(number >> i & 1) for i in range(below))


def write_t(column, symbols):
    return write_stream(column.steps(symbols), np.zeros(min(len(symbols), LANES), int))


def write_places(columns, on, by, x, y, p):
    n_coded = len(p) - min(len(p), RAW_POLARITIES)
    steps = []
    for at in range(0, len(p), GROUP):
        group, coded = slice(at, at + GROUP), slice(at, min(at + GROUP, max(n_coded, at)))
        steps += columns[0].steps(x[group]) + columns[1].steps(y[group])
        # The reader's contexts are asked for by a decoder that knows the polarities already.
        known = KnownPolarities(by, p[coded])
        by.decode(known, None, x[coded], y[coded])
        for i, (symbol, context) in enumerate(zip(known.symbols, known.contexts)):
            one = int(on[context])
            steps.append((i % LANES, *((one, 0) if symbol else (1024 - one, one)), N_POLARITY))
    ends = np.zeros(min(len(p), LANES), int)
    for j, polarity in enumerate(p[n_coded:].tolist()):
        ends[j % LANES] |= polarity << j // LANES
    return write_stream(steps, ends)


class KnownPolarities:
    """Stands in for lanes: hands out what is to be written, and keeps the contexts."""

    def __init__(self, by, p):
        self.by, self.p = by, p.astype(int)
        self.symbols, self.contexts = [], []

    def step(self, _, contexts):
        """By cells: the symbol is the polarity."""
        at = len(self.contexts)
        return self.told(self.p[at:at + len(contexts)], contexts)

    def decode(self, _, contexts):
        """By the event before: the symbol is whether the polarity changes."""
        return self.told(np.diff(self.p, prepend=self.by.p_before) & 1, contexts)

    def told(self, symbols, contexts):
        self.symbols += symbols.tolist()
        self.contexts += contexts.tolist()
        return 1 - symbols


def write_stream(steps, ends):
    """rANS, from the last symbol to the first. `ends` are the lower halves of the last states."""
    states, words = [1 << 16 | int(end) for end in ends], []
    for lane, frequency, start, n in reversed(steps):
        state = states[lane]
        if state >= int(frequency) << 32 - n:
            words.append(state & 0xFFFF)
            state >>= 16
        states[lane] = (state // int(frequency) << n) + int(start) + state % int(frequency)
    return padded(struct.pack(f"<{len(states)}I", *states)
                  + struct.pack(f"<{len(words)}H", *reversed(words)))
