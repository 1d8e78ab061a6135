"""Pictures of a recording with matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import InvalidArgumentError
from .units import ticks_before
from .wanting import wanted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .recording import Recording


class Plot:
    """Pictures of a recording, `rec.plot`. They want matplotlib."""

    __slots__ = ("_recording",)

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def rate(self, bins: int = 200, *, ax: Axes | None = None) -> Axes:
        """Events a second over the seconds from the start, from the index alone.

        Args:
            bins: Parts of the time.
            ax: Where to draw; the axes of pyplot, if it is not said.

        Raises:
            MissingError: If matplotlib is not there.
        """
        ax = _axes(ax)
        recording = self._recording
        rate, duration = recording.rate(bins), recording.duration
        first, _ = recording.time_range or (recording.start, 0)
        since = float((first - recording.start) * recording.tick)
        # One event, or all at once, has no rate; what is shown then is the number.
        width = duration / bins or 1.0
        ax.stairs(rate / width, since + np.arange(bins + 1) * width, fill=True, alpha=0.6)
        ax.set(xlabel="seconds from the start", ylabel="events a second")
        ax.margins(x=0)
        return ax

    def frame(
        self,
        t: int | None = None,
        *,
        ms: float | None = None,
        s: float | None = None,
        us: float = 33_000,
        mode: str | None = None,
        ax: Axes | None = None,
        **painting: Any,
    ) -> Axes:
        """A frame of the events from a time on; channels stand side by side.

        Args:
            t: Where it begins in ticks, as in `rec.time[t:]`.
            ms, s: Or in milliseconds or seconds from the first event. If none of the three is said, it
                begins where most events are.
            us: How long it is in microseconds.
            mode, painting: As of `rec.frames`; `signed`, if neither the mode nor `like` is said.
            ax: Where to draw; the axes of pyplot, if it is not said.

        Raises:
            MissingError: If matplotlib is not there.
            InvalidArgumentError: If more than one time is said, or there is no such mode.
        """
        recording = self._recording
        told = [time for time in (t, ms, s) if time is not None]
        if len(told) > 1:
            raise InvalidArgumentError("a frame begins at one of t, ms= and s=")
        if ms is not None:
            t = recording.start + ticks_before(ms, 1_000_000, recording.tick)
        elif s is not None:
            t = recording.start + ticks_before(s, 1_000_000_000, recording.tick)
        elif t is None:
            t = self._busiest(us)
        end = t + max(1, ticks_before(us, 1_000, recording.tick))
        if mode is None and painting.get("like") is None:
            mode = "signed"
        frame = recording.frames(times=[(t, end)], mode=mode, **painting)[0]
        ax = _axes(ax)
        picture = np.concatenate(list(frame), axis=1)
        # A few busy pixels would leave all others pale.
        seen = np.abs(picture[picture != 0])
        most = float(np.quantile(seen, 0.98)) if seen.size else 1.0
        if picture.min() < 0:
            ax.imshow(picture, cmap="RdBu", vmin=-most, vmax=most, interpolation="nearest")
        else:
            ax.imshow(picture, cmap="magma", vmin=0, vmax=most, interpolation="nearest")
        since = float((t - recording.start) * recording.tick)
        ax.set(title=f"{mode or painting['like']}, {since:.6g} s to {since + us / 1e6:.6g} s", xticks=[], yticks=[])
        return ax

    def _busiest(self, us: float) -> int:
        """Where most events are, in ticks."""
        recording = self._recording
        first, last = recording.time_range or (0, 0)
        bins = int(min(max(recording.duration * 1e6 / us, 1), 10_000))
        return first + (last - first + 1) * int(recording.rate(bins).argmax()) // bins


def _axes(ax: Axes | None) -> Any:
    if ax is not None:
        return ax
    pyplot: Any = wanted("matplotlib.pyplot", "rec.plot")
    return pyplot.gca()
