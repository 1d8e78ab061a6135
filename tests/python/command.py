"""The command evz, for tests that run it."""

import os
import re
import subprocess
from pathlib import Path

from golden import ROOT


def evz_command():
    """The newest build of the command."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = [target / profile / "evz" for profile in ("release", "debug")]
    built = [Path(os.environ["EVZ_BIN"])] if "EVZ_BIN" in os.environ else built
    found = [path for path in built if path.exists()]
    return max(found, key=lambda path: path.stat().st_mtime) if found else None


def small_profiles():
    """The profiles of codec 2 that the command knows."""
    command = evz_command()
    if not command:
        return ["small"]
    said = subprocess.run([command, "convert", "--help"], capture_output=True, text=True).stdout
    return [name for name in ("small", "small-gpu") if re.search(rf"(?<![\w-]){name}(?![\w-])", said)]


SMALL_PROFILES = small_profiles()
