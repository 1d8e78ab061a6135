"""What everything in an evz file is read with: checks, checksums, byte tables, zigzag."""

import struct
import zlib
from types import SimpleNamespace


class EvzError(Exception):
    """The file is damaged, cut off, or of a version that this reader does not know."""


def require(holds, message):
    if not holds:
        raise EvzError(message)


def take(data, offset, n_bytes, what):
    """The bytes of a part of `data`, which has to lie inside it."""
    require(0 <= offset and 0 <= n_bytes and offset + n_bytes <= len(data),
            f"{what}: {n_bytes} bytes at {offset} are not all there")
    return data[offset:offset + n_bytes]


def check_crc(parts, expected, what):
    crc = 0
    for part in parts:
        crc = zlib.crc32(part, crc)
    require(crc == expected, f"{what}: checksum {crc:08x}, expected {expected:08x}")


class Table:
    """A byte table of SPEC.md: names with the struct module's letters, little-endian, no gaps."""

    def __init__(self, fields):
        self.fields = [field.split(":") for field in fields.split()]
        self.size = sum(struct.calcsize("<" + code) for _, code in self.fields)

    def read(self, data, offset, what):
        raw = take(data, offset, self.size, what)
        values, at = {}, 0
        for name, code in self.fields:
            several = struct.unpack_from("<" + code, raw, at)
            values[name] = several[0] if len(several) == 1 else list(several)
            at += struct.calcsize("<" + code)
        return SimpleNamespace(**values)


def round_up(n, multiple):
    return -(-n // multiple) * multiple


def unzigzag(r):
    return (r >> 1) ^ -(r & 1)
