"""How symbols and raw bits of codec 2 become numbers, and numbers the values of an axis."""

import numpy as np

from evz_fast import FAST_MINI, Parts, read_plane
from evz_wire import require, round_up, unzigzag

DIRECT, DELTA, XOR, MIXED = range(4)
NO_CONTEXT, TIME, SAME, FIRST = range(4)
WIDE_SYMBOL = 255


def bucket(symbols, d, b):
    """Of symbols of a bucket code: how many raw bits follow, and the least number."""
    r = symbols - (1 << d)
    direct = r < 0
    widths = np.where(direct, 0, d + (r >> b) - b)
    starts = np.where(direct, symbols, ((1 << b) + r % (1 << b)) << widths)
    return widths, starts.astype(np.uint64)


class RawBits:
    """Bits that follow each other in the order of events, from the lowest on."""

    def __init__(self, raw, what):
        # Zeros for the reads of 9 bytes at the end.
        self.bytes = np.frombuffer(bytes(raw) + bytes(9), np.uint8).astype(np.uint64)
        self.n_bits, self.at, self.what = 8 * len(raw), 0, what

    def take(self, widths):
        """The next number of each width, 0 to 64, as uint64."""
        ends = self.at + np.cumsum(widths)
        starts = ends - widths
        self.at = int(ends[-1])
        require(self.at <= self.n_bits, f"{self.what}: the raw bits end too early")
        first, shifts = starts // 8, (starts % 8).astype(np.uint64)
        numbers = np.zeros(len(widths), np.uint64)
        for i in range(8):
            numbers |= self.bytes[first + i] << np.uint64(8 * i)
        # In two steps, as no shift may be by 64.
        ninth = (self.bytes[first + 8] << np.uint64(1)) << (np.uint64(63) - shifts)
        masks = ((np.uint64(1) << (widths // 2).astype(np.uint64))
                 << ((widths + 1) // 2).astype(np.uint64)) - np.uint64(1)
        return (numbers >> shifts | ninth) & masks

    def check_end(self):
        """The bits have to fill their bytes, an even number."""
        require(round_up(self.at, 16) == self.n_bits,
                f"{self.what}: {self.n_bits} raw bits, but the symbols make {self.at}")
        rest = np.unpackbits(self.bytes.astype(np.uint8), bitorder="little")[self.at:]
        require(not rest.any(), f"{self.what}: padding of raw bits is not 0")


def read_t(symbols, stream_raw, last_halves, what):
    """The numbers of t. `last_halves` are the lower halves of the states in which the lanes end."""
    widths, starts = bucket(symbols, 6, 2)
    wide = symbols == WIDE_SYMBOL
    widths[wide], starts[wide] = 64, 0
    size = round_up(int(widths.sum()), 16) // 8
    in_states = min(size, 2 * len(last_halves))
    require(len(stream_raw) == size - in_states,
            f"{what}: {len(stream_raw)} raw bytes, expected {size - in_states}")
    halves = last_halves.astype("<u2").tobytes()
    require(not any(halves[in_states:]), f"{what}: halves of states behind the raw bytes")
    raw = RawBits(bytes(stream_raw) + halves[:in_states], what)
    numbers = starts + raw.take(widths)
    raw.check_end()
    return numbers


class Axis:
    """Makes the values of an axis, a group of events after the other; all is modulo 2^16."""

    def __init__(self, modes, raw, n_events, what):
        self.modes, self.what = modes, what
        self.before = 0
        if modes.mode == DIRECT:
            n_planes = -(-n_events // FAST_MINI)
            size = 32 * modes.shift * n_planes
            require(len(raw) == size, f"{what}: {len(raw)} raw bytes, expected {size}")
            parts = Parts(raw, what)
            self.planes = np.concatenate([read_plane(parts, modes.shift) for _ in range(n_planes)])
        else:
            self.raw = RawBits(raw, what)

    def values(self, symbols, tables):
        if self.modes.mode == DIRECT:
            raw, self.planes = self.planes[:len(symbols)], self.planes[len(symbols):]
            values = self.direct(symbols, raw)
        elif self.modes.mode == MIXED:
            values = self.mixed(symbols, tables == 0)
        else:
            widths, starts = bucket(symbols, 6, 4)
            numbers = (starts + self.raw.take(widths)).astype(np.int64)
            if self.modes.mode == DELTA:
                values = np.cumsum(unzigzag(numbers)) + self.before
            else:
                values = np.bitwise_xor.accumulate(numbers) ^ self.before
        values %= 1 << 16
        self.before = values[-1]
        return values

    def direct(self, symbols, raw):
        return self.modes.base + (symbols << self.modes.shift | raw.astype(np.int64))

    def mixed(self, symbols, is_delta):
        widths, starts = bucket(symbols, 6, 4)
        raw = self.raw.take(np.where(is_delta, widths, self.modes.shift))
        steps = np.where(is_delta, unzigzag((starts + raw).astype(np.int64)), 0)
        direct = np.append(self.before, self.direct(symbols, raw))
        # Deltas go on from the last direct value, or from the end of the group before.
        last = np.maximum.accumulate(np.where(is_delta, 0, np.arange(1, len(symbols) + 1)))
        sums = np.cumsum(np.append(0, steps))
        return direct[last] + sums[1:] - sums[last]

    def check_end(self):
        if self.modes.mode != DIRECT:
            self.raw.check_end()
