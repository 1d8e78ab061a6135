"""Codec 16 of further columns: what pco writes in its standalone format."""

import struct

import numpy as np

from evz_wire import require

TYPES = {
    1: "<u4",
    2: "<u8",
    3: "<i4",
    4: "<i8",
    5: "<f4",
    6: "<f8",
    7: "<u2",
    8: "<i2",
    10: "<u1",
    11: "<i1",
}
PLAIN, INT_MULTIPLE, FLOAT_MULTIPLE, QUANTUM, DICTIONARY = range(5)
NO_DELTA, DIFFERENCES, LOOKBACK = range(3)
BATCH = 256
LEAST_CHUNK = 1024
MAX_SIZE_LOG = 14
MAX_WINDOW_LOG = 15


class Bits:
    """Takes numbers of some bits, from the lowest bit of the first byte on."""

    def __init__(self, raw, what):
        self.raw, self.n_bits, self.at, self.what = bytes(raw), 8 * len(raw), 0, what

    def take(self, n):
        end = self.at + n
        require(end <= self.n_bits, f"{self.what}: the bits end too early")
        number = int.from_bytes(self.raw[self.at // 8 : -(-end // 8)], "little")
        number = number >> self.at % 8 & (1 << n) - 1
        self.at = end
        return number

    def align(self):
        require(self.take(-self.at % 8) == 0, f"{self.what}: skipped bits are not 0")


def decode(section, n_values, kind, what="section"):
    """The values of a section, of numpy's type `kind`."""
    stored = np.dtype("u1") if kind == np.dtype("?") else np.dtype(kind)
    bits = Bits(section, what)
    require(bits.take(32) == int.from_bytes(b"pco!", "little"), f"{what}: not of pco")
    require(bits.take(8) == 3, f"{what}: another frame version")
    common = bits.take(8)
    n_told = bits.take(bits.take(6) + 1)
    require(n_told == n_values, f"{what}: told of {n_told} values, expected {n_values}")
    bits.align()
    version = (bits.take(8), bits.take(8))
    require(version in ((4, 0), (4, 1)), f"{what}: format version {version}")

    parts, left, latest = [], n_values, LEAST_CHUNK
    while number := bits.take(8):
        require(latest >= LEAST_CHUNK, f"{what}: a short chunk that is not the last")
        require(number == (common or number), f"{what}: chunks of types {common} and {number}")
        require(TYPES.get(number) == stored.str.replace("|", "<"), f"{what}: values of type {number}")
        latest = bits.take(24) + 1
        require(latest <= left, f"{what}: more than {n_values} values")
        left -= latest
        parts.append(values_of(Chunk(bits, latest, stored).ordered(), stored))
    require(
        common == 0 or TYPES.get(common) == stored.str.replace("|", "<"),
        f"{what}: values of type {common}",
    )
    require(left == 0, f"{what}: {n_values - left} values")
    require(bits.at == bits.n_bits, f"{what}: bytes behind the end")
    values = np.concatenate(parts)
    if kind == np.dtype("?"):
        require(not np.any(values > 1), f"{what}: a bool above 1")
        values = values.view("?")
    return values


def values_of(ordered, kind):
    """The inverse of the ordered number of a value."""
    n_bits = 8 * kind.itemsize
    middle = 1 << n_bits - 1
    if kind.kind == "i":
        ordered = [one ^ middle for one in ordered]
    elif kind.kind == "f":
        ordered = [one ^ middle if one & middle else one ^ (1 << n_bits) - 1 for one in ordered]
    return np.array(ordered, f"<u{kind.itemsize}").view(kind)


class Chunk:
    def __init__(self, bits, n, kind):
        self.bits, self.n, self.kind, self.what = bits, n, kind, bits.what
        self.n_bits = 8 * kind.itemsize
        self.mask = (1 << self.n_bits) - 1
        self.read_mode()
        self.read_delta()
        self.sequences = self.read_sequences()
        bits.align()
        for sequence in self.sequences:
            sequence.read_start()
        bits.align()
        for first in range(0, n, BATCH):
            for sequence in self.sequences:
                sequence.read_batch(first)
        bits.align()

    def read_mode(self):
        bits, what = self.bits, self.what
        self.mode = bits.take(4)
        require(self.mode <= DICTIONARY, f"{what}: mode {self.mode}")
        is_float = self.kind.kind == "f"
        if self.mode == INT_MULTIPLE:
            self.base = bits.take(self.n_bits)
            require(not is_float and self.base, f"{what}: mode 1 with base {self.base}")
        elif self.mode == FLOAT_MULTIPLE:
            require(is_float, f"{what}: mode 2 of integers")
            self.base = values_of([bits.take(self.n_bits)], self.kind)[0]
            require(np.isfinite(self.base) and self.base != 0, f"{what}: base {self.base}")
        elif self.mode == QUANTUM:
            self.quantum = bits.take(8)
            most = {4: 23, 8: 52}.get(self.kind.itemsize)
            require(is_float and 1 <= self.quantum <= most, f"{what}: quantum {self.quantum}")
        elif self.mode == DICTIONARY:
            n = bits.take(25)
            require(n <= self.n, f"{what}: a dictionary of {n} entries")
            bits.align()
            self.entries = [bits.take(self.n_bits) for _ in range(n)]

    def read_delta(self):
        bits, what = self.bits, self.what
        self.delta, self.both, self.kept = bits.take(4), 0, 0
        require(self.delta <= LOOKBACK, f"{what}: delta {self.delta}")
        if self.delta == DIFFERENCES:
            self.kept, self.both = bits.take(3), bits.take(1)
            require(self.kept >= 1, f"{what}: differences of order 0")
        elif self.delta == LOOKBACK:
            window, state, self.both = bits.take(5) + 1, bits.take(4), bits.take(1)
            require(window <= MAX_WINDOW_LOG, f"{what}: a window of 2^{window}")
            require(state <= window, f"{what}: 2^{state} latents of a window of 2^{window}")
            self.window, self.kept = 1 << window, 1 << state

    def read_sequences(self):
        """Of lookbacks, primary, secondary, as far as there are."""
        coded, found = max(self.n - self.kept, 0), []
        if self.delta == LOOKBACK:
            found.append(Sequence(self.bits, 32, 0, coded, least=1))
        found.append(
            Sequence(self.bits, 32 if self.mode == DICTIONARY else self.n_bits, self.kept, coded)
        )
        if self.mode in (INT_MULTIPLE, FLOAT_MULTIPLE, QUANTUM):
            kept = self.kept if self.both else 0
            found.append(Sequence(self.bits, self.n_bits, kept, max(self.n - kept, 0)))
        return found

    def ordered(self):
        sequences = list(self.sequences)
        lookbacks = sequences.pop(0).latents if self.delta == LOOKBACK else None
        primary = self.whole(sequences[0], lookbacks)
        secondary = None
        if len(sequences) > 1:
            secondary = self.whole(sequences[1], lookbacks) if self.both else sequences[1].latents
        if self.mode == INT_MULTIPLE:
            return [a * self.base + c & self.mask for a, c in zip(primary, secondary)]
        if self.mode == FLOAT_MULTIPLE:
            return self.float_multiples(primary, secondary)
        if self.mode == QUANTUM:
            return [self.of_quantum(a, c) for a, c in zip(primary, secondary)]
        if self.mode == DICTIONARY:
            require(max(primary) < len(self.entries), f"{self.what}: no entry {max(primary)}")
            return [self.entries[a] for a in primary]
        return primary

    def whole(self, sequence, lookbacks):
        """A sequence with its delta encoding undone."""
        if self.delta == NO_DELTA:
            return sequence.latents
        mask, middle = sequence.mask, sequence.mask // 2 + 1
        found = [d - middle & mask for d in sequence.latents]
        if self.delta == DIFFERENCES:
            for kept in reversed(sequence.kept):
                sums = [kept]
                for one in found:
                    sums.append(sums[-1] + one & mask)
                found = sums
            return found[: self.n]
        latents = list(sequence.kept)
        for one, lookback in zip(found, lookbacks, strict=True):
            require(1 <= lookback <= self.window, f"{self.what}: a lookback of {lookback}")
            before = latents[-lookback] if lookback <= len(latents) else 0
            latents.append(one + before & mask)
        return latents[: self.n]

    def float_multiples(self, primary, secondary):
        unsigned = f"<u{self.kind.itemsize}"
        floats = np.array([self.float_bits(a) for a in primary], unsigned).view(self.kind)
        with np.errstate(all="ignore"):
            products = (floats * self.base).astype(self.kind).view(unsigned).tolist()
        middle = 1 << self.n_bits - 1
        ordered = [one ^ self.mask if one & middle else one ^ middle for one in products]
        return [one + c - middle & self.mask for one, c in zip(ordered, secondary)]

    def float_bits(self, a):
        middle = 1 << self.n_bits - 1
        h, sign = (a - middle, 0) if a >= middle else (middle - 1 - a, middle)
        precise = 1 << (24 if self.kind.itemsize == 4 else 53)
        bits = bits_of(min(h, precise), self.kind) + max(h - precise, 0)
        return bits & middle - 1 | sign

    def of_quantum(self, a, c):
        a <<= self.quantum
        if a & self.mask < 1 << self.n_bits - 1:
            c = (1 << self.quantum) - 1 - c
        return a + c & self.mask


def bits_of(number, kind):
    codes = ("<f", "<I") if kind.itemsize == 4 else ("<d", "<Q")
    return struct.unpack(codes[1], struct.pack(codes[0], number))[0]


class Sequence:
    """Latents: `n_kept` are stored as they are, `n_coded` by bins."""

    def __init__(self, bits, width, n_kept, n_coded, least=0):
        self.bits, self.width, self.n_kept, self.n_coded = bits, width, n_kept, n_coded
        self.mask, self.what = (1 << width) - 1, bits.what
        self.latents = []
        self.size_log = bits.take(4)
        require(self.size_log <= MAX_SIZE_LOG, f"{self.what}: size_log {self.size_log}")
        self.bins = [self.read_bin(least) for _ in range(bits.take(15))]
        weights = sum(weight for weight, _, _ in self.bins)
        require(not self.bins or weights == 1 << self.size_log, f"{self.what}: weights {weights}")
        require(
            len(self.bins) != 1 or self.size_log == 0,
            f"{self.what}: one bin, but size_log {self.size_log}",
        )
        require(self.bins or not n_coded, f"{self.what}: no bins")
        self.make_table()

    def read_bin(self, least):
        bits = self.bits
        weight, lower = bits.take(self.size_log) + 1, bits.take(self.width)
        width = bits.take(self.width.bit_length())
        require(width <= self.width, f"{self.what}: a bin of {width} bits")
        require(lower >= least, f"{self.what}: a bin from {lower}")
        return weight, lower, width

    def make_table(self):
        """For each state: its bin, how many bits follow, and where the next one starts."""
        size = 1 << self.size_log
        if len(self.bins) <= 1:
            return
        stride = 3 * size // 5
        stride += stride % 2 == 0
        owner, k = [None] * size, 0
        for number, (weight, _, _) in enumerate(self.bins):
            for _ in range(weight):
                owner[k * stride % size] = number
                k += 1
        x = [weight for weight, _, _ in self.bins]
        self.table = []
        for number in owner:
            n_bits = self.size_log - (x[number].bit_length() - 1)
            self.table.append((number, n_bits, (x[number] << n_bits) - size))
            x[number] += 1

    def read_start(self):
        self.kept = [self.bits.take(self.width) for _ in range(self.n_kept)]
        self.states = [self.bits.take(self.size_log) for _ in range(4)]

    def read_batch(self, first):
        n = min(BATCH, max(self.n_coded - first, 0))
        for _, lower, width in self.read_bins(n):
            self.latents.append(lower + self.bits.take(width) & self.mask)

    def read_bins(self, n):
        if len(self.bins) == 1:
            return self.bins * n
        found = []
        for i in range(n):
            number, n_bits, following = self.table[self.states[i % 4]]
            self.states[i % 4] = following + self.bits.take(n_bits)
            found.append(self.bins[number])
        return found
