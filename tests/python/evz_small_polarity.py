"""What tells the context of a polarity in codec 2: cells of pixels, or the event before."""

import numpy as np

from evz_rans import LANES

CONTEXTS = 48
SMALL_CELLS = 1 << 16
LARGE_CELLS = 1 << 12


class ByCells:
    """Cells remember the last polarities that they had."""

    def __init__(self, x_max):
        self.x_max = x_max
        self.small = np.ones(SMALL_CELLS, np.int64)
        self.large = np.ones(LARGE_CELLS, np.int64)

    def decode(self, lanes, model, x, y):
        small = (y // 4 * (self.x_max // 4 + 1) + x // 4) % SMALL_CELLS
        large = (y // 16 * (self.x_max // 16 + 1) + x // 16) % LARGE_CELLS
        p = np.empty(len(x), np.uint8)
        for i in range(0, len(x), LANES):
            step = slice(i, i + LANES)
            p[step] = self.step(lanes, model, small[step], large[step])
        return p

    def step(self, lanes, model, small, large):
        of_small, of_large = self.small[small], self.large[large]
        p = 1 - lanes.step(model, np.where(of_small == 1, of_large, 16 + of_small))
        # Of events in one cell the last one counts, as assignments in numpy have it.
        self.small[small] = shortened(2 * of_small + p, 16)
        self.large[large] = shortened(2 * of_large + p, 8)
        return p


def shortened(memory, kept):
    return np.where(memory >= 2 * kept, kept + memory % kept, memory)


class ByEventBefore:
    """The place of the event before tells whether the polarity is likely to change."""

    def __init__(self):
        self.before = None
        self.p_before = 0

    def decode(self, lanes, model, x, y):
        if len(x) == 0:
            return np.empty(0, np.uint8)
        x_before, y_before = self.before or (x[0], y[0])
        contexts = context_of(np.diff(x, prepend=x_before), np.diff(y, prepend=y_before))
        if self.before is None:
            contexts[0] = 28
        changes = 1 - lanes.decode(model, contexts)
        p = np.bitwise_xor.accumulate(changes) ^ self.p_before
        self.before, self.p_before = (x[-1], y[-1]), p[-1]
        return p.astype(np.uint8)


def context_of(dx, dy):
    dx, dy = dx.astype(np.int16), dy.astype(np.int16)
    return np.select(
        [(np.abs(dx) <= 2) & (np.abs(dy) <= 2), dy == 0, (np.abs(dx) <= 8) & (np.abs(dy) <= 8)],
        [5 * (dy + 2) + dx + 2, np.where(dx < 0, 25, 26), 27], 28).astype(np.int64)
