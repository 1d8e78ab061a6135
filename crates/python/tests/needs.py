"""Packages that some tests need: without one they skip in a line, and fail where CI=true.

EVZ_LACKS names those that an environment is known not to have, `EVZ_LACKS=torch,ray`: CI has PyTorch in an
environment of its own.
"""

import importlib
import os

import pytest


def needs(*names: str):
    """The modules of these names, or the one of them."""
    found = []
    for name in names:
        try:
            found.append(importlib.import_module(name))
        except ImportError as error:
            known = os.environ.get("EVZ_LACKS", "").split(",")
            if os.environ.get("CI") == "true" and name.partition(".")[0] not in known:
                raise
            pytest.skip(f"no {name}: {error}", allow_module_level=True)
    return found[0] if len(found) == 1 else found
