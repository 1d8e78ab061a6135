"""Where the recordings are that the tests read."""

import hashlib
import json
import os
import pathlib
import signal
import sys

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).parents[3]
FIXTURES = ROOT / "fixtures"

# The codes of others in NumPy, which the command is tested against, too.
sys.path.append(str(ROOT / "tests/python"))

# In the background of a script Ctrl-C is ignored, by all programs that are started there, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def recordings_folder() -> pathlib.Path:
    """The folder of real recordings."""
    folder = os.environ.get("EVZ_RECORDINGS")
    if not folder:
        pytest.skip("EVZ_RECORDINGS names no folder of recordings")
    return pathlib.Path(folder)


@pytest.fixture
def moving() -> pathlib.Path:
    """36,000 events of a moving scene, 240x180, `fast`."""
    return FIXTURES / "moving.evz"


@pytest.fixture
def compat() -> pathlib.Path:
    """The golden files of the format."""
    return FIXTURES / "compat"


@pytest.fixture
def recordings() -> pathlib.Path:
    """Real recordings, and `truth.json` of what independent decoders found in them."""
    return recordings_folder()


@pytest.fixture
def truth(recordings):
    return json.loads((recordings / "truth.json").read_text())


def digest(events, rec) -> str:
    """SHA-256 as in truth.json: columns one after the other, t in microseconds on its own clock."""
    us = rec.tick * 1_000_000
    t = (events.t + rec.clock[1]) * us.numerator // us.denominator
    columns = (t.astype("<i8"), events.x.astype("<u2"), events.y.astype("<u2"), events.p)
    return hashlib.sha256(b"".join(np.ascontiguousarray(c).tobytes() for c in columns)).hexdigest()
