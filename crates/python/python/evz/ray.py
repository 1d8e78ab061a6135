"""Recordings as data sets of Ray."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .parts import PART, Part, parts_of
from .paths import Sources
from .recording import _is_on
from .wanting import wanted

wanted("ray.data", "evz.ray")

import pyarrow as pa  # noqa: E402
import ray.data  # noqa: E402
from ray.data import Datasource, ReadTask  # noqa: E402
from ray.data.block import BlockMetadata  # noqa: E402

__all__ = ["EvzDatasource", "read_evz"]


class EvzDatasource(Datasource):  # type: ignore[misc]
    """Recordings as a source of Ray Data, a task for every so many chunks.

        ray.data.read_datasource(evz.ray.EvzDatasource("day/*.evz", columns="xy"))

    Args:
        paths: A recording, a path, a pattern, a folder, or a list of these, which all workers find.
        columns: Which ones; all, if it is not said.
        time, roi, polarity: As of `rec.read`.
        chunks: Chunks a task, of 65,536 events each; where Ray asks for fewer tasks than that makes, it
            gets larger ones.
        options: Those of `evz.open`.

    Raises:
        InvalidArgumentError: If the recordings count time in different ticks, or there is no such column.
    """

    def __init__(
        self,
        paths: Sources,
        *,
        columns: str | list[str] | None = None,
        time: tuple[int | None, int | None] | slice | None = None,
        roi: tuple[int, int, int, int] | None = None,
        polarity: str | int | bool | None = None,
        chunks: int = PART,
        **options: Any,
    ) -> None:
        super().__init__()
        if polarity is not None:
            _is_on(polarity)
        self._found = parts_of(paths, chunks, time, columns, options)
        self._selection = {"time": time, "roi": roi, "polarity": polarity}
        self._whole = (time, roi, polarity) == (None, None, None)

    def get_name(self) -> str:
        """What Ray calls it."""
        return "Evz"

    @property
    def _event_bytes(self) -> int:
        return sum(dtype.itemsize for dtype in self._found.dtypes.values())

    def estimate_inmemory_data_size(self) -> int | None:
        """Bytes of all columns, at most."""
        return sum(part.stop - part.start for part in self._found.parts) * self._event_bytes

    def get_read_tasks(
        self,
        parallelism: int,
        per_task_row_limit: int | None = None,
        data_context: Any = None,
    ) -> list[ReadTask]:
        """A task for each part, or for several side by side if there are more than Ray wants."""
        parts = self._found.parts
        n = min(len(parts), max(parallelism, 1))
        groups = [parts[len(parts) * i // n : len(parts) * (i + 1) // n] for i in range(n)]
        return [self._task(group, per_task_row_limit) for group in groups]

    def _task(self, parts: list[Part], limit: int | None) -> ReadTask:
        rows = sum(part.stop - part.start for part in parts)
        metadata = BlockMetadata(
            # What a selection leaves is not known before it is read.
            num_rows=rows if self._whole else None,
            size_bytes=rows * self._event_bytes,
            input_files=sorted({part.name for part in parts}),
            exec_stats=None,
        )
        schema = pa.schema(
            [(name, pa.from_numpy_dtype(dtype)) for name, dtype in self._found.dtypes.items()]
        )
        read = _reading(parts, list(self._found.dtypes), self._selection)
        return ReadTask(read, metadata, schema=schema, per_task_row_limit=limit)


def _reading(
    parts: list[Part], names: list[str], selection: dict[str, Any]
) -> Callable[[], Iterable[pa.Table]]:
    """What a worker runs: it holds what the parts are opened by, and no open file."""

    def read() -> Iterable[pa.Table]:
        for part in parts:
            events = part.read(columns=names, **selection)
            yield pa.table({name: events[name] for name in names})

    return read


def read_evz(paths: Sources, *, override_num_blocks: int | None = None, **how: Any) -> ray.data.Dataset:
    """Recordings as a data set of Ray.

    Args:
        paths, how: As of `EvzDatasource`.
        override_num_blocks: How many tasks there are at most, if Ray is not to decide.
    """
    return ray.data.read_datasource(
        EvzDatasource(paths, **how), override_num_blocks=override_num_blocks
    )
