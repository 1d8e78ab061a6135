"""Packages that some tests need: without one they skip in a line, and fail where CI=true."""

import importlib
import os

import pytest


def needs(*names: str):
    """The modules of these names, or the first of them."""
    found = []
    for name in names:
        try:
            found.append(importlib.import_module(name))
        except ImportError as error:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip(f"no {name}: {error}", allow_module_level=True)
    return found[0] if len(found) == 1 else found
