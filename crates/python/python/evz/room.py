"""Memory that is not taken before there is room for it."""

from __future__ import annotations

from . import _evz


def check_room(n: int, bytes_each: int, what: str, name: str, instead: str) -> None:
    """Refuses numbers that a recording, which may lie, or an argument makes out to be too many.

    Args:
        n: How many.
        bytes_each: What one takes.
        what: What they are, with their number.
        name: The recording.
        instead: What takes less.

    Raises:
        LimitError: If they take more than `evz.set_max_memory` has left.
    """
    _evz.check_memory(min(n * bytes_each, (1 << 64) - 1), what, name, instead)
