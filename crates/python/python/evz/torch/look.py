"""What the samples of a data set are, as all of them take it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..arguments import check_names
from ..errors import InvalidArgumentError
from ..frames import Frames
from ..look import Painting
from ..opening import open
from ..recording import Recording
from ..windows import Cut, Windows

_CHOICE = ("roi", "polarity")


@dataclass(frozen=True)
class SampleLook:
    """What is made of each window: a frame, or the events themselves."""

    of_events: bool
    mode: str | None
    painting: dict[str, Any]
    """What `rec.frames` takes beside the mode."""
    choice: dict[str, Any]
    """What `rec.windows` takes to choose events."""

    def frames(self, windows: Windows) -> Frames | Windows:
        """What gives the window `i` for `[i]`."""
        if self.of_events:
            return windows
        frames: Frames = windows.recording.frames(windows, self.mode, **self.painting)
        return frames


@dataclass(frozen=True)
class Told:
    """What a data set was told, by whom it is for."""

    look: SampleLook
    cut: dict[str, Any]
    """Where `windows_of` cuts windows."""
    options: dict[str, Any]
    """Those of `evz.open`."""


def told(dataset: Callable[..., Any], mode: str | None, how: dict[str, Any], *, cuts: bool = False) -> Told:
    """Sorts the arguments of a data set.

    Args:
        dataset: Which one.
        mode: One of `evz.MODES`, of which `voxel` may be a default that `like` takes the place of; None for
            events.
        how: All others by name.
        cuts: Whether it takes what `rec.windows` takes.

    Raises:
        TypeError: If nobody takes one of them.
        InvalidArgumentError: If events are to be like something.
    """
    cut_names = [name for name in Cut.__annotations__ if name not in (*_CHOICE, "columns")] if cuts else []
    groups: list[dict[str, Any]] = []
    left = dict(how)
    for names in (Painting.__annotations__, _CHOICE, cut_names):
        groups.append({name: left.pop(name) for name in names if name in left})
    painting, choice, cut = groups
    choice = {"roi": None, "polarity": None, "columns": None} | choice
    own = (dataset, Recording.frames, Recording.windows) if cuts else (dataset, Recording.frames)
    check_names(dataset.__name__, open, left, *own)
    like = painting.get("like")
    if mode is None and like is not None:
        raise InvalidArgumentError(f"mode=None is for events themselves, and like={like!r} for frames of them")
    chosen = None if mode == "voxel" and like is not None else mode
    return Told(SampleLook(mode is None, chosen, painting, choice), cut, left)
