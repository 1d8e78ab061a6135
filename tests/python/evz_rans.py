"""The 32 rANS decoders of codec 2, a step of all of them at a time."""

import numpy as np

from evz_wire import require

LANES = 32


class Model:
    """Tables of frequencies whose sums are 2^n, spread out over the places of a table."""

    def __init__(self, frequencies, n):
        tables, symbols = frequencies.shape
        assert np.all(frequencies.sum(axis=1) == 1 << n)
        self.n = n
        frequency = frequencies.reshape(-1)
        owner = np.repeat(np.arange(tables * symbols), frequency)
        self.symbol = owner % symbols
        self.frequency = frequency[owner]
        # The place less F(symbol); both count on from table to table here.
        self.into = np.arange(tables << n) - (np.cumsum(frequency) - frequency)[owner]


class Lanes:
    """Decoders that take turns, and words from one place."""

    def __init__(self, states, words, what):
        self.states = states.astype(np.int64)
        self.words = words.astype(np.int64)
        self.at, self.what = 0, what

    def decode(self, model, tables):
        """The symbols of events from lane 0 on, each from its table of the model."""
        symbols = np.empty(len(tables), np.int64)
        for i in range(0, len(tables), LANES):
            symbols[i:i + LANES] = self.step(model, tables[i:i + LANES])
        return symbols

    def step(self, model, tables):
        state = self.states[:len(tables)]
        place = (tables << model.n) + state % (1 << model.n)
        state[:] = model.frequency[place] * (state >> model.n) + model.into[place]
        (low,) = np.nonzero(state < 1 << 16)
        words = self.words[self.at:self.at + len(low)]
        require(len(words) == len(low), f"{self.what}: the words end too early")
        state[low] = (state[low] << 16) | words
        self.at += len(low)
        return model.symbol[place]

    def check_end(self):
        rest = self.words[self.at:]
        require(len(rest) <= 1 and not rest.any(), f"{self.what}: {len(rest)} words are left")
        self.check_states()

    def check_states(self):
        require(np.all(self.states >> 16 == 1), f"{self.what}: the lanes do not end as they should")
