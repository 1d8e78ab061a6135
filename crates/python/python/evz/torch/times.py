"""A window for each label."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InvalidArgumentError
from ..paths import Sources, sources_of
from ..recording import Recording
from ..ticks import ticks_of
from ..windows import around
from .labels import OfWindow
from .look import told
from .samples import Samples
from .windows import WindowDataset


class TimesDataset(WindowDataset):
    """A window for each time, such as those of labels: of RVT, of DSEC, of N-Cars' boxes.

        data = evz.torch.TimesDataset("moorea.evz", boxes["t"], before_us=50_000, mode="histogram")
        data = evz.torch.TimesDataset("moorea.evz", labels=boxes, before_us=50_000)

    Args:
        paths: A recording or a path; or several.
        times: Ticks of the recording, `(n,)`, on its own clock; or for several recordings a list of such
            arrays. If they are not said, they are the times that `labels` have in a column `t`, each
            once.
        before_us: Microseconds before each time that the window begins.
        after_us: Microseconds behind it that the window ends; the time itself is not in the window, if it
            is not said.
        labels: A label for each time, in any form; or, without `times`, records with a field `t`, of
            which all of one time are one label. For several recordings a list of these.
        mode, transform, target_transform: As of `WindowDataset`.
        how: As of `WindowDataset`, but for where windows are cut.

    Raises:
        InvalidArgumentError: If times and labels do not fit one another.
    """

    def __init__(
        self,
        paths: Sources,
        times: ArrayLike | Sequence[ArrayLike] | None = None,
        before_us: float = 50_000,
        after_us: float = 0,
        *,
        labels: Any = None,
        mode: str | None = "voxel",
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        **how: Any,
    ) -> None:
        said = told(TimesDataset, mode, how)
        sources = sources_of(paths)
        several = len(sources) > 1 or isinstance(paths, (list, tuple))
        all_times, all_labels = _of_each(times, labels, len(sources), several)
        next_times = iter(all_times)

        def cut(recording: Recording) -> tuple[np.ndarray, str]:
            bounds = around(next(next_times), "times", before_us, after_us, recording.tick)
            recording._check_bounds(bounds)
            return bounds, "time"

        labelled = None if all_labels is None else OfWindow(all_labels)
        self.samples = Samples(sources, cut, said.look, labelled, transform, target_transform, said.options)


def _of_each(
    times: Any, labels: Any, n: int, several: bool
) -> tuple[Iterator[np.ndarray] | list[np.ndarray], list[Any] | None]:
    """Times and labels of each recording."""
    for name, values in (("times", times), ("labels", labels)):
        if values is not None and several and len(values) != n:
            raise InvalidArgumentError(f"{name}= are of {len(values)} recordings; there are {n}")
    if not several:
        times, labels = [times] if times is not None else None, [labels] if labels is not None else None
    if times is not None:
        return [_whole(each) for each in times], labels
    if labels is None:
        raise InvalidArgumentError("windows are around times=, or around the times of labels=")
    grouped = [_grouped(each) for each in labels]
    return [group[0] for group in grouped], [group[1] for group in grouped]


def _grouped(rows: Any) -> tuple[np.ndarray, list[Any]]:
    """The times of rows, each once, and the rows of each."""
    names = getattr(getattr(rows, "dtype", None), "names", None) or ()
    if "t" not in names:
        raise InvalidArgumentError("labels= without times= are records of NumPy with a field t")
    order = np.argsort(rows["t"], kind="stable")
    rows = rows[order]
    times, starts = np.unique(rows["t"], return_index=True)
    return _whole(times), np.split(rows, starts[1:])


def _whole(times: ArrayLike) -> np.ndarray:
    array = ticks_of(times, "times")
    if array.ndim != 1:
        raise InvalidArgumentError(f"times= are of shape {array.shape}; they are a row of ticks")
    return array
