"""Recordings from front to back, shared out among ranks and workers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch.distributed
import torch.utils.data

from ..errors import InvalidArgumentError
from ..paths import Sources
from ..recording import Recording
from ..windows import windows_of
from .labels import labels_of
from .look import told
from .samples import Samples

_RUN = 16
"""Windows that are read at once."""


class StreamDataset(torch.utils.data.IterableDataset):  # type: ignore[misc]
    """Windows of recordings from front to back, a few at a time: less work a window than to take each for
    itself, and the way for networks that keep a state.

        data = evz.torch.StreamDataset("train/*.evz", us=50_000, mode="histogram", bins=10)
        loader = torch.utils.data.DataLoader(data, batch_size=8, num_workers=4)

    Every window comes from exactly one worker of one rank.

    Args:
        paths, mode, labels, transform, target_transform, how: As of `WindowDataset`.
        split: `"ranges"`: each worker has a part of all windows, as long as the others' to one;
            `"recordings"`: each has whole recordings, so that none is seen by two.
        even: Whether each rank gives the same number of windows, up to one fewer for each of the others,
            as training on several ranks wants. With `"recordings"` it cannot be.
        shuffle: Whether runs of 16 windows come in another order in each epoch, and so do the windows
            within; a run is still read at once.
        seed: What the order follows from, with the epoch.
        rank, world_size: Of this process among those that train; those of `torch.distributed` where it is
            set up, or of the environment (`RANK`, `WORLD_SIZE`), if they are not said.
    """

    def __init__(
        self,
        paths: Sources,
        *,
        mode: str | None = "voxel",
        labels: Any = None,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        split: str = "ranges",
        even: bool = False,
        shuffle: bool = False,
        seed: int = 0,
        rank: int | None = None,
        world_size: int | None = None,
        **how: Any,
    ) -> None:
        said = told(StreamDataset, mode, how, cuts=True)

        def cut(recording: Recording) -> tuple[np.ndarray, str]:
            return windows_of(recording, **said.cut)

        if split not in ("ranges", "recordings"):
            raise InvalidArgumentError(f"split is ranges or recordings, and not {split!r}")
        if even and split == "recordings":
            raise InvalidArgumentError("whole recordings cannot be shared out evenly; leave out even=")
        if (rank is None) != (world_size is None) or (rank is not None and not 0 <= rank < world_size):  # type: ignore[operator]
            raise InvalidArgumentError(f"rank {rank} of {world_size}")
        self.samples = Samples(
            paths, cut, said.look, labels_of(labels, said.look.choice), transform, target_transform, said.options
        )
        self.split = split
        self.even = even
        self.shuffle = shuffle
        self.seed = seed
        self.epoch = 0
        self._told = None if rank is None or world_size is None else (rank, world_size)

    @property
    def names(self) -> list[str]:
        """The recordings, in the order of their windows."""
        return self.samples.names

    @property
    def rank(self) -> tuple[int, int]:
        """The number of this process among those that train, and how many they are."""
        return self._told or _rank()

    def set_epoch(self, epoch: int) -> None:
        """Another order, where `shuffle` is set; call it before each epoch, on every rank."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Windows that this rank gives, by all of its workers."""
        rank, ranks = self.rank
        return sum(stop - start for start, stop in self._shares(rank, ranks))

    def __iter__(self) -> Iterator[Any]:
        worker = torch.utils.data.get_worker_info()
        number, workers = (0, 1) if worker is None else (worker.id, worker.num_workers)
        rank, ranks = self.rank
        shares = self._shares(rank, ranks)
        if self.split == "ranges":
            # The one part that a rank has is cut into parts of its workers.
            start, stop = shares[0]
            mine = [_part(start, stop, number, workers)]
        else:
            mine = shares[number::workers]
        runs = [run for start, stop in mine for run in self._runs(start, stop)]
        if not self.shuffle:
            for run in runs:
                yield from self.samples.run(*run)
            return
        order = np.random.default_rng([self.seed, self.epoch, rank, number])
        for i in order.permutation(len(runs)):
            samples = self.samples.run(*runs[i])
            for k in order.permutation(len(samples)):
                yield samples[k]

    def _shares(self, rank: int, ranks: int) -> list[tuple[int, int]]:
        """Ranges of windows of a rank: one, or one for each of its recordings."""
        starts = self.samples.starts
        if self.split == "recordings":
            ends = zip(starts[:-1].tolist(), starts[1:].tolist())
            return list(ends)[rank::ranks]
        n = int(starts[-1])
        if self.even:
            n -= n % ranks
        return [_part(0, n, rank, ranks)]

    def _runs(self, start: int, stop: int) -> list[tuple[int, int, int]]:
        """Recording, first and last window of what is read at once."""
        starts = self.samples.starts
        runs = []
        while start < stop:
            recording, window = self.samples.at(start)
            n = min(_RUN, stop - start, int(starts[recording + 1]) - start)
            runs.append((recording, window, window + n))
            start += n
        return runs

    def __getstate__(self) -> dict[str, Any]:
        # A worker that is spawned knows nothing of the process group.
        return self.__dict__ | {"_told": self.rank}

    def __repr__(self) -> str:
        rank, ranks = self.rank
        return (
            f"<evz.torch.StreamDataset: {len(self):,} windows of {len(self.names):,} recordings, "
            f"rank {rank} of {ranks}>"
        )


def _part(start: int, stop: int, number: int, parts: int) -> tuple[int, int]:
    """One of parts that differ by one window at most."""
    n = stop - start
    return start + n * number // parts, start + n * (number + 1) // parts


def _rank() -> tuple[int, int]:
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_rank(), torch.distributed.get_world_size()
    return int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
