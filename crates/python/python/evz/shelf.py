"""Many recordings, of which those used last are open."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from .opening import open
from .paths import Sources, sources_of
from .recording import Recording

OPEN = 128
"""Recordings that are open at once: well below the 1,024 files that a process may have."""


class Shelf:
    """Recordings by number, each opened where it is first used and again in each process.

    It pickles to what the recordings are opened by, and says so if one has changed since.

    Args:
        sources: What `sources_of` takes.
        look: Called with each recording once; what it returns is kept in `found`.
        options: Those of `evz.open`.
    """

    def __init__(
        self, sources: Sources, look: Callable[[Recording], Any], options: dict[str, Any]
    ) -> None:
        self.names: list[str] = []
        self.found: list[Any] = []
        self._recipes: list[tuple[Any, ...]] = []
        self._unlock()
        for i, source in enumerate(sources_of(sources)):
            recording = source if isinstance(source, Recording) else open(source, **options)
            self.names.append(recording.name)
            self.found.append(look(recording))
            self._recipes.append(recording.__reduce__())
            self._keep(i, recording)

    def _unlock(self) -> None:
        self._open: OrderedDict[int, Recording] = OrderedDict()
        self._lock = threading.Lock()
        self._process = os.getpid()

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, i: int) -> Recording:
        if self._process != os.getpid():
            # The lock of a process that was forked may be held for ever.
            kept = self._open
            self._unlock()
            self._open = OrderedDict(kept)
        with self._lock:
            recording = self._open.get(i)
            if recording is not None:
                self._open.move_to_end(i)
                return recording
        again, args, *_ = self._recipes[i]
        opened: Recording = again(*args)
        self._keep(i, opened)
        return opened

    def _keep(self, i: int, recording: Recording) -> None:
        with self._lock:
            self._open[i] = recording
            while len(self._open) > OPEN:
                self._open.popitem(last=False)

    def __getstate__(self) -> dict[str, Any]:
        return {"names": self.names, "found": self.found, "_recipes": self._recipes}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._unlock()
