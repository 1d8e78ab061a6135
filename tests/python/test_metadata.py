"""Metadata: what is of its type, and what replaces what."""

import pytest

from evz_metadata import apply, json_value
from evz_reader import Evz, EvzError, check, metadata_of
from evz_writer import Writer


def entries(*several):
    writer = Writer()
    body = writer.body("metadata")
    writer.write_metadata(body, several)
    return metadata_of(bytes(body.raw))


@pytest.mark.parametrize(
    "kind, value, found",
    [
        (0, b"\xc3\xa9", "é"),
        (0, b"\xff", None),
        (1, b"\xff", b"\xff"),
        (2, bytes(7), None),
        (2, b"\xff" * 8, -1),
        (3, bytes(8), 0.0),
        (3, bytes(4), None),
        (4, b"\2", None),
        (4, b"", None),
        (4, b"\1", True),
        (5, b"\xff", None),
        (5, b"[]", "[]"),
        (6, b"", None),
        (7, b"\xff", b"\xff"),
    ],
)
def test_values(kind, value, found):
    if found is None and kind != 6:
        with pytest.raises(EvzError):
            entries(("key", kind, value))
    else:
        assert entries(("key", kind, value)) == {"key": (kind, found)}


def test_keys():
    for bad in ([("", 0, b"")], [("a", 0, b""), ("a", 1, b"")]):
        with pytest.raises(EvzError):
            entries(*bad)
    with pytest.raises(EvzError):
        metadata_of(b"\1\1\xff\0\0")
    with pytest.raises(EvzError):
        metadata_of(b"\1\1a\0\0\0")


def test_an_entry_replaces_an_earlier_one():
    found = {}
    for several in (
        [("a", 0, b"1"), ("b", 0, b"2"), ("c", 0, b"3")],
        [("a", 6, b""), ("b", 2, bytes(8)), ("c", 9, b"")],
    ):
        apply(found, entries(*several))
    assert found == {"b": 0, "c": "3"}


@pytest.mark.parametrize(
    "bad", ["", "[1,]", "NaN", "[Infinity]", "{'a': 1}", "1 2", "\ufeff1", "[" * 100_000]
)
def test_what_is_no_json(bad):
    with pytest.raises(EvzError):
        json_value(bad, "test")
    writer = Writer()
    data = writer.finish([("a", 5, bad.encode())])
    Evz(data)
    with pytest.raises(EvzError, match="JSON"):
        check(data)


def test_json():
    assert json_value('{"a": [1e400, ' + "9" * 5000 + ', "\\ud800"]}', "test")["a"][0] == float("inf")
