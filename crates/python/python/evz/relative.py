"""Times that may have been meant from the first event on, where ticks of the recording are wanted."""

from __future__ import annotations

import warnings

from .errors import InferredWarning


def warn_if_relative(name: str, span: tuple[int, int] | None, start: int, stop: int, stacklevel: int) -> None:
    """Warns where a recording that begins long after tick 0 is asked for times before it begins, which would
    lie in it if they counted from its first event.

    Args:
        name: The recording.
        span: The tick that it begins at, and its latest one.
        start, stop: All that was asked for, in ticks.
        stacklevel: Of `warnings.warn`, as the caller sees it.
    """
    if span is None:
        return
    first, last = span
    if stop <= first and 0 < stop <= last - first + 1:
        warnings.warn(
            f"{name}: no event lies before tick {stop}: the recording begins at {first}; times are ticks of its own "
            "clock. rec.us, rec.ms and rec.s count from the first event, and rec.start is its tick",
            InferredWarning,
            stacklevel=stacklevel + 1,
        )
