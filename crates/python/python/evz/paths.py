"""The recordings that a pattern, a folder or a list stands for."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from typing import Any, Union

from .errors import InvalidArgumentError, NotFoundError
from .recording import Recording

Sources = Union[str, "os.PathLike[str]", Recording, Iterable[Any]]


def sources_of(sources: Sources) -> list[Any]:
    """Recordings and paths, one by one.

    Args:
        sources: A path or URL; a pattern such as `"day/*.evz"` or `"**/*.evz"`; a folder, which stands
            for all `.evz` files in it and below; a recording; or any number of these. What a pattern or a
            folder stands for is in order of its name.

    Raises:
        NotFoundError: If a pattern or a folder stands for nothing.
    """
    if isinstance(sources, Recording) or hasattr(sources, "read"):
        return [sources]
    if isinstance(sources, (str, os.PathLike)):
        return _of_path(os.fspath(sources))
    found = [one for each in sources for one in sources_of(each)]
    if not found:
        raise InvalidArgumentError("no recording: the list of paths is empty")
    return found


def _of_path(path: Any) -> list[Any]:
    path = os.fsdecode(path)
    if "://" in path:
        return [path]
    if os.path.isdir(path):
        pattern = os.path.join(glob.escape(path), "**", "*.evz")
    elif os.path.exists(path) or not glob.has_magic(path):
        return [path]
    else:
        pattern = path
    found = sorted(p for p in glob.glob(pattern, recursive=True) if os.path.isfile(p))
    if not found:
        raise NotFoundError(f"{path}: no file matches {pattern}")
    return found
