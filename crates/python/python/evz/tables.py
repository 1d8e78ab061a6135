"""Recordings as tables that engines query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .paths import Sources
from .shelf import Shelf
from .wanting import wanted

if TYPE_CHECKING:
    import polars as pl

    from .arrow_dataset import Dataset


def dataset(sources: Sources, *, include_file_paths: str | None = None, **options: Any) -> Dataset:
    """Recordings as a data set of pyarrow, which DuckDB, DataFusion and Polars query in place.

        events = evz.dataset("day/*.evz")
        duckdb.sql("select x, y, count(*) from events where t between 1000 and 2000 group by all")
        events.to_table(columns=["x", "y"], filter=pc.field("p") == 1)

    Columns that are not asked for are not decoded, and chunks that the index shows not to hold what is
    looked for are not read.

    Args:
        sources: A recording, a path, a pattern, a folder, or a list of these.
        include_file_paths: The name of a column with the path of the recording of each event, if there is
            to be one.
        options: Those of `evz.open`.

    Raises:
        MissingError: If pyarrow is not there.
        NotFoundError: If a pattern or a folder stands for no file.
        InvalidArgumentError: If the recordings count time in different ticks.
    """
    wanted("pyarrow.dataset", "evz.dataset")
    from .arrow_dataset import Dataset, look

    return Dataset(Shelf(sources, look, options), include_file_paths)


def scan(sources: Sources, *, include_file_paths: str | None = None, **options: Any) -> pl.LazyFrame:
    """Recordings as a lazy frame of Polars, of which the columns and the chunks are read that a query needs.

        evz.scan("day/*.evz").filter(pl.col("t").is_between(a, b)).group_by("x", "y").len().collect()

    Args:
        sources, include_file_paths, options: As of `evz.dataset`.

    Raises:
        MissingError: If polars or pyarrow is not there.
    """
    polars: Any = wanted("polars", "evz.scan")
    frame: pl.LazyFrame = polars.scan_pyarrow_dataset(
        dataset(sources, include_file_paths=include_file_paths, **options)
    )
    return frame
