"""Side streams: tables of Arrow that were recorded beside the events."""

import pyarrow as pa

from evz_index import MAX_ROWS, read_span
from evz_wire import EvzError, Fields, require, unzstd

MAX_RAW = 1 << 28


def read_side_batch(body, what):
    """The head, and the rest of the body as `packed`."""
    fields = Fields(body, what)
    batch = fields.read("id:uint rows:uint t_min:sint t_span:uint pack:uint raw_len:uint")
    require(1 <= batch.rows <= MAX_ROWS, f"{what}: {batch.rows} rows")
    read_span(batch, 0, what)
    require(batch.pack <= 1, f"{what}: pack {batch.pack}")
    require(batch.raw_len <= MAX_RAW, f"{what}: {batch.raw_len} bytes")
    batch.packed = fields.body[fields.at :]
    return batch


def messages(batch, what):
    """The Arrow IPC messages of the rows, as bytes."""
    if batch.pack:
        return unzstd(batch.packed, batch.raw_len, what)
    require(len(batch.packed) == batch.raw_len, f"{what}: not {batch.raw_len} bytes")
    return bytes(batch.packed)


def only_message(raw, kind, what):
    """These bytes are one message, and nothing else."""
    with arrow_errors(what):
        source = pa.BufferReader(raw)
        found = pa.ipc.read_message(source)
    require(raw[:4] == b"\xff\xff\xff\xff", f"{what}: a message without its mark")
    require(found.type == kind and source.tell() == len(raw), f"{what}: not exactly one {kind}")
    return found


def is_compressed(message):
    """Whether the head of a record batch has the field `compression`, by its table of fields."""
    head = message.metadata.to_pybytes()

    def number(at, size, signed=False):
        return int.from_bytes(head[at : at + size], "little", signed=signed)

    def field(table, i):
        fields = table - number(table, 4, signed=True)
        at = 4 + 2 * i
        return number(fields + at, 2) if at < number(fields, 2) else 0

    root = number(0, 4)
    at = root + field(root, 2)
    return field(at + number(at, 4), 3) != 0


def read_rows(declaration, raw, what):
    """The rows of a batch, as a table."""
    with arrow_errors(what):
        return pa.ipc.open_stream(pa.BufferReader(declaration.schema + raw)).read_all()


class arrow_errors:
    """Arrow's errors are those of the file."""

    def __init__(self, what):
        self.what = what

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, (pa.ArrowException, EOFError, OSError, ValueError, TypeError)):
            raise EvzError(f"{self.what}: {error}") from error


def check_schema(declaration, facts, what):
    """The schema is one message, and its time column has the type of the tick."""
    only_message(declaration.schema, "schema", what)
    with arrow_errors(what):
        schema = pa.ipc.read_schema(pa.py_buffer(declaration.schema))
    require(
        not any(pa.types.is_dictionary(field.type) for field in schema), f"{what}: a dictionary"
    )
    require(declaration.time_column < len(schema), f"{what}: no column {declaration.time_column}")
    found = schema.field(declaration.time_column).type
    require(found == time_type(facts), f"{what}: times of type {found}")
    return schema


def time_type(facts):
    units = {(1, 10**digits): unit for digits, unit in ((0, "s"), (3, "ms"), (6, "us"), (9, "ns"))}
    unit = units.get((facts.tick_numerator, facts.tick_denominator))
    return pa.duration(unit) if unit else pa.int64()


def check_rows(declaration, raw, batch, what):
    """A checker reads the message, counts the rows and looks at their times."""
    message = only_message(raw, "record batch", what)
    require(not is_compressed(message), f"{what}: compressed by Arrow")
    with arrow_errors(what):
        table = read_rows(declaration, raw, what)
        table.validate(full=True)
        times = table.column(declaration.time_column)
        require(times.null_count == 0, f"{what}: a row without a time")
        times = times.cast(pa.int64()).to_pylist()
    require(table.num_rows == batch.rows, f"{what}: {table.num_rows} rows, not {batch.rows}")
    require((min(times), max(times)) == (batch.t_min, batch.t_max), f"{what}: times are not as told")
