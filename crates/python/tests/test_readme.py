"""The README runs, and prints what it says."""

import re
import shutil

import pytest

import evz


@pytest.mark.filterwarnings("ignore::evz.InferredWarning")
def test_the_readme_runs(tmp_path, monkeypatch, capsys):
    from conftest import FIXTURES, ROOT

    monkeypatch.chdir(tmp_path)
    shutil.copy(FIXTURES / "events.txt", "events.txt")
    text = (ROOT / "crates/python/README.md").read_text()
    code = "\n".join(re.findall(r"```python\n(.*?)```", text, re.S))
    exec(compile(code, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    promised = re.findall(r"print\(.*\)\s+# (\(.*)", code)
    assert len(promised) == 2 and all(said in printed for said in promised)
    assert (tmp_path / "out.csv").exists()


def test_every_mode_has_a_line():
    assert evz.MODES["voxel"] and len(evz.MODES) == 18
    assert evz.PRESETS["e2vid"] and len(evz.PRESETS) == 10
