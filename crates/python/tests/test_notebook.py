"""The notebook runs from top to bottom, and what it shows stands in it.

`EVZ_BLESS=1` runs it and writes what it shows into it.
"""

import os

import pytest
from conftest import ROOT
from needs import needs

NOTEBOOK = ROOT / "examples/events.ipynb"


def shown(notebook):
    """The kinds of what each cell shows."""
    return [
        sorted(kind for output in cell.get("outputs", []) for kind in output.get("data", {}))
        for cell in notebook.cells
    ]


# Jupyter's own.
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_the_notebook_runs():
    nbformat, nbclient, *_ = needs("nbformat", "nbclient", "ipykernel", "matplotlib")
    committed = nbformat.read(NOTEBOOK, as_version=4)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = nbclient.NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(NOTEBOOK.parent)}},
        record_timing=False,
    )
    client.execute()
    assert sum("image/png" in kinds for kinds in shown(notebook)) >= 5
    assert any("text/html" in kinds for kinds in shown(notebook))
    if os.environ.get("EVZ_BLESS") == "1":
        notebook.metadata.pop("widgets", None)
        notebook.metadata["language_info"] = {"name": "python"}
        nbformat.write(notebook, NOTEBOOK)
    else:
        assert shown(committed) == shown(notebook), "EVZ_BLESS=1 writes its pictures"
