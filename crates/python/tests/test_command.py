"""The command of the package."""

import signal
import subprocess
import sys
import time

import pytest

import evz


def run(*args, **more):
    return subprocess.run(
        [sys.executable, "-m", "evz", *map(str, args)], capture_output=True, text=True, timeout=120, **more
    )


def test_it_does_what_the_program_does(moving, tmp_path):
    assert run("--version").stdout.split() == ["evz", evz.__version__]
    csv = tmp_path / "events.csv"
    done = run("convert", moving, csv)
    assert done.returncode == 0, done.stderr
    assert len(csv.read_text().splitlines()) == 36_000
    piped = run("cat", moving, "--events", "0..3")
    assert piped.returncode == 0 and len(piped.stdout.splitlines()) == 3


def test_its_codes_are_those_of_the_program(tmp_path):
    wrong = run("frob")
    assert wrong.returncode == 2 and wrong.stderr.startswith("evz: ")
    missing = run("info", tmp_path / "none.evz")
    assert missing.returncode == 1 and "none.evz" in missing.stderr
    assert run("--help").returncode == 0


def test_what_it_measures_in_another_process_is_itself(tmp_path):
    done = run("bench", "--matrix", "--up-to", "1k", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "memory" in done.stdout.splitlines()[0]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_ctrl_c_ends_it(tmp_path):
    args = [sys.executable, "-m", "evz", "synth", tmp_path / "much.evz", "--size", "640x480", "--events", "4G"]
    program = subprocess.Popen(args, stderr=subprocess.DEVNULL)
    time.sleep(2)
    assert program.poll() is None
    program.send_signal(signal.SIGINT)
    assert program.wait(timeout=20) == -signal.SIGINT
    assert not (tmp_path / "much.evz").exists()
