"""Codec 1 by hand, from the text: what a writer may do, and what a reader has to refuse."""

import random
import struct

import numpy as np
import pytest

import evz_fast as fast
from evz_wire import EvzError


def block_of(
    n=1, k=(0, b"", 0), x=(0, b"", 0), y=(0, b"", 0), reserved=0, padding=0, rest=b"", behind=b""
):
    """One mini-block. Columns: tag, exceptions as bytes of the rest, reference (or size of high parts)."""
    entry = struct.pack(
        "<BBHBBHBBBB", x[0], len(x[1]), x[2], y[0], len(y[1]), y[2], k[0], len(k[1]), k[2], reserved
    )
    block = entry + struct.pack("<I", padding) + rest
    return (block + behind).ljust(-(-len(block) // 16) * 16, b"\0")


BITMAP = b"\1" + bytes(31)


def decode(block, n=1, t_first=0):
    return fast.decode_fast_block(block, n, t_first, "block")


def test_a_block_by_hand():
    # y: delta from 65535 by planes of width 2 whose first residual is 2, so +1: 0.
    y_plane = struct.pack("<H", 2) + bytes(62)
    block = block_of(x=(0, b"", 513), y=(0b0100010, b"", 65535), rest=y_plane + BITMAP)
    k, x, y, p = decode(block, 1, -5)
    assert (k.view(np.int64).tolist(), x.tolist(), y.tolist(), p.tolist()) == ([-5], [513], [0], [1])


def test_exceptions_by_hand():
    # t: width 0, event 1 has the high part 300; x: width 0 from 7, event 0 has the high part -1.
    block = block_of(
        n=2, k=(0, b"\1", 1), x=(0, b"\0", 7), rest=BITMAP + struct.pack("<hb", 300, -1) + b"\1" + b"\0"
    )
    k, x, y, p = decode(block, 2)
    assert (k.tolist(), x.tolist(), y.tolist(), p.tolist()) == ([0, 300], [6, 7], [0, 0], [1, 0])


def test_planes_have_the_bits_that_the_text_gives_them():
    dice = random.Random(3)
    for width in range(17):
        residuals = [dice.getrandbits(width) if width else 0 for _ in range(256)]
        words = [0] * (16 * width)
        for i, residual in enumerate(residuals):
            for j in range(width):
                bit = i // 16 * width + j
                words[16 * (bit // 16) + i % 16] |= (residual >> j & 1) << bit % 16
        parts = fast.Parts(struct.pack(f"<{len(words)}H", *words), "plane")
        assert fast.read_plane(parts, width).tolist() == residuals


@pytest.mark.parametrize(
    "bad",
    [
        dict(x=(17, b"", 0)),
        dict(y=(0b1100000, b"", 0)),
        dict(k=(65, b"", 0)),
        dict(k=(0, b"", 4)),
        dict(reserved=1),
        dict(padding=1 << 31),
        dict(rest=BITMAP + bytes(16)),
        dict(k=(0, b"\0", 0), rest=BITMAP + b"\1\0"),  # the first difference is 1
        dict(k=(16, b"", 0), rest=BITMAP + b"\1" + bytes(511)),
        dict(x=(0, b"\0", 0), rest=BITMAP + b"\1\1"),  # a position behind the last event
        dict(x=(0, b"\0", 0), rest=BITMAP + b"\1\0", behind=b"\1"),  # padding
        dict(x=(0, b"\0\0", 0), rest=BITMAP + b"\1\1\0\0"),  # positions that do not rise
        dict(x=(16, b"\0", 0), rest=bytes(512) + BITMAP + b"\1\0"),  # full width, with an exception
    ],
)
def test_what_a_reader_must_refuse(bad):
    decode(block_of(rest=BITMAP))
    with pytest.raises(EvzError):
        decode(block_of(**{"rest": BITMAP, **bad}))
