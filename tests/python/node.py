"""Packages of node that tests use."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


def not_here(reason):
    """A machine that lacks something skips these tests; the one that guards the project may not."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def run(*command):
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
    return done.returncode, done.stderr.strip()


def installed(package):
    """The folder of a package, which is installed if it is not there."""
    if not shutil.which("node") or not shutil.which("npm"):
        not_here(f"node and npm are needed for {package}")
    folder = HERE / "node_modules" / package
    if not folder.exists():
        failed, why = run("npm", "install", "--no-package-lock", "--no-audit", "--no-fund")
        if failed:
            not_here(f"npm install failed: {why}")
    return folder
