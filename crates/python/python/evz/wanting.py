"""Packages that parts of evz need and nobody has to have."""

from __future__ import annotations

import importlib
from types import ModuleType

from .errors import Error

_INSTALL = {"dask.dataframe": "dask[dataframe]", "ray.data": "ray[data]"}


class MissingError(Error, ImportError):
    """A package that is needed is not there."""


def wanted(name: str, what: str) -> ModuleType:
    """The module of that name.

    Raises:
        MissingError: If it is not there; it says what to install.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = _INSTALL.get(name, name.partition(".")[0])
        raise MissingError(
            f"{what} needs {name}, which cannot be imported ({error}): pip install '{package}'"
        ) from error
