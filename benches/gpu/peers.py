"""What other libraries do with the same events on the same device, each in a process of its own."""

import importlib.util
import json
import sys

import columns
from correct import PROFILES
from figures import measured, screen
from session import Failed


def part(session):
    events, size = session.size("10M", "10M", "9k"), screen(session)
    for profile in PROFILES:
        work = lambda: measured(session, session.synth("peers", profile, size, events))
        session.row(f"evz, {profile}", work, session.size(8, 4, 0))
    if importlib.util.find_spec("numpy") is None:
        return session.skip("peers", "numpy is not installed, which they need")
    file = session.folder / "peers.npy"
    session.run_evz("convert", session.synth("peers", "fast", size, events), file, "--force")
    for name in columns.PEERS:
        if session.left_s() <= 0:
            session.skip(name, "no time left")
            continue
        for row in rows_of(session, name, file, size):
            session.keep(row)


def rows_of(session, name, file, size):
    """The rows of a peer. That it fails says nothing of evz."""
    command = [sys.executable, columns.__file__, name, file, *size.split("x")]
    failed = []
    try:
        said = session.run(*command)
    except Failed as why:
        said, failed = why.said or "", [{"name": name, "skipped": f"not measured: {why}"}]
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")] + failed
