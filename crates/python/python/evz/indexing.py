"""Numbers that index a sequence."""

from __future__ import annotations


def place(key: int, n: int, what: str) -> int:
    """The place that a number, which may count from the end, stands for among n things."""
    if not -n <= key < n:
        raise IndexError(f"{what} {key} of {n}")
    return int(key) % n
