"""Files for the tests, made by evz_writer, and what is in them."""

import struct
from types import SimpleNamespace

import numpy as np
import pyarrow as pa

from evz_chunk import Events
from evz_writer import Writer, no_forge

COLUMNS = [("intensity", 6, "DN", "of the pixel"), ("valid", 0, "", "")]


def some_events(n, seed=0, t_from=0, t_to=10_000, in_order=True):
    dice = np.random.default_rng(seed)
    t = dice.integers(t_from, t_to, n)
    return Events(
        np.sort(t) if in_order else t,
        dice.integers(0, 640, n).astype(np.uint16),
        dice.integers(0, 480, n).astype(np.uint16),
        dice.integers(0, 2, n).astype(np.uint8),
    )


def parts(events, sizes):
    at = 0
    for n in sizes:
        yield events.where(slice(at, at + n))
        at += n


def recording(forge=no_forge, streams=(), side=False, metadata=False, roots=(), **options):
    """`streams`: chunks of each, and columns. `roots`: after which chunks of stream 0 a root stands."""
    writer = Writer(forge=forge, **options)
    if metadata:
        writer.metadata(
            [
                ("source.format", 0, b"made"),
                ("place", 0, b"here"),
                ("x.float", 3, struct.pack("<d", -0.5)),
            ]
        )
    for number, (_, columns) in enumerate(streams):
        if number or columns:
            writer.stream(
                number, name=f"s{number}", width=64 * number, height=48 * number, columns=columns
            )
    if side:
        write_side(writer)
    for i in range(max((len(chunks) for chunks, _ in streams), default=0)):
        for number, (chunks, columns) in enumerate(streams):
            if i < len(chunks):
                write_chunk(writer, number, chunks[i], columns)
        if i in roots:
            writer.root(checkpoint=True)
    later = [
        ("place", 6, b""),
        ("an.int", 2, struct.pack("<q", 7)),
        ("a.bool", 4, b"\1"),
        ("camera.region", 5, b"[0, 0, 4, 5]"),
        ("some", 1, b"\0\xff"),
        ("later", 99, b"?"),
    ]
    return writer.finish(later if metadata else ())


def write_chunk(writer, number, events, columns):
    values = [events.x.astype(int) + 3, events.p][: len(columns)]
    writer.chunk(number, *events, columns=values)


def write_side(writer):
    schema = pa.schema([("t", pa.duration("us")), ("id", pa.uint8())])
    writer.side_stream(0, "triggers", schema)
    writer.side_stream(1, "imu", schema, stream=1)
    for times, pack in (([5, 4], 0), ([7], 1), ([900, 901, 902], 1)):
        table = pa.table(
            {"t": pa.array(times, pa.duration("us")), "id": pa.array(range(len(times)), pa.uint8())},
            schema,
        )
        writer.batch(0, table, pack)
        writer.batch(1, table, pack)


def joined(chunks):
    return Events(*(np.concatenate(columns) for columns in zip(*chunks)))


def one(name, chunks, more=(), columns=(), **options):
    streams = [(chunks, columns), *more] if chunks or more else []
    return name, SimpleNamespace(streams=streams, options=options)


EXTREMES = Events(
    np.array([2**63 - 1, -(2**63), 0, -(2**63)]),
    *(np.array([0, 65535, 1, 0], np.uint16),) * 2,
    np.array([1, 0, 1, 0], np.uint8),
)
HIGH = some_events(3000, 2, 2**62, 2**62 + 10**9)

RECORDINGS = dict(
    [
        one("empty", []),
        one("one-event", [some_events(1)]),
        one("one-chunk", [some_events(2500)]),
        one("unsorted", [some_events(1500, 3, in_order=False), some_events(700, 4, in_order=False)]),
        one("overlapping", [some_events(100, 5), some_events(100, 6)]),
        one("extremes", [EXTREMES]),
        one(
            "high-times",
            list(parts(HIGH, [1000, 1024, 976])),
            epoch=-(2**62),
            tick=(1, 24_000_000),
            clock=2,
        ),
        one(
            "levels",
            list(parts(some_events(60, 7), [2] * 30)),
            fan_out=2,
            tick=(1001, 30_000),
            epoch=2**63 - 1,
        ),
        one("levels-unsorted", list(parts(some_events(60, 7, in_order=False), [2] * 30)), fan_out=3),
        one(
            "streams",
            list(parts(some_events(40, 8), [5] * 8)),
            [
                (list(parts(some_events(30, 9), [10] * 3)), COLUMNS),
                ([], []),
                (list(parts(some_events(9, 10), [1] * 9)), COLUMNS[:1]),
            ],
            columns=COLUMNS,
            fan_out=2,
            side=True,
            metadata=True,
            roots=[0, 3, 4],
        ),
        one("no-activity", list(parts(some_events(60, 11), [3] * 20)), fan_out=4, activity=False),
        one("roots", list(parts(some_events(60, 12), [3] * 20)), fan_out=3, roots=range(20)),
    ]
)


def made(name):
    """The file, and the events of each stream."""
    found = RECORDINGS[name]
    events = [joined(chunks) if chunks else some_events(0) for chunks, _ in found.streams] or [
        some_events(0)
    ]
    return recording(streams=found.streams, **found.options), events
