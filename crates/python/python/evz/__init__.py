"""Recordings of event cameras as NumPy arrays: any window at once.

    rec = evz.open("events.evz")
    events = rec.ms[0:10]              # the first 10 ms: events.t, events.x, events.y, events.p

`evz.open` opens a recording of any format.
"""

from __future__ import annotations

import importlib
from typing import Any

from ._evz import __version__, set_max_memory
from .column import Column
from .converting import Conversion, convert
from .device_array import DeviceArray
from .device_frames import DeviceFrames
from .dtypes import EVENT_DTYPE
from .errors import (
    AmbiguousError,
    ChangedError,
    CorruptError,
    Error,
    InferredWarning,
    InsufficientDataError,
    InvalidArgumentError,
    IoError,
    LimitError,
    LossWarning,
    NotFoundError,
    UnsupportedError,
)
from .events import Events
from .events_iterator import EventsIterator
from .frames import Frames
from .hdf5_view import h5view
from .look import MODES, PRESETS
from .many import EventsList
from .opening import open
from .recording import Recording
from .records import Records
from .report import Loss, Report
from .samples import Sample, Samples
from .table import Table
from .tables import dataset, scan
from .wanting import MissingError
from .windows import Windows
from .writing import Writer, write

__all__ = [
    "EVENT_DTYPE",
    "MODES",
    "PRESETS",
    "AmbiguousError",
    "ChangedError",
    "Column",
    "Conversion",
    "DeviceArray",
    "DeviceFrames",
    "CorruptError",
    "Error",
    "Events",
    "EventsIterator",
    "EventsList",
    "Frames",
    "InferredWarning",
    "InsufficientDataError",
    "InvalidArgumentError",
    "IoError",
    "LimitError",
    "Loss",
    "LossWarning",
    "MissingError",
    "NotFoundError",
    "Recording",
    "Records",
    "Report",
    "Sample",
    "Samples",
    "Table",
    "UnsupportedError",
    "Windows",
    "Writer",
    "__version__",
    "convert",
    "dataset",
    "h5view",
    "open",
    "scan",
    "set_max_memory",
    "write",
]


def __getattr__(name: str) -> Any:
    # Imported once they are asked for: they need packages that nobody has to have.
    if name in ("dask", "ray", "torch"):
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module 'evz' has no attribute {name!r}")
