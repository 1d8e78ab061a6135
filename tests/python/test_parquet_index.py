"""Windows of Parquet files as others write them: by their statistics, by an index in memory, and by one beside the file.
Each is the slice that numpy takes of the columns."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow.parquet.encryption import create_encryption_properties

from command import evz_command
from test_render import run

pytestmark = pytest.mark.skipif(evz_command() is None, reason="evz is not built")

ROWS = 150_000


@pytest.fixture(scope="module")
def columns():
    dice = np.random.default_rng(4)
    return {
        "t": np.sort(dice.integers(0, 1_000_000, ROWS)),
        "x": dice.integers(0, 640, ROWS).astype(np.uint16),
        "y": dice.integers(0, 480, ROWS).astype(np.uint16),
        "p": dice.integers(0, 2, ROWS).astype(bool),
    }


def by_pyarrow(**options):
    return lambda columns, path: pq.write_table(pa.table(columns), path, **options)


def by_polars(columns, path):
    polars = pytest.importorskip("polars")
    polars.DataFrame(columns).write_parquet(path)


def by_duckdb(columns, path):
    duckdb = pytest.importorskip("duckdb")
    events = pa.table(columns)  # noqa: F841
    duckdb.sql(f"copy events to '{path}' (format parquet)")


WRITERS = {
    "pyarrow": by_pyarrow(),
    "pyarrow, with places of pages": by_pyarrow(write_page_index=True),
    "pyarrow, pages of version 2": by_pyarrow(data_page_version="2.0", compression="zstd"),
    "pyarrow, many pages": by_pyarrow(use_dictionary=False, data_page_size=10_000, row_group_size=40_000),
    "pyarrow, nothing packed": by_pyarrow(compression="none", write_statistics=False),
    "polars": by_polars,
    "duckdb": by_duckdb,
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_window_is_a_slice(columns, writer, tmp_path):
    path, out = tmp_path / "a.parquet", tmp_path / "out.npy"
    WRITERS[writer](columns, path)
    windows = [(0, 1_000), (499_000, 501_000), (999_000, 1_000_001), (120_000, 880_000)]

    def check(*options):
        for start, end in windows:
            window = ["--from", f"@{start}us", "--to", f"@{end}us"]
            run("convert", path, out, "--time-unit", "us", "--size", "640x480", "--force", *window, *options)
            found = np.load(out)
            part = slice(*np.searchsorted(columns["t"], (start, end)))
            for name, column in columns.items():
                assert np.array_equal(found[name], column[part]), (writer, name, start, options)

    check()
    check("--index", "memory")
    run("index", path, "--time-unit", "us", "--size", "640x480")
    check()


@pytest.mark.parametrize(
    ("plain", "says"), [(True, "columns of it are encrypted"), (False, "its footer is encrypted")]
)
def test_what_is_encrypted_is_said_to_be(columns, tmp_path, plain, says):
    encrypted = create_encryption_properties(b"0123456789012345", plaintext_footer=plain)
    path = tmp_path / "events.parquet"
    pq.write_table(pa.table(columns), path, encryption_properties=encrypted)
    found = run("convert", path, tmp_path / "out.evz", code=1)
    assert f"{says}; write it again without encryption" in found
