"""The guide runs, block by block, and its network learns."""

import re

import pytest
from conftest import ROOT
from needs import needs

TEXT = (ROOT / "docs/python.md").read_text()
SECTIONS = re.findall(r"^## (\d\. .*?)\n(.*?)(?=^## |\Z)", TEXT, re.S | re.M)
WANTED = {"h5py", "torch", "duckdb", "polars", "dask"}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """What the sections so far left, in a folder of their own."""
    return tmp_path_factory.mktemp("guide"), {"__name__": "__main__"}


@pytest.mark.filterwarnings("ignore::evz.InferredWarning")
@pytest.mark.parametrize(("title", "text"), SECTIONS, ids=[title for title, _ in SECTIONS])
def test_a_section_runs(title, text, done, monkeypatch):
    folder, names = done
    monkeypatch.chdir(folder)
    code = "\n".join(re.findall(r"```python\n(.*?)```", text, re.S))
    for name in re.findall(r"^(?:import|from) (\w+)", code, re.M):
        if name in WANTED:
            needs(name)
    if "evz.dataset" in code:
        needs("pyarrow")
    if title[0] == "5" and "dsec" not in names:
        pytest.skip("section 2 did not run")
    exec(compile(code, f"docs/python.md, {title}", "exec"), names)
    if title[0] == "3":
        assert names["accuracy"] > 0.9
