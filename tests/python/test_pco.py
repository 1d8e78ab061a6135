"""Codec 16 of further columns against the library that it comes from."""

import struct

import numpy as np
import pytest
from pcodec import ChunkConfig, DeltaSpec, ModeSpec, standalone

import evz_pco
from evz_reader import Evz, check
from evz_wire import EvzError
from evz_writer import Writer
from recordings import COLUMNS, parts, some_events, write_chunk

INTEGERS = ["<u1", "<i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8"]
FLOATS = ["<f4", "<f8"]


def same(values, **options):
    """What the library wrote; the decoder has the same bits."""
    raw = standalone.simple_compress(values, ChunkConfig(enable_8_bit=True, **options))
    found = evz_pco.decode(raw, len(values), values.dtype)
    assert found.dtype == values.dtype and found.tobytes() == values.tobytes()
    return raw


def integers(kind, n=3000, seed=1):
    dice = np.random.default_rng(seed)
    info = np.iinfo(kind)
    yield dice.integers(info.min, info.max, n, kind, endpoint=True)
    yield np.full(n, info.max, kind)
    yield np.clip(np.cumsum(dice.integers(-2, 3, n)), info.min, info.max).astype(kind)
    yield (dice.integers(0, 12, n) * 10).astype(kind)
    yield np.tile(dice.integers(0, 100, 150).astype(kind), n // 150)
    for few in (1, 2, 255, 256, 257):
        yield dice.integers(0, 20, few).astype(kind)
    yield np.array([info.min, info.max] * 600, kind)


def floats(kind, n=3000, seed=2):
    dice = np.random.default_rng(seed)
    yield dice.normal(0, 1, n).astype(kind)
    yield (dice.integers(-500, 500, n) * kind.type(0.1)).astype(kind)
    yield (dice.integers(0, 1000, n) / 7).astype(kind)
    yield dice.choice(np.array([1.5, -2.25, 1e30, 0.0, -0.0, np.inf, -np.inf], kind), n)
    bits = dice.integers(0, 1 << 8 * kind.itemsize - 1, n, np.uint64).astype(f"<u{kind.itemsize}")
    yield bits.view(kind)


DELTAS = {
    "auto": DeltaSpec.auto(),
    "none": DeltaSpec.no_op(),
    **{f"consecutive {i}": DeltaSpec.try_consecutive(i) for i in (1, 2, 7)},
    "lookback": DeltaSpec.try_lookback(),
}


@pytest.mark.parametrize("delta", DELTAS.values(), ids=DELTAS)
@pytest.mark.parametrize("kind", INTEGERS + FLOATS)
def test_values_are_those_written(kind, delta):
    kind = np.dtype(kind)
    for values in (integers if kind.kind in "iu" else floats)(kind):
        same(values, delta_spec=delta)
        same(values, delta_spec=delta, mode_spec=ModeSpec.classic())


@pytest.mark.parametrize("kind", ["<u4", "<i8", "<u2", "<u1"])
def test_multiples_of_integers(kind):
    dice = np.random.default_rng(3)
    values = (dice.integers(0, 25, 2000) * 10 + dice.integers(0, 2, 2000)).astype(kind)
    for delta in DELTAS.values():
        raw = same(values, mode_spec=ModeSpec.try_int_mult(10), delta_spec=delta)
    assert mode_of(raw) == 1


@pytest.mark.parametrize("kind", FLOATS)
def test_multiples_and_quanta_of_floats(kind):
    dice, kind = np.random.default_rng(4), np.dtype(kind)
    values = (dice.integers(-(10**6), 10**6, 2000) * kind.type(0.01)).astype(kind)
    values[::7] = np.nextafter(values[::7], kind.type(1e9))
    values[:6] = [np.inf, -np.inf, 1e30, -1e30, 0.0, -0.0]
    coarse = dice.normal(0, 1, 2000).astype("<f2").astype(kind)
    for delta in DELTAS.values():
        assert mode_of(same(values, mode_spec=ModeSpec.try_float_mult(0.01), delta_spec=delta)) == 2
        assert mode_of(same(coarse, mode_spec=ModeSpec.try_float_quant(8), delta_spec=delta)) == 3


def mode_of(raw):
    bits = evz_pco.Bits(raw, "test")
    bits.take(48)
    bits.take(bits.take(6) + 1)
    bits.align()
    bits.take(16 + 8 + 24)
    return bits.take(4)


@pytest.mark.parametrize("kind", ["<u8", "<f8", "<i4"])
def test_dictionaries(kind):
    if not hasattr(ModeSpec, "try_dict"):
        pytest.skip("this pcodec has no dictionaries")
    dice, kind = np.random.default_rng(5), np.dtype(kind)
    values = dice.choice((dice.normal(0, 1, 20) * 10**6).astype(kind), 3000)
    for delta in DELTAS.values():
        assert mode_of(same(values, mode_spec=ModeSpec.try_dict(), delta_spec=delta)) == 4


def test_several_chunks():
    values = np.arange(5000, dtype="<u4") ** 2
    raws = [
        standalone.simple_compress(part, ChunkConfig())
        for part in (values[:1024], values[1024:3000], values[3000:])
    ]
    # The header says how many values there are in all.
    def head(n_values):
        raw = standalone.simple_compress(values[:n_values], ChunkConfig())
        return raw[: header_of(raw)]

    chunks = [raw[header_of(raw) : -1] for raw in raws]
    whole = b"".join(chunks) + b"\0"
    assert evz_pco.decode(head(5000) + whole, 5000, values.dtype).tolist() == values.tolist()
    with pytest.raises(EvzError):
        evz_pco.decode(head(4999) + whole, 5000, values.dtype)
    short = head(3000) + chunks[1] + chunks[0] + b"\0"
    assert len(evz_pco.decode(short, 3000, values.dtype)) == 3000
    little = standalone.simple_compress(values[:1023], ChunkConfig())
    bad = head(1023 + 1976) + little[header_of(little) : -1] + raws[1][header_of(raws[1]) :]
    with pytest.raises(EvzError):
        evz_pco.decode(bad, 1023 + 1976, values.dtype)


def header_of(raw):
    """Where the first chunk starts."""
    bits = evz_pco.Bits(raw, "test")
    bits.take(48)
    bits.take(bits.take(6) + 1)
    bits.align()
    return bits.at // 8 + 2


def test_bools():
    values = np.array([0, 1, 1, 0] * 100, "u1")
    raw = standalone.simple_compress(values, ChunkConfig(enable_8_bit=True))
    assert evz_pco.decode(raw, 400, np.dtype("?")).tolist() == values.astype(bool).tolist()
    with pytest.raises(EvzError, match="bool"):
        evz_pco.decode(
            standalone.simple_compress(values + 1, ChunkConfig(enable_8_bit=True)), 400, np.dtype("?")
        )


def test_columns_in_a_file():
    def encode(values):
        values = values.view("u1") if values.dtype == np.dtype("?") else values
        return standalone.simple_compress(values, ChunkConfig(enable_8_bit=True))

    writer = Writer(fan_out=2, column_codec=(16, encode))
    writer.stream(0, columns=COLUMNS)
    events = some_events(9000)
    for part in parts(events, [3000] * 3):
        write_chunk(writer, 0, part, COLUMNS)
    data = writer.finish()
    check(data)
    found, columns = Evz(data).with_columns(2000, 7000, ["intensity", "valid"])
    assert len(found.t) and columns["intensity"].tolist() == (found.x.astype(int) + 3).tolist()
    assert columns["valid"].tolist() == found.p.astype(bool).tolist()


def test_nonsense_is_an_error_and_no_other_exception():
    dice = np.random.default_rng(6)
    values = np.repeat(dice.integers(0, 9, 400), 3).astype("<u2")
    raw = standalone.simple_compress(values, ChunkConfig())
    for n in range(len(raw)):
        with pytest.raises(EvzError):
            evz_pco.decode(raw[:n], len(values), values.dtype)
    for other in (values[1:], values.astype("<i2")):
        with pytest.raises(EvzError):
            evz_pco.decode(raw, len(other), other.dtype)
    with pytest.raises(EvzError):
        evz_pco.decode(raw + b"\0", len(values), values.dtype)
    for bit in range(8 * len(raw)):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            evz_pco.decode(bytes(flipped), len(values), values.dtype)
        except EvzError:
            pass


def test_header_says_float_bits():
    assert evz_pco.bits_of(1 << 24, np.dtype("<f4")) == struct.unpack("<I", struct.pack("<f", 2**24))[0]
