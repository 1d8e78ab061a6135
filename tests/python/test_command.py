"""What the command writes, by the second reader."""

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from command import SMALL_PROFILES, evz_command
from evz_reader import Evz, check
from golden import FILES, ROOT, described
from recordings import RECORDINGS, made


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_program_prints_the_digest(path):
    program = [sys.executable, ROOT / "tests" / "python" / "evz_reader.py", path]
    expected = described(path)
    assert json.loads(subprocess.run(program, check=True, capture_output=True).stdout) == {
        "events": expected["events"], "sha256": expected["sha256"]}


@pytest.mark.parametrize("name", RECORDINGS)
def test_files_of_another_writer_are_whole(name, tmp_path):
    if not evz_command():
        pytest.skip("evz is not built")
    file = tmp_path / "made.evz"
    file.write_bytes(made(name)[0])
    subprocess.run([evz_command(), "verify", file], check=True)


# dvs.csv holds the events of dvs.es.
@pytest.mark.parametrize("name, truth", [
    ("davis346_seconds.txt", "davis346_seconds.txt"),
    ("dvs.csv", "dvs.es"),
    ("evt2_metavision.csv.gz", "evt2_metavision.csv.gz"),
])
@pytest.mark.parametrize("profile", ["fast", *SMALL_PROFILES])
def test_converted_recordings_have_the_digest_of_other_decoders(name, truth, profile, tmp_path):
    folder, command = os.environ.get("EVZ_RECORDINGS"), evz_command()
    if not folder or not command:
        pytest.skip("EVZ_RECORDINGS does not name a folder of recordings, or evz is not built")
    expected = json.loads((Path(folder) / "truth.json").read_text())[truth]
    converted = tmp_path / "converted.evz"
    subprocess.run([command, "convert", Path(folder) / name, converted, "--profile", profile],
                   check=True)
    evz = Evz(converted.read_bytes())
    events = microseconds(evz.events(), evz.header)
    assert check(converted).notes == []
    assert (len(events.t), events.sha256()) == (expected["events"], expected["sha256"])


def microseconds(events, header):
    tick = Fraction(header.tick_numerator, header.tick_denominator) * 1_000_000
    assert not (events.t * tick.numerator % tick.denominator).any()
    return events._replace(t=events.t * tick.numerator // tick.denominator)
