"""Codec 1, `fast`: bit packing in blocks of 1024 events."""

from typing import NamedTuple

import numpy as np

from evz_wire import Table, check_crc, check_zeros, require, round_up, take, unzigzag

FAST_TOC_ENTRY = Table("offset:I crc:I t_first:q")
FAST_MINI_BLOCK = Table("x_tag:B x_exceptions:B x_ref:H y_tag:B y_exceptions:B y_ref:H"
                        " t_tag:B t_exceptions:B t_high:B reserved:B")
FAST_BLOCK = 1024
FAST_MINI = 256


class Fast:
    """The blocks of a payload; `starts` has k of the first event of each."""

    EVENTS = FAST_BLOCK

    def __init__(self, head, payload, what):
        self.payload, self.what, self.n_events = payload, what, head.n_events
        self.toc = read_fast_toc(head, payload, what)
        self.starts = [entry.t_first for entry in self.toc]

    def decode(self, i):
        """The columns k (uint64), x, y, p of block i."""
        what, entry = f"{self.what}, block {i}", self.toc[i]
        n = min(FAST_BLOCK, self.n_events - i * FAST_BLOCK)
        block = self.payload[entry.offset:entry.end]
        check_crc([block], entry.crc, what)
        return decode_fast_block(block, n, entry.t_first, what)

    def column_bytes(self):
        """Bytes of planes, high parts, positions and entries of x, those of y, and bitmaps of p."""
        x = y = p = 0
        for i, entry in enumerate(self.toc):
            for j in range(-(-min(FAST_BLOCK, self.n_events - i * FAST_BLOCK) // FAST_MINI)):
                mini = FAST_MINI_BLOCK.read(self.payload, entry.offset + j * FAST_MINI_BLOCK.size, self.what)
                of_x, of_y, _ = fast_columns(mini, self.what)
                x += bytes_of(of_x)
                y += bytes_of(of_y)
                p += 32
        return [x, y, p]


def bytes_of(column):
    return 4 + 32 * column.width + column.n_exceptions * (column.high_bytes + 1)


def read_fast_toc(head, payload, what):
    n_blocks = -(-head.n_events // FAST_BLOCK)
    require(head.toc_len == n_blocks * FAST_TOC_ENTRY.size,
            f"{what}: a table of contents of {head.toc_len} bytes")
    toc = [FAST_TOC_ENTRY.read(payload, i * FAST_TOC_ENTRY.size, what) for i in range(n_blocks)]
    require(toc[0].offset == head.toc_len, f"{what}: the first block is not behind the table")
    for entry, end in zip(toc, [entry.offset for entry in toc[1:]] + [len(payload)]):
        require(entry.offset % 16 == 0 and entry.offset < end <= len(payload),
                f"{what}: a block from {entry.offset} to {end}")
        entry.end = end
    return toc


class FastColumn(NamedTuple):
    """One column of one mini-block, as its entry describes it."""

    width: int
    mode: int
    ref: int
    n_exceptions: int
    high_bytes: int


def fast_columns(entry, what):
    """The columns x, y and t of a mini-block, their widths and modes checked."""
    x = FastColumn(entry.x_tag & 31, entry.x_tag >> 5 & 3, entry.x_ref,
                   entry.x_exceptions, 1 + (entry.x_tag >> 7))
    y = FastColumn(entry.y_tag & 31, entry.y_tag >> 5 & 3, entry.y_ref,
                   entry.y_exceptions, 1 + (entry.y_tag >> 7))
    require(entry.t_high <= 3, f"{what}: t_high is {entry.t_high}")
    t = FastColumn(entry.t_tag & 127, entry.t_tag >> 7, 0,
                   entry.t_exceptions, 1 << entry.t_high)
    for column, full in ((x, 16), (y, 16), (t, 64)):
        require(column.width <= full, f"{what}: width {column.width}")
        require(column.mode <= 2, f"{what}: mode {column.mode}")
        require(column.width < full or column.n_exceptions == 0,
                f"{what}: exceptions in a column of full width")
    require(entry.reserved == 0, f"{what}: reserved is {entry.reserved}")
    return x, y, t


class Parts:
    """Hands out the parts of a block, one after the other."""

    def __init__(self, block, what):
        self.block, self.what, self.at = block, what, 0

    def next(self, n_bytes):
        part = take(self.block, self.at, n_bytes, self.what)
        self.at += n_bytes
        return part


def decode_fast_block(block, n_events, t_first, what):
    """The columns k (uint64), x, y, p of a block."""
    lens = [min(FAST_MINI, n_events - i) for i in range(0, n_events, FAST_MINI)]
    parts = Parts(block, what)

    head = parts.next(round_up(len(lens) * FAST_MINI_BLOCK.size, 16))
    check_zeros(head[len(lens) * FAST_MINI_BLOCK.size:], f"{what}: padding")
    xs, ys, ts = zip(*(
        fast_columns(FAST_MINI_BLOCK.read(head, i * FAST_MINI_BLOCK.size, what), what)
        for i in range(len(lens))))

    x_residuals = [read_plane(parts, column.width) for column in xs]
    y_residuals = [read_plane(parts, column.width) for column in ys]
    bitmaps = [np.frombuffer(parts.next(32), np.uint8) for _ in lens]
    t_residuals = [read_t_planes(parts, column.width) for column in ts]

    exceptions = ((ts, t_residuals), (xs, x_residuals), (ys, y_residuals))
    highs = [[read_high_parts(parts, column) for column in columns] for columns, _ in exceptions]
    for (columns, residuals), high in zip(exceptions, highs):
        for i, column in enumerate(columns):
            positions = np.frombuffer(parts.next(column.n_exceptions), np.uint8)
            check_positions(positions, lens[i], what)
            residuals[i][positions] |= high[i].astype(residuals[i].dtype) << column.width
    require(round_up(parts.at, 16) == len(block),
            f"{what}: {len(block)} bytes, but its head makes {round_up(parts.at, 16)}")
    check_zeros(block[parts.at:], f"{what}: padding")
    require(t_residuals[0][0] == 0, f"{what}: the first difference of t is not 0")

    x = [pixels(column, r[:n]) for column, r, n in zip(xs, x_residuals, lens)]
    y = [pixels(column, r[:n]) for column, r, n in zip(ys, y_residuals, lens)]
    p = [np.unpackbits(bitmap, bitorder="little")[:n] for bitmap, n in zip(bitmaps, lens)]
    steps = [unzigzag(r[:n]) if column.mode else r[:n]
             for column, r, n in zip(ts, t_residuals, lens)]
    k = np.cumsum(np.concatenate(steps), dtype=np.uint64) + np.uint64(t_first % 2**64)
    return k, np.concatenate(x), np.concatenate(y), np.concatenate(p)


def read_plane(parts, width):
    """The 256 residuals of a plane, as uint16."""
    if width == 0:
        return np.zeros(FAST_MINI, np.uint16)
    words = np.frombuffer(parts.next(32 * width), "<u2").reshape(width, 16).astype(np.uint32)
    bit = np.arange(16) * width
    word, shift = bit // 16, (bit % 16).astype(np.uint32)
    # A residual may reach into the lane's next word; behind the last word none does.
    following = np.vstack([words[1:], np.zeros((1, 16), np.uint32)])
    both = words[word] | following[word] << 16
    rows = (both >> shift[:, None]) & ((1 << width) - 1)
    return rows.astype(np.uint16).reshape(FAST_MINI)


def read_t_planes(parts, width):
    """The 256 residuals of t, as uint64, from planes of 16 bits and a rest, lowest bits first."""
    residuals = np.zeros(FAST_MINI, np.uint64)
    for shift in range(0, width, 16):
        plane = read_plane(parts, min(16, width - shift))
        residuals |= plane.astype(np.uint64) << shift
    return residuals


def read_high_parts(parts, column):
    """Signed integers, as int64."""
    raw = parts.next(column.n_exceptions * column.high_bytes)
    return np.frombuffer(raw, f"<i{column.high_bytes}").astype(np.int64)


def check_positions(positions, n_events, what):
    require(np.all(positions[1:] > positions[:-1]), f"{what}: positions do not rise")
    require(np.all(positions < n_events), f"{what}: a position behind the last event")


def pixels(column, r):
    """x or y from residuals; all sums are modulo 2^16."""
    ref = np.uint16(column.ref)
    if column.mode == 0:
        return r + ref
    if column.mode == 1:
        return np.cumsum(unzigzag(r), dtype=np.uint16) + ref
    return np.bitwise_xor.accumulate(r) ^ ref
