"""How far a long call is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Told = Callable[[int, "int | None"], object]


@contextmanager
def told(progress: Told | bool | None, what: str) -> Iterator[Told | None]:
    """What a long call is to call now and then: what the caller gave, or a bar of tqdm for True, if that
    is there."""
    if progress is not True:
        yield progress or None
        return
    try:
        from tqdm.auto import tqdm
    except ImportError:
        yield None
        return
    with tqdm(desc=what, unit="B", unit_scale=True) as bar:

        def move(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield move
