"""Event Stream 2.0, byte by byte as https://github.com/neuromorphic-paris/event_stream describes it."""

import struct

DVS, ATIS, COLOR = 1, 2, 4


def read_es(data):
    """The type, the size of the sensor, and each event: (t, x, y, ...) with y from the bottom, as in
    the file; of generic events (t, bytes)."""
    assert data[:12] == b"Event Stream" and data[12] == 2
    kind = data[15]
    if kind == 0:
        return kind, None, list(generic(data, 16))
    assert kind in (DVS, ATIS, COLOR)
    return kind, struct.unpack("<HH", data[16:20]), list(events(data, 20, kind))


def events(data, at, kind):
    t = 0
    while at < len(data):
        first = data[at]
        if kind == ATIS and first & 0b11111100 == 0b11111100:
            t += 0b111111 * (first & 0b11)
            at += 1
        elif kind != ATIS and first >= 0b11111110:
            t += (0b1111111 if kind == DVS else 0b11111110) * (first & 1)
            at += 1
        else:
            x, y = struct.unpack("<HH", data[at + 1 : at + 5])
            if kind == DVS:
                t += first >> 1
                yield t, x, y, first & 1
            elif kind == ATIS:
                t += first >> 2
                yield t, x, y, first >> 1 & 1, first & 1
            else:
                t += first
                yield t, x, y, *data[at + 5 : at + 8]
            at += 8 if kind == COLOR else 5


def generic(data, at):
    t = 0
    while at < len(data):
        first = data[at]
        at += 1
        if first >= 0b11111110:
            t += 0b11111110 * (first & 1)
            continue
        t += first
        length = i = 0
        while True:
            byte = data[at]
            at += 1
            length |= (byte >> 1) << (7 * i)
            i += 1
            if not byte & 1:
                break
        yield t, data[at : at + length]
        at += length
