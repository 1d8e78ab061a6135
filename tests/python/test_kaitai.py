"""evz.ksy, compiled to Python, on what evz_writer wrote: the same fields as the reader has."""

import importlib.util

import pytest

import evz_wire as wire
from evz_chunk import CHUNK_HEAD
from evz_reader import Evz, walk
from golden import FILES, ROOT
from node import installed, run
from recordings import RECORDINGS, made


@pytest.fixture(scope="module")
def ksy(tmp_path_factory):
    """The module that the compiler makes of evz.ksy."""
    installed("kaitai-struct-compiler")
    folder = tmp_path_factory.mktemp("kaitai")
    failed, why = run("node", "compile_ksy.js", ROOT / "formats" / "evz.ksy", folder)
    assert not failed, why
    spec = importlib.util.spec_from_file_location("evz_kaitai", folder / "evz.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Evz


def plain(value):
    return getattr(value, "value", value)


def same_table(table, found, expected):
    for name, _ in table.fields:
        if "reserved" not in name:
            assert plain(getattr(found, name)) == getattr(expected, name), name


@pytest.mark.parametrize("name", [*RECORDINGS, *FILES], ids=lambda name: getattr(name, "stem", name))
def test_fields_are_those_of_the_reader(ksy, name):
    data = made(name)[0] if name in RECORDINGS else name.read_bytes()
    found, evz = ksy.from_bytes(data), Evz(data)
    same_table(wire.FILE_HEADER, found.header, evz.header)
    same_table(wire.TAIL, found.tail, evz.root.tail)
    records = list(walk(data))
    assert len(found.records) == len(records)
    at = 64
    for record, expected in zip(found.records, records):
        assert at == expected.offset
        same_table(wire.RECORD_HEADER, record.header, expected.header)
        at += 32 + len(expected.body) + len(record.padding)
        assert record.body._io.is_eof()
        kind = expected.header.kind
        if kind == wire.CHUNK:
            same_table(CHUNK_HEAD, record.body.head, CHUNK_HEAD.read(expected.body, 0, "chunk"))
            if plain(record.body.head.codec) != 1:
                # Payloads of other codecs have no fields of their own.
                continue
            assert (
                sum(block.n_events for block in record.body.payload.blocks) == record.body.head.n_events
            )
            assert record.body.payload._io.is_eof()
            assert all(block._io.is_eof() for block in record.body.payload.blocks)
    assert at == len(data)
    same_root(found.root.body, evz.root)


def same_root(found, root):
    assert found.epoch.value == root.epoch and found.previous.value * 64 == root.previous
    assert [stream.declaration.id.value for stream in found.streams] == list(root.streams)
    for stream, expected in zip(found.streams, root.streams.values()):
        assert stream.declaration.name.value == expected.name
        assert [column.name.value for column in stream.declaration.columns] == [
            column.name for column in expected.columns
        ]
        assert stream.summary.n_events.value == expected.summary.n_events
        if stream.summary.n_events.value:
            same_summary(stream.summary.events, expected.summary)
        same_tree(stream.tree, expected.tree)
    for side, expected in zip(found.side, root.side.values(), strict=True):
        assert (side.name.value, side.stream.value) == (expected.name, expected.stream)
        assert side.declaration.offset.value * 64 == expected.declaration.offset
        assert side.summary.rows.value == expected.summary.rows
        same_tree(side.tree, expected.tree)
    assert {entry.key.value for entry in found.metadata.entries} == set(root.metadata)


def same_summary(found, summary):
    assert (found.t_min.value, found.t_span.value) == (summary.t_min, summary.t_span)
    assert found.n_on.value == summary.n_on
    assert [one.value for one in found.column_bytes] == summary.column_bytes
    assert list(found.column_crc) == summary.column_crc


def same_tree(found, tree):
    assert [(ref.level.value, ref.offset.value * 64, ref.n_rows.value) for ref in found.refs] == [
        (ref.level, ref.offset, ref.n_rows) for ref in tree.refs
    ]
    assert [entry.body_len.value for entry in found.entries] == [
        entry.body_len for entry in tree.entries
    ]
