"""Recordings as a data set of pyarrow, which DuckDB, DataFusion and Polars query in place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from .chunk_list import ChunkList
from .errors import InvalidArgumentError
from .recording import Recording
from .shelf import Shelf
from .types import EVZ

_FAN = 8
"""Parts of the chunks that are looked at together, and of each part that remains, down to the chunks. An
expression takes pyarrow 12 us: 2 ms for the 160 chunks of ten million events, 0.2 s for the 15,000 of 10^9;
by eighths a window is found in 0.4 ms and 0.6 ms."""

_RUN = 16
"""Chunks of a record batch: a million events, which is enough to keep all threads busy."""

_PLACE = tuple[int, int, int]
"""A recording, its first chunk and the one behind the last."""


class Dataset(ds.Dataset):  # type: ignore[misc]
    """Recordings as a data set of pyarrow: columns and filters reach the chunks, and those that cannot hold
    what is looked for are not read. It pickles.

    Made by `evz.dataset`.
    """

    def __init__(
        self,
        shelf: Shelf,
        include_file_paths: str | None,
        condition: pc.Expression | None = None,
    ) -> None:
        # Nothing of the base: it stands for a data set of C++, which this is not.
        self._shelf = shelf
        self._paths_as = include_file_paths
        self._condition = condition
        self._schema = _schema_of([columns for _, columns, _ in shelf.found], include_file_paths)
        roots = [(i, 0, len(chunks)) for i, (chunks, _, _) in enumerate(shelf.found) if len(chunks)]
        self._roots = Pruner(roots, self._holds, self._schema)
        self._below: dict[_PLACE, Pruner] = {}

    def _holds(self, place: _PLACE) -> pc.Expression:
        """What is true of every event of some chunks."""
        i, start, stop = place
        chunks, _, (x_max, y_max) = self._shelf.found[i]
        low, high = chunks.span(start, stop)
        holds = (pc.field("t") >= low) & (pc.field("t") <= high)
        if stop - start > 1:
            holds &= (pc.field("x") <= x_max) & (pc.field("y") <= y_max)
        if self._paths_as is not None:
            holds &= pc.field(self._paths_as) == self._shelf.names[i]
        return holds

    def _places(self, condition: pc.Expression | None) -> list[_PLACE]:
        """Chunks side by side that may hold what is looked for, at most `_RUN` of them."""
        found: list[_PLACE] = []
        for root in self._roots.that_may(condition):
            for i, start, stop in [root] if condition is None else self._within(root, condition):
                for k in range(start, stop):
                    last = found[-1] if found else (-1, 0, 0)
                    if last[0] == i and last[2] == k and k - last[1] < _RUN:
                        found[-1] = (i, last[1], k + 1)
                    else:
                        found.append((i, k, k + 1))
        return found

    def _within(self, place: _PLACE, condition: pc.Expression) -> Iterator[_PLACE]:
        """The chunks of a place that may hold what is looked for."""
        i, start, stop = place
        if stop - start == 1:
            yield place
            return
        if place not in self._below:
            size = 1
            while size * _FAN < stop - start:
                size *= _FAN
            parts = [(i, k, min(k + size, stop)) for k in range(start, stop, size)]
            self._below[place] = Pruner(parts, self._holds, self._schema)
        for part in self._below[place].that_may(condition):
            yield from self._within(part, condition)

    @property
    def schema(self) -> pa.Schema:
        """The columns: t in ticks, x, y, p and the further ones that all recordings have."""
        return self._schema

    @property
    def files(self) -> list[str]:
        """The recordings."""
        return list(self._shelf.names)

    @property
    def partition_expression(self) -> pc.Expression:
        """What is true of every event."""
        return pc.scalar(True)

    def scanner(
        self,
        columns: list[str] | Mapping[str, pc.Expression] | None = None,
        filter: pc.Expression | None = None,
        **options: Any,
    ) -> ds.Scanner:
        """A scan of the chunks that may hold what is looked for, of the columns that are needed.

        Args:
            columns: Names, or expressions by name; all columns, if it is not said.
            filter: What events are wanted.
            options: Further ones of pyarrow's scanner.
        """
        return self._scan(None, columns, filter, options)

    def _scan(
        self,
        among: list[_PLACE] | None,
        columns: list[str] | Mapping[str, pc.Expression] | None,
        condition: pc.Expression | None,
        options: dict[str, Any],
    ) -> ds.Scanner:
        condition = _both(self._condition, condition)
        places = self._places(condition) if among is None else among
        names = _needed(self._schema, columns, condition)
        schema = pa.schema([self._schema.field(name) for name in names], self._schema.metadata)
        known = {"batch_size", "use_threads", "memory_pool", "fragment_scan_options", "cache_metadata",
                 "batch_readahead", "fragment_readahead"}
        chosen = {key: value for key, value in options.items() if key in known}
        # A window is filtered before threads for it are awake.
        chosen.setdefault("use_threads", len(places) > 2)
        return ds.Scanner.from_batches(
            self._batches(places, names, schema),
            schema=schema,
            columns=columns,
            filter=condition,
            **chosen,
        )

    def _batches(
        self, places: Iterable[_PLACE], names: list[str], schema: pa.Schema
    ) -> Iterator[pa.RecordBatch]:
        of_events = [name for name in names if name != self._paths_as]
        for i, start, stop in places:
            chunks: ChunkList = self._shelf.found[i][0]
            events = (int(chunks.first[start]), int(chunks.end[stop - 1]))
            read = self._shelf[i].read(events=events, columns=of_events or ["p"])
            arrays = [
                pa.array([self._shelf.names[i]] * len(read), pa.string())
                if name == self._paths_as
                else pa.array(read[name])
                for name in names
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    def get_fragments(self, filter: pc.Expression | None = None) -> Iterator[Fragment]:
        """The parts that may hold what is looked for: for engines that read several at once."""
        for place in self._places(_both(self._condition, filter)):
            yield Fragment(self, place)

    def count_rows(self, filter: pc.Expression | None = None, **options: Any) -> int:
        """The number of events, from the index where there is no filter."""
        if filter is None and self._condition is None:
            return sum(int(chunks.n_events.sum()) for chunks, _, _ in self._shelf.found)
        rows: int = self.scanner(columns=[], filter=filter, **options).count_rows()
        return rows

    def filter(self, expression: pc.Expression) -> Dataset:
        """The data set of the events of which something is true."""
        return Dataset(self._shelf, self._paths_as, _both(self._condition, expression))

    # What the base does in C++ is done on a table: this has no C++ side.

    def take(self, indices: Any, **options: Any) -> pa.Table:
        """Events by number, in memory."""
        return self.to_table(**options).take(indices)

    def sort_by(self, sorting: Any, **options: Any) -> Any:
        """All events in another order, in memory."""
        return ds.InMemoryDataset(self.to_table(**options).sort_by(sorting))

    def join(self, right_dataset: Any, *args: Any, **options: Any) -> Any:
        """Joined with another data set or table, in memory."""
        right = right_dataset.to_table() if isinstance(right_dataset, ds.Dataset) else right_dataset
        return ds.InMemoryDataset(self.to_table().join(right, *args, **options))

    def join_asof(self, right_dataset: Any, *args: Any, **options: Any) -> Any:
        """Joined with what is next in another data set or table, in memory."""
        right = right_dataset.to_table() if isinstance(right_dataset, ds.Dataset) else right_dataset
        return ds.InMemoryDataset(self.to_table().join_asof(right, *args, **options))

    def replace_schema(self, schema: pa.Schema) -> Dataset:
        """The same, if the schema is that of the data set."""
        if not schema.equals(self._schema):
            raise InvalidArgumentError("the columns of recordings are what they are; cast what is read")
        return self

    def __repr__(self) -> str:
        return f"<evz.dataset of {len(self._shelf):,} recordings: {', '.join(self._schema.names)}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Dataset, (self._shelf, self._paths_as, self._condition)


class Fragment:
    """Chunks side by side, as DataFusion asks for parts of a data set."""

    def __init__(self, dataset: Dataset, place: _PLACE) -> None:
        self._dataset = dataset
        self._place = place
        self.partition_expression = dataset._holds(place)

    @property
    def physical_schema(self) -> pa.Schema:
        """The columns of the data set."""
        return self._dataset.schema

    def scanner(
        self,
        schema: pa.Schema | None = None,
        columns: list[str] | Mapping[str, pc.Expression] | None = None,
        filter: pc.Expression | None = None,
        **options: Any,
    ) -> ds.Scanner:
        """A scan of these chunks."""
        return self._dataset._scan([self._place], columns, filter, options)

    def to_table(self, schema: pa.Schema | None = None, **options: Any) -> pa.Table:
        """The events of these chunks."""
        return self.scanner(schema, **options).to_table()

    def to_batches(self, schema: pa.Schema | None = None, **options: Any) -> Any:
        """The events of these chunks, batch by batch."""
        return self.scanner(schema, **options).to_batches()

    def count_rows(self, **options: Any) -> int:
        """The number of events."""
        rows: int = self.scanner(columns=[], **options).count_rows()
        return rows


class Pruner:
    """Places, of which pyarrow says which may hold what an expression looks for.

    To understand the expression is left to pyarrow: each place is a file that does not exist, of which it
    is known what holds for all of its rows, and no file is opened to ask which remain.
    """

    def __init__(
        self, places: list[_PLACE], holds: Callable[[_PLACE], pc.Expression], schema: pa.Schema
    ) -> None:
        self._places = places
        self._holds = holds
        self._schema = schema
        self._known: ds.FileSystemDataset | None = None

    def that_may(self, condition: pc.Expression | None) -> list[_PLACE]:
        """Those that may hold such events, in their order."""
        if condition is None or not self._places:
            return self._places
        if self._known is None:
            from pyarrow.fs import LocalFileSystem

            format, nowhere = ds.IpcFileFormat(), LocalFileSystem()
            parts = [
                format.make_fragment(str(n), nowhere, partition_expression=self._holds(place))
                for n, place in enumerate(self._places)
            ]
            self._known = ds.FileSystemDataset(parts, self._schema, format, nowhere)
        remain = sorted(int(part.path) for part in self._known.get_fragments(filter=condition))
        return [self._places[n] for n in remain]


def look(recording: Recording) -> tuple[ChunkList, dict[str, str], tuple[int, int]]:
    """What is kept of a recording: its chunks, its columns and its extent."""
    columns = {name: EVZ[recording.dtype[name].name] for name in recording.columns}
    tick = recording.tick
    columns["evz.tick"] = f"{tick.numerator}/{tick.denominator}"
    return ChunkList.of(recording), columns, recording._one().reach


def _schema_of(columns: list[dict[str, str]], paths_as: str | None) -> pa.Schema:
    ticks = {each["evz.tick"] for each in columns}
    if len(ticks) > 1:
        raise InvalidArgumentError(
            f"the recordings count time in ticks of {', '.join(sorted(ticks))} s, which are no one column; "
            "make a data set of those of each"
        )
    shared = dict(columns[0])
    for each in columns:
        shared = {name: of for name, of in shared.items() if each.get(name) == of}
    tick = shared.pop("evz.tick")
    if paths_as in shared:
        raise InvalidArgumentError(f"include_file_paths={paths_as!r} is a column of the events")
    fields = [pa.field(name, _ARROW[of], nullable=False) for name, of in shared.items()]
    if paths_as is not None:
        fields.append(pa.field(paths_as, pa.string(), nullable=False))
    return pa.schema(fields, {"evz.tick": tick})


_ARROW = {
    "bool": pa.bool_(), "i8": pa.int8(), "i16": pa.int16(), "i32": pa.int32(), "i64": pa.int64(),
    "u8": pa.uint8(), "u16": pa.uint16(), "u32": pa.uint32(), "u64": pa.uint64(), "f32": pa.float32(),
    "f64": pa.float64(),
}


def _both(a: pc.Expression | None, b: pc.Expression | None) -> pc.Expression | None:
    if a is None or b is None:
        return b if a is None else a
    return a & b


def _needed(
    schema: pa.Schema,
    columns: list[str] | Mapping[str, pc.Expression] | None,
    condition: pc.Expression | None,
) -> list[str]:
    """The columns to read: those that are asked for, and those that expressions may name."""
    if columns is None:
        return list(schema.names)
    plain = set() if isinstance(columns, Mapping) else set(columns)
    told = [] if condition is None else [str(condition)]
    if isinstance(columns, Mapping):
        told += [str(expression) for expression in columns.values()]
    # An expression does not tell its columns, but shows them; a text that holds one by chance makes for a
    # column that is read in vain. One that counts columns may mean any.
    if any("FieldPath" in text for text in told):
        return list(schema.names)
    needed = [name for name in schema.names if name in plain or any(name in text for text in told)]
    # Rows are counted by the column that costs least.
    return needed or ["p"]
