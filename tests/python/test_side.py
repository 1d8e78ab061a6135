"""Side batches: how they are packed, and what Arrow reads."""

from types import SimpleNamespace

import pyarrow as pa
import pytest
import zstandard

from evz_reader import Evz, EvzError, check
from evz_side import check_rows, check_schema, messages, read_side_batch
from evz_wire import unzstd
from evz_writer import Body, Writer, no_forge

SCHEMA = pa.schema([("t", pa.int64()), ("kind", pa.string())])
TABLE = pa.table({"t": [5, 3, 9], "kind": ["a", "b", "a"]}, SCHEMA)
WORDS = pa.schema([("t", pa.int64()), ("kind", pa.dictionary(pa.int8(), pa.string()))])


def ipc(table, compression=None):
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(sink, table.schema, options=options) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()[len(SCHEMA.serialize().to_pybytes()) : -8]


def body(raw, pack=0, raw_len=None, rows=3, t_min=3, t_span=6):
    made = Body(no_forge, "batch")
    for kind, value in (
        ("uint", 0),
        ("uint", rows),
        ("sint", t_min),
        ("uint", t_span),
        ("uint", pack),
        ("uint", len(raw) if raw_len is None else raw_len),
    ):
        getattr(made, kind)("", value)
    return bytes(made.raw) + raw


DECLARATION = SimpleNamespace(schema=SCHEMA.serialize().to_pybytes(), time_column=0)
ODD_TICK = SimpleNamespace(tick_numerator=1, tick_denominator=24_000_000)


def checked(raw):
    batch = read_side_batch(raw, "batch")
    check_rows(DECLARATION, messages(batch, "batch"), batch, "batch")


def test_a_batch():
    checked(body(ipc(TABLE)))
    checked(body(zstandard.compress(ipc(TABLE)), 1, len(ipc(TABLE))))
    check_schema(DECLARATION, ODD_TICK, "schema")


@pytest.mark.parametrize(
    "bad",
    [
        dict(raw=ipc(TABLE) + b"\xff\xff\xff\xff\0\0\0\0"),  # end of stream
        dict(raw=b"\xff\xff\xff\xff\0\0\0\0" + ipc(TABLE)),
        dict(raw=ipc(TABLE) + ipc(TABLE), rows=6),
        dict(raw=ipc(TABLE)[4:]),
        dict(raw=ipc(TABLE, "lz4")),
        dict(raw=ipc(TABLE, "zstd")),
        dict(raw=ipc(TABLE)[:-8]),
        dict(raw=SCHEMA.serialize().to_pybytes() + ipc(TABLE)),
        dict(raw=ipc(TABLE), rows=2),
        dict(raw=ipc(TABLE), rows=0),
        dict(raw=ipc(TABLE), rows=1 << 29),
        dict(raw=ipc(TABLE), t_min=4),
        dict(raw=ipc(TABLE), t_span=5),
        dict(raw=ipc(TABLE), pack=2),
        dict(raw=ipc(TABLE), raw_len=5),
        dict(raw=ipc(TABLE), raw_len=(1 << 28) + 1),
        dict(raw=ipc(TABLE), t_min=2**63 - 1),
        dict(raw=b"", raw_len=0),
    ],
)
def test_what_is_refused(bad):
    with pytest.raises(EvzError):
        checked(body(**bad))


def test_zstd_frames():
    frame, raw = zstandard.compress(b"abc" * 50), b"abc" * 50
    streamed = zstandard.ZstdCompressor(write_content_size=False, write_checksum=True).compress(raw)
    assert unzstd(frame, 150, "frame") == unzstd(streamed, 150, "frame") == raw
    skippable = b"\x50\x2a\x4d\x18" + b"\1\0\0\0x"
    dictionary = zstandard.ZstdCompressionDict(b"abcabcabcabc")
    of_dictionary = zstandard.ZstdCompressor(dict_data=dictionary).compress(raw)
    wide = zstandard.ZstdCompressor(
        compression_params=zstandard.ZstdCompressionParameters(
            window_log=28, enable_ldm=True, write_content_size=False
        )
    ).compressobj()
    wide = wide.compress(raw) + wide.flush()
    for bad, size in (
        (frame, 149),
        (frame, 151),
        (streamed, 149),
        (streamed, 151),
        (frame + b"\0", 150),
        (frame + frame, 150),
        (frame + frame, 300),
        (frame + skippable, 150),
        (skippable + frame, 150),
        (frame[:-1], 150),
        (b"", 0),
        (frame[:4], 150),
        (frame[:4] + bytes([frame[4] | 0x10]) + frame[5:], 150),
        (streamed[:-1] + b"?", 150),
        (wide, 150),
    ):
        with pytest.raises(EvzError):
            unzstd(bad, size, "frame")
    assert dictionary.dict_id() == 0 or of_dictionary


@pytest.mark.parametrize(
    "schema, time_column",
    [
        (SCHEMA, 1),
        (SCHEMA, 2),
        (WORDS, 0),
        (pa.schema([("t", pa.duration("us"))]), 0),
        (pa.schema([("t", pa.int32())]), 0),
    ],
)
def test_schemas_that_are_refused(schema, time_column):
    declaration = SimpleNamespace(schema=schema.serialize().to_pybytes(), time_column=time_column)
    with pytest.raises(EvzError):
        check_schema(declaration, ODD_TICK, "schema")


def test_times_without_a_value_are_refused():
    schema = pa.schema([("t", pa.int64())])
    table = pa.table({"t": pa.array([1, None], pa.int64())}, schema)
    writer = Writer(tick=(1, 7))
    writer.side_stream(0, "x", schema)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as stream:
        stream.write_table(table)
    raw = sink.getvalue().to_pybytes()[len(schema.serialize().to_pybytes()) : -8]
    declaration = SimpleNamespace(schema=schema.serialize().to_pybytes(), time_column=0)
    with pytest.raises(EvzError):
        batch = read_side_batch(body(raw, rows=2, t_min=1, t_span=0), "batch")
        check_rows(declaration, messages(batch, "batch"), batch, "batch")


def test_many_batches_in_a_tree():
    writer = Writer(fan_out=2, tick=(1, 24_000_000))
    writer.side_stream(0, "kinds", SCHEMA)
    for i in range(11):
        writer.batch(0, TABLE, i % 2)
    data = writer.finish()
    check(data)
    evz = Evz(data)
    assert [ref.level for ref in evz.root.side[0].tree.refs] == [2, 0]
    assert sum(table.num_rows for table in evz.side_rows(0)) == 33
    assert [batch.raw for batch in evz.side_batches(0)] == [ipc(TABLE)] * 11
