"""The golden files: their events, and every field that the JSON beside them tells."""

import hashlib

import numpy as np
import pytest

import evz_index as index
import evz_wire as wire
from evz_chunk import Chunk
from evz_reader import Evz, check, walk, walk_events
from evz_side import messages, read_side_batch
from golden import COMPAT, FILES, described, same_fields

golden = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def test_there_are_golden_files():
    assert FILES, f"no golden files in {COMPAT}"


@golden
def test_events_are_those_written(path):
    data, expected = path.read_bytes(), described(path)
    for events in (Evz(data).events(), walk_events(data)):
        assert len(events.t) == expected["events"]
        assert events.sha256() == expected["sha256"]


@golden
def test_further_columns_are_those_written(path):
    data, expected = path.read_bytes(), described(path)
    declared = Evz(data).root.streams[0].columns
    chunks = [Chunk(record.body, "chunk") for record in walk(data) if record.header.kind == wire.CHUNK]
    chunks = [chunk for chunk in chunks if chunk.head.stream == 0]
    found = []
    for i, column in enumerate(declared):
        raw = b"".join(chunk.column(i, column.type).tobytes() for chunk in chunks)
        found.append(hashlib.sha256(raw).hexdigest())
    assert found == expected.get("columns_sha256", [])


@golden
def test_checker_has_nothing_to_say(path):
    assert check(path).notes == []


@golden
def test_windows_are_the_filter(path):
    evz, dice = Evz(path.read_bytes()), np.random.default_rng(1)
    for number in evz.root.streams:
        events = evz.events(stream=number)
        for a, b in np.sort(dice.choice(events.t, (20, 2)), axis=1) if len(events.t) else []:
            chosen = (events.t >= a) & (events.t < b)
            assert evz.events(a, b, number).sha256() == events.where(chosen).sha256()
        for i, j in np.sort(dice.integers(0, len(events.t) + 1, (20, 2)), axis=1):
            assert evz.numbered(i, j, number).sha256() == events.where(slice(i, j)).sha256()


@golden
def test_fields_are_those_of_the_layout(path):
    data, layout = path.read_bytes(), described(path)["layout"]
    same_fields(wire.read_file_header(data), layout["header"], "header")
    evz, records = Evz(data), list(walk(data))
    assert [record.offset for record in records] == [record["offset"] for record in layout["records"]]
    for record, expected in zip(records, layout["records"]):
        where = f"record at {record.offset}"
        same_fields(record.header, expected["header"], where)
        ((name, fields),) = expected["body"].items()
        same_body(evz, record, name, fields, where)


def same_body(evz, record, name, expected, where):
    body, fields = record.body, wire.Fields(record.body, where)
    if name == "opaque":
        assert len(body) == expected
    elif name == "stream":
        same_stream(index.read_stream_declaration(fields), expected, where)
    elif name == "side_stream":
        same_side(index.read_side_declaration(fields), expected, where)
    elif name == "side_batch":
        batch = read_side_batch(body, where)
        same_fields(batch, expected, where)
        messages(batch, where)
    elif name == "chunk":
        chunk = Chunk(body, where)
        same_fields(chunk.head, expected[0], where)
        same_list(chunk.sections, expected[1], where)
    elif name == "activity":
        assert index.read_activity(body, where).counts == expected
    elif name == "leaf":
        leaf = index.read_leaf(body, where, lambda number: evz.root.streams[number].n_columns)
        same_leaf(leaf, expected, where)
    elif name == "node":
        same_refs(index.read_node(body, where).refs, expected, where)
    elif name == "root":
        same_root(index.read_root(body, record.offset), expected, where)
    else:
        pytest.fail(f"{where}: no test for {name}")


def same_list(found, expected, where):
    for one, fields in zip(found, expected, strict=True):
        same_fields(one, fields, where)


def same_stream(found, expected, where):
    expected = dict(expected)
    same_list(found.columns, expected.pop("columns"), where)
    same_fields(found, expected, where)


def same_side(found, expected, where):
    expected = dict(expected)
    assert len(found.schema) == expected.pop("schema")
    stream = expected.pop("stream")
    assert found.stream == (0 if stream is None else stream + 1)
    same_fields(found, expected, where)


def same_leaf(leaf, expected, where):
    expected = dict(expected)
    activity = expected.pop("activity")
    assert (leaf.activity is None) == (activity is None)
    same_fields(leaf.activity, activity or {}, where)
    # Numbers of first events are those of the list before; here they are only counted on.
    told = [dict(fields) for fields in expected["entries"]]
    first = [fields.pop("first_event", fields.pop("first_row", None)) for fields in told]
    for one, next_one, entry in zip(first, first[1:], leaf.entries):
        assert next_one == one + entry.n_rows
    same_list(leaf.entries, told, where)


def same_refs(refs, expected, where):
    told = [dict(fields) for fields in expected]
    first = [(fields.pop("first_item"), fields.pop("first_row")) for fields in told]
    for one, next_one, ref in zip(first, first[1:], refs):
        assert next_one == (one[0] + ref.n_items, one[1] + ref.n_rows)
    same_list(refs, told, where)


def same_tree(tree, expected, where):
    same_refs(tree.refs, expected["refs"], where)
    same_leaf(tree, expected["latest"], where)


def same_root(root, expected, where):
    told = {name: value for name, value in expected["header"].items() if name in index.FACTS}
    same_fields(root, told, where)
    assert bool(root.flags) == expected["checkpoint"]
    assert root.previous == (expected["previous"] or 0)
    same_fields(root.tail, expected["tail"], where)
    same_list(root.metadata_refs, expected["metadata_refs"], where)
    for stream, fields in zip(root.streams.values(), expected["streams"], strict=True):
        same_stream(stream, fields["declaration"], where)
        same_summary(stream.summary, fields["summary"], where)
        same_tree(stream.tree, fields["tree"], where)
    for side, fields in zip(root.side.values(), expected["side"], strict=True):
        assert (side.id, side.name) == (fields["id"], fields["name"]), where
        assert side.stream == (0 if fields["stream"] is None else fields["stream"] + 1)
        same_fields(side.declaration, fields["declared"], where)
        same_summary(side.summary, fields["span"], where)
        same_tree(side.tree, fields["tree"], where)


def same_summary(summary, expected, where):
    expected = dict(expected)
    if not summary.n_rows:
        assert expected["n_rows"] == expected["n_items"] == 0
        return
    if "sorted" in expected:
        assert bool(summary.flags) == expected.pop("sorted")
        assert len(summary.further) == len(expected.pop("columns"))
    same_fields(summary, expected, where)
