"""What everything in an evz file is read with: numbers, texts, tables, headers, checksums."""

import struct
import zlib
from types import SimpleNamespace
from typing import NamedTuple

import zstandard


class EvzError(Exception):
    """The file is damaged, cut off, or of a version that this reader does not know."""


def require(holds, message):
    if not holds:
        raise EvzError(message)


def take(data, offset, n_bytes, what):
    """The bytes of a part of `data`, which has to lie inside it."""
    require(
        0 <= offset and 0 <= n_bytes and offset + n_bytes <= len(data),
        f"{what}: {n_bytes} bytes at {offset} are not all there",
    )
    return data[offset : offset + n_bytes]


def check_crc(parts, expected, what):
    crc = 0
    for part in parts:
        crc = zlib.crc32(part, crc)
    require(crc == expected, f"{what}: checksum {crc:08x}, expected {expected:08x}")


def check_zeros(raw, what):
    require(not any(raw), f"{what}: not 0")


def round_up(n, multiple):
    return -(-n // multiple) * multiple


def unzigzag(r):
    return (r >> 1) ^ -(r & 1)


def wrap_i64(number):
    return (number + 2**63) % 2**64 - 2**63


def as_text(raw, what):
    try:
        return bytes(raw).decode("utf-8")
    except UnicodeDecodeError as error:
        raise EvzError(f"{what}: not UTF-8") from error


# Tables of bytes


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


# Numbers of variable length

MAX_TEXT = 65535


class Fields:
    """Takes the fields of a body, one after the other."""

    def __init__(self, body, what):
        self.body, self.what, self.at = body, what, 0

    def raw(self, n_bytes):
        part = take(self.body, self.at, n_bytes, self.what)
        self.at += n_bytes
        return part

    def uint(self):
        number = shift = 0
        while True:
            (byte,) = self.raw(1)
            number |= (byte & 127) << shift
            if byte < 128:
                break
            shift += 7
            require(shift < 70, f"{self.what}: a number of more than 64 bits")
        require(number < 2**64, f"{self.what}: a number of more than 64 bits")
        require(byte or not shift, f"{self.what}: a number not of the shortest form")
        return number

    def sint(self):
        return unzigzag(self.uint())

    def u32(self):
        return struct.unpack("<I", self.raw(4))[0]

    def bytes(self):
        return bytes(self.raw(self.uint()))

    def text(self):
        n = self.uint()
        require(n <= MAX_TEXT, f"{self.what}: a text of {n} bytes")
        return as_text(self.raw(n), self.what)

    def read(self, fields):
        """Several: `name:type name:type`."""
        pairs = (field.split(":") for field in fields.split())
        return SimpleNamespace(**{name: getattr(self, kind)() for name, kind in pairs})

    def several(self, most, bytes_of_one, name):
        """How many of something follow: not more than allowed, nor than there is room for."""
        n = self.uint()
        require(n <= most and n * bytes_of_one <= len(self.body) - self.at, f"{self.what}: {n} {name}")
        return n

    def check_end(self):
        require(
            self.at == len(self.body),
            f"{self.what}: {len(self.body) - self.at} bytes behind the last field",
        )


# File header

FILE_HEADER = Table(
    "magic:8s version_major:H version_minor:H features_read:H features_edit:H"
    " features_any:H clock:H width:I height:I reserved:I tick_numerator:Q"
    " tick_denominator:Q epoch:q reserved_2:I crc:I"
)
MAGIC = b"\x89EVZ\r\n\x1a\n"
MAX_DENOMINATOR = 1 << 62
MAX_TICK_NS = 1 << 62


def read_file_header(data):
    what = "file header"
    header = FILE_HEADER.read(data, 0, what)
    require(header.magic == MAGIC, "not an evz file")
    check_crc([data[:60]], header.crc, what)
    version = (header.version_major, header.version_minor)
    require(version == (0, 2), f"format version {version[0]}.{version[1]} is not known")
    require(header.reserved == header.reserved_2 == 0, f"{what}: reserved bytes are not 0")
    check_facts(header, what)
    return header


def check_facts(facts, what):
    """What header and root say of the file."""
    require(facts.features_read == 0, f"{what}: features {facts.features_read:#x} are not known")
    require(facts.clock <= 4, f"{what}: clock {facts.clock}")
    check_size(facts, what)
    numerator, denominator = facts.tick_numerator, facts.tick_denominator
    require(
        numerator >= 1 and 1 <= denominator <= MAX_DENOMINATOR,
        f"{what}: a tick of {numerator}/{denominator}",
    )
    require(
        numerator * 10**9 <= MAX_TICK_NS * denominator, f"{what}: a tick of {numerator}/{denominator} s"
    )
    require(
        greatest_common_divisor(numerator, denominator) == 1,
        f"{what}: a tick of {numerator}/{denominator}, which is not reduced",
    )


def check_size(facts, what):
    require(
        (facts.width == 0) == (facts.height == 0), f"{what}: a size of {facts.width} x {facts.height}"
    )


def greatest_common_divisor(a, b):
    while b:
        a, b = b, a % b
    return a


# Records

RECORD_HEADER = Table("magic:4s kind:H flags:H body_len:Q body_crc:I number:Q crc:I")
TAIL = Table("root_offset:Q magic:8s")

METADATA, STREAM, CHUNK, SIDE_STREAM, SIDE_BATCH, LEAF, NODE, ACTIVITY, ROOT = range(1, 10)
CRITICAL = 1
PRIVATE = 32768
ALIGNMENT = 64
MAX_BODY = 1 << 28


class Record(NamedTuple):
    offset: int
    header: SimpleNamespace
    body: memoryview

    @property
    def end(self):
        return self.offset + RECORD_HEADER.size + len(self.body)


def read_record_header(data, offset):
    """A header whose checksum holds, of a body that lies in the file. Its fields may be wrong."""
    what = f"record at {offset}"
    require(offset % ALIGNMENT == 0, f"{what}: not a multiple of {ALIGNMENT}")
    header = RECORD_HEADER.read(data, offset, what)
    require(header.magic == b"EVZR", f"{what}: no record")
    check_crc([data[offset : offset + 28]], header.crc, f"{what}: header")
    require(header.body_len <= MAX_BODY, f"{what}: body of {header.body_len} bytes")
    take(data, offset + RECORD_HEADER.size, header.body_len, what)
    return header


def check_record_header(header, what):
    known = METADATA <= header.kind <= ROOT
    require(header.kind != 0, f"{what}: kind 0")
    require(header.flags & ~CRITICAL == 0, f"{what}: flags {header.flags:#x}")
    if known:
        critical = header.kind != ACTIVITY
        require(header.flags == critical, f"{what}: kind {header.kind} with flags {header.flags}")
    require(header.kind < PRIVATE or not header.flags, f"{what}: private and critical")
    require(known or not header.flags, f"{what}: kind {header.kind} is not known and critical")
    require(
        header.number == 0 or not known or header.kind in (CHUNK, SIDE_BATCH),
        f"{what}: number {header.number} of kind {header.kind}",
    )


def read_record(data, offset, kind, body_len, number=0, body_crc=None):
    """A record that another one points at, as that one says. A body is checked if its crc is told."""
    header = read_record_header(data, offset)
    what = f"record at {offset}"
    check_record_header(header, what)
    found, told = (header.kind, header.body_len, header.number), (kind, body_len, number)
    require(found == told, f"{what}: kind, length and number are {found}, expected {told}")
    body = take(data, offset + RECORD_HEADER.size, body_len, what)
    if body_crc is not None:
        require(header.body_crc == body_crc, f"{what}: body_crc is not as told")
        check_crc([body], body_crc, f"{what}: body")
    return Record(offset, header, body)


def record_units(body_len):
    """How many times 64 bytes a record takes."""
    return round_up(RECORD_HEADER.size + body_len, ALIGNMENT) // ALIGNMENT


# zstd

MAX_WINDOW = 128 << 20


def unzstd(frame, raw_len, what):
    """What one zstd frame holds, which has to be `raw_len` bytes."""
    frame = bytes(frame)
    require(frame[:4] == b"\x28\xb5\x2f\xfd", f"{what}: no zstd frame")
    # Dictionary_ID, the reserved and the unused bit.
    require(len(frame) > 4 and not frame[4] & 0b11011, f"{what}: a zstd frame with more than its bytes")
    try:
        told = zstandard.get_frame_parameters(frame)
        require(told.dict_id == 0, f"{what}: a zstd frame with a dictionary")
        require(told.window_size <= MAX_WINDOW, f"{what}: a zstd window of {told.window_size} bytes")
        # The frame may say its size, and is not believed: an allocation follows from it.
        said = zstandard.frame_content_size(frame)
        require(said in (-1, raw_len), f"{what}: a zstd frame of {said} bytes, expected {raw_len}")
        whole = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW).decompressobj()
        raw = bytearray()
        for i in range(0, len(frame), 1 << 16):
            require(not whole.eof, f"{what}: bytes behind the zstd frame")
            raw += whole.decompress(frame[i : i + (1 << 16)])
            require(len(raw) <= raw_len, f"{what}: more than {raw_len} bytes")
    except zstandard.ZstdError as error:
        raise EvzError(f"{what}: {error}") from error
    require(whole.eof and not whole.unused_data, f"{what}: not exactly one zstd frame")
    require(len(raw) == raw_len, f"{what}: {len(raw)} bytes, expected {raw_len}")
    return bytes(raw)
