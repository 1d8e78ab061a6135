"""formats/evz.ksy, compiled to Python, on the golden files."""

import importlib.util
import os
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
import zstandard
from kaitaistruct import KaitaiStream

from golden import FILES, ROOT, described, plain, same_fields, same_list

HERE = Path(__file__).resolve().parent


def not_here(reason):
    """A machine without node skips these tests; the one that guards the project may not."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def run(*command):
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
    return done.returncode, done.stderr.strip()


@pytest.fixture(scope="module")
def evz(tmp_path_factory):
    """The module that the compiler makes of evz.ksy."""
    if not shutil.which("node") or not shutil.which("npm"):
        not_here("node and npm are needed to compile evz.ksy")
    if not (HERE / "node_modules" / "kaitai-struct-compiler").exists():
        failed, why = run("npm", "install", "--no-package-lock", "--no-audit", "--no-fund")
        if failed:
            not_here(f"npm install failed: {why}")
    folder = tmp_path_factory.mktemp("kaitai")
    failed, why = run("node", "compile_ksy.js", ROOT / "formats" / "evz.ksy", folder)
    assert not failed, why
    spec = importlib.util.spec_from_file_location("evz_kaitai", folder / "evz.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Evz


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_fields_are_those_of_the_layout(evz, path):
    found, layout = evz.from_bytes(path.read_bytes()), described(path)["layout"]
    same_fields(found.header, layout["header"], "header")
    assert len(found.records) == len(layout["records"])
    at = 64
    for record, expected in zip(found.records, layout["records"]):
        assert expected["offset"] == at
        at += 32 + record.header.body_len + len(record.padding)
        where = f"record at {expected['offset']}"
        same_fields(record.header, expected["header"], f"{where}: header")
        ((name, fields),) = expected["body"].items()
        same_body(evz, record.body, name, fields, f"{where}: {name}")
    assert plain(found.tail.header.kind) == 7
    assert found.root.body.head.n_events == described(path)["events"]


def same_body(evz, body, name, fields, where):
    if name == "opaque":
        assert isinstance(body, evz.Metadata) and body._io.is_eof(), where
    elif name == "chunk":
        same_fields(body.head, fields, where)
        if fields["codec"] != 1:
            # Payloads of other codecs have no fields of their own.
            assert len(body.payload) == fields["payload_len"], where
            return
        assert len(body.payload.toc) * 16 == fields["toc_len"]
        assert sum(block.n_events for block in body.payload.blocks) == fields["n_events"]
        assert all(block._io.is_eof() for block in body.payload.blocks), where
        assert body.payload._io.is_eof(), where
    elif name in ("side_stream", "tail"):
        same_fields(body, fields, where)
        assert body._io.is_eof(), where
    elif name == "side_batch":
        same_fields(body.head, fields, where)
    elif name == "index_leaf":
        same_leaf(evz, body, fields, where)
    elif name == "index_root":
        same_fields(body.head, fields["head"], where)
        for part in ("leaves", "metadata", "side"):
            same_list(getattr(body, part), fields[part], f"{where}: {part}")
        assert body._io.is_eof(), where
    else:
        pytest.fail(f"{where}: no test for this body")


def same_leaf(evz, leaf, entries, where):
    raw = zstandard.ZstdDecompressor().decompress(leaf.columns, max_output_size=leaf.raw_len)
    columns = evz.LeafColumns(leaf.n_chunks, KaitaiStream(BytesIO(raw)))
    assert columns._io.is_eof(), where
    assert leaf.n_chunks == len(entries), where
    for i, entry in enumerate(entries):
        for name, value in entry.items():
            assert leaf_value(columns, name, i) == value, f"{where}[{i}].{name}"


def leaf_value(columns, name, i):
    if name == "column_bytes":
        return [getattr(columns, f"{column}_bytes")[i] for column in "txyp"]
    if name == "activity":
        return columns.activity[i].bins
    return plain(getattr(columns, name)[i])


def test_metadata_values(evz):
    path = next(path for path in FILES if path.name.startswith("v0_1_0_"))
    found = {}
    for record in evz.from_bytes(path.read_bytes()).records:
        if isinstance(record.body, evz.Metadata):
            found |= {entry.key: getattr(entry.value, "value", entry.value)
                      for entry in record.body.entries}
    assert found == {"source.format": "made for the tests", "a.bool": True, "a.float": -0.5,
                     "an.int": 7, "some.bytes": b"\x00\xff\n"}
