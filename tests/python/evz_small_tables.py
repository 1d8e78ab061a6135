"""The tables of codec 2: levels of counts, how they are told, and the frequencies they make."""

import numpy as np

from evz_rans import Model
from evz_small_codes import CODE_FREQUENCIES
from evz_wire import require, unzigzag

MAX_LEVEL = 76
ESCAPE = 15
CODES = Model(np.array(CODE_FREQUENCIES), 10)


def least_count(level):
    if level == 0:
        return 0
    if level <= 5:
        return 1 << (level - 1)
    if level <= 11:
        return (2 + (level - 6) % 2) << (4 + (level - 6) // 2)
    return (4 + (level - 12) % 4) << (6 + (level - 12) // 4)


LEAST = np.array([least_count(level) for level in range(MAX_LEVEL + 1)])
WEIGHT = np.append(LEAST[:-1] + LEAST[1:] - 1, 1 << 25)
WEIGHT[0] = 0


def level_of(count):
    return np.searchsorted(LEAST, count, side="right") - 1


class Bits:
    """Takes bits from bytes, from the lowest on."""

    def __init__(self, raw, what):
        self.bits = np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little").tolist()
        self.at, self.what = 0, what

    def take(self, n):
        require(self.at + n <= len(self.bits), f"{self.what}: the bits end too early")
        self.at += n
        return sum(bit << i for i, bit in enumerate(self.bits[self.at - n:self.at]))

    def check_end(self):
        rest = self.bits[self.at:]
        require(len(rest) < 8 and not any(rest), f"{self.what}: {len(rest)} bits are left")

    def gamma(self):
        """Elias's: as many zeros as bits behind the highest, a one, these bits."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            require(zeros < 64, f"{self.what}: a difference of levels of more than 64 bits")
        return 1 << zeros | self.take(zeros)


def read_levels(bits, cells, epochs, tables, symbols):
    """The levels of a column, by epoch, table and symbol. `cells` makes the lanes of the cells."""
    overall = read_overall(bits, symbols)
    levels = np.zeros((epochs, tables, symbols), np.int64)
    if epochs * tables == 1:
        levels[0, 0] = overall
        return levels
    totals = np.array([bits.take(7) for _ in range(epochs * tables)]).reshape(epochs, tables)
    require(np.all(totals <= MAX_LEVEL), f"{bits.what}: a total of level {totals.max()}")
    for epoch, table in np.argwhere(totals > 0):
        expected, row = expectation(overall, totals[epoch, table])
        up = levels[epoch, table - 1] if table else None
        back = levels[epoch - 1, table] if epoch else None
        codes = cells().decode(CODES, 10 * row + near(up, back, symbols))
        levels[epoch, table] = levels_of_codes(codes, expected, bits)
    return levels


def read_overall(bits, symbols):
    levels, level = [], 0
    for _ in range(symbols):
        g = bits.gamma() - 1
        level += unzigzag(g)
        require(0 <= level <= MAX_LEVEL, f"{bits.what}: an overall level of {level}")
        levels.append(level)
    return np.array(levels)


def expectation(overall, total):
    """The expected level of each symbol in a table with this total, and its class."""
    weights = WEIGHT[overall]
    scale = ((8 * int(WEIGHT[total])) << 16) // max(int(weights.sum()), 1)
    sixteenths = weights * scale >> 16
    expected = level_of(sixteenths >> 4)
    n_bits = np.searchsorted([1, 2, 4, 8], sixteenths, side="right")
    return expected, np.where(expected > 0, np.minimum(expected + 4, 14), n_bits)


def near(up, back, symbols):
    """0 to 9 by the levels around: of the table before and of the epoch before."""
    up, back = back if up is None else up, up if back is None else back
    total = np.zeros(symbols, np.int64)
    for levels in (up, back):
        if levels is not None:
            sides = np.minimum(np.concatenate([[0], levels, [0]]), 2)
            total += 2 * np.minimum(levels, 3) + sides[:-2] + sides[2:]
    return np.minimum(total, 6) + (total >= 8) + (total >= 10) + (total >= 14)


def levels_of_codes(codes, expected, bits):
    difference = codes - 1
    levels = np.maximum(expected, 1) + unzigzag(difference)
    levels = np.where(codes == 0, 0, np.clip(levels, 0, MAX_LEVEL))
    for symbol in np.flatnonzero(codes == ESCAPE):
        levels[symbol] = min(bits.take(7), MAX_LEVEL)
    return levels


def frequencies(levels, n):
    """The frequencies, with sums 2^n, of tables of levels."""
    weights = WEIGHT[levels]
    present = np.cumsum(levels > 0, axis=1)
    m = present[:, -1:]
    beyond = np.maximum((weights << n) - weights.sum(axis=1, keepdims=True), 0) * (levels > 0)
    so_far = np.cumsum(beyond, axis=1)
    scale = (((1 << n) - m) << 32) // np.maximum(so_far[:, -1:], 1)
    ends = present + ((so_far * scale + (1 << 31)) >> 32)
    # From the last symbol on; without any, from the first on, which so has them all.
    ends[present == m] = 1 << n
    return np.diff(ends, axis=1, prepend=0)
