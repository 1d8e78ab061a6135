"""Metadata: the body of a record of kind 1, and what several of them make."""

import json
import struct

from evz_wire import EvzError, as_text, require

MAX_ENTRIES = 65536
JSON, NOTHING = 5, 6


def read_metadata(fields):
    """The entries: key, type, value."""
    entries = {}
    for _ in range(fields.several(MAX_ENTRIES, 4, "entries of metadata")):
        entry = fields.read("key:text type:uint value:bytes")
        what = f"{fields.what}: {entry.key!r}"
        require(entry.key, f"{fields.what}: an empty key")
        require(entry.key not in entries, f"{what} stands twice")
        entries[entry.key] = (entry.type, value_of(entry.type, entry.value, what))
    return entries


def value_of(kind, raw, what):
    """The value, or bytes of an unknown type as they are."""
    if kind in (0, JSON):
        return as_text(raw, what)
    if kind not in (2, 3, 4, NOTHING):
        return raw
    code = {2: "<q", 3: "<d", 4: "<B", NOTHING: ""}[kind]
    require(len(raw) == struct.calcsize(code), f"{what}: a value of {len(raw)} bytes")
    if kind == NOTHING:
        return None
    (number,) = struct.unpack(code, raw)
    if kind == 4:
        require(number <= 1, f"{what}: a bool of {number}")
        return bool(number)
    return number


def json_value(raw, what):
    """What a JSON entry holds; a reader need not parse it."""

    def refuse(name):
        raise EvzError(f"{what}: {name} is not JSON")

    try:
        # Python limits the digits of an int.
        return json.loads(
            raw, parse_constant=refuse, parse_int=lambda one: int(one) if len(one) < 100 else float(one)
        )
    except (ValueError, RecursionError) as error:
        raise EvzError(f"{what}: not JSON") from error


def apply(metadata, entries):
    """Entries of unknown types are left out."""
    for key, (kind, value) in entries.items():
        if kind == NOTHING:
            metadata.pop(key, None)
        elif kind < NOTHING:
            metadata[key] = value
