"""Events of a recording as a stream of Arrow."""

from __future__ import annotations

from typing import Any

from . import _evz


class ArrowStream:
    """Selected events, for who takes streams of Arrow; each taking begins anew."""

    __slots__ = ("_args", "_reader")

    def __init__(self, reader: _evz.Reader, *args: Any) -> None:
        self._reader = reader
        self._args = args

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._reader.arrow_stream(*self._args)
