"""Files that stay as they are, with an index beside them."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
from conftest import digest

import evz


@pytest.mark.parametrize("name", ["evt3.raw", "davis346.aedat4", "atis.es", "dvs.csv"])
@pytest.mark.filterwarnings("ignore::evz.InferredWarning")
def test_a_file_with_an_index_gives_what_it_gives_without(recordings, truth, tmp_path, name):
    file = tmp_path / name
    shutil.copyfile(recordings / name, file)
    plain = evz.open(file)
    subprocess.run([sys.executable, "-m", "evz", "index", file], check=True, timeout=120)
    rec = evz.open(file)
    found = digest(rec[:], rec)
    assert found == digest(plain[:], plain) == truth.get(name, {}).get("sha256", found)
    assert (len(rec), rec.size, rec.time_range) == (len(plain), plain.size, plain.time_range)
    assert rec.side_streams == plain.side_streams
    assert not any(key.startswith("index.") for key in rec.metadata)
    first, last = rec.time_range
    for a, b in np.linspace(first, last, 9, dtype=np.int64).reshape(-1, 3)[:, :2]:
        assert np.array_equal(rec.time[int(a) : int(b)].numpy(), plain.time[int(a) : int(b)].numpy())
    again = rec.windows(count=1_000)[1]
    assert np.array_equal(again.x, plain.windows(count=1_000)[1].x)


@pytest.mark.filterwarnings("ignore::evz.InferredWarning")
def test_an_index_in_memory_gives_the_same_events_and_writes_nothing(recordings, truth, tmp_path):
    file = tmp_path / "evt3.raw"
    shutil.copyfile(recordings / "evt3.raw", file)
    rec = evz.open(file, index="memory")
    assert digest(rec[:], rec) == truth["evt3.raw"]["sha256"]
    first, last = rec.time_range
    middle = (first + last) // 2
    window = rec.time[middle : middle + 10_000]
    plain = evz.open(file).time[middle : middle + 10_000]
    assert np.array_equal(window.numpy(), plain.numpy())
    assert [path.name for path in tmp_path.iterdir()] == ["evt3.raw"]
