"""Windows of many recordings as samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ..errors import InvalidArgumentError
from ..frames import Frames
from ..indexing import place
from ..paths import Sources
from ..recording import Recording
from ..samples import check_whole
from ..shelf import Shelf
from ..windows import Windows
from .labels import Labels
from .look import SampleLook


@dataclass(frozen=True)
class OfPacks:
    """What the tables of packs say of their samples, an array of each pack: lists that `cut` fills."""

    shifts: list[np.ndarray]
    """What is added to the times of the events of each."""
    lengths: list[np.ndarray]
    """How many events each has."""
    counted: list[np.ndarray]
    """Which of them were found to have all these events, which is looked at once."""


class Samples:
    """The samples of a data set, by number through all its recordings.

    Args:
        sources: The recordings.
        cut: Gives the bounds of the windows of a recording, `(n, 2)`, and `"time"` or `"events"`.
        look: What is made of each window.
        labels: What label each has, if there are labels.
        transform, target_transform: Called with each sample, and with each label.
        options: Those of `evz.open`.
        packed: What packs say of the windows, if these are samples of packs.
    """

    def __init__(
        self,
        sources: Sources,
        cut: Callable[[Recording], tuple[np.ndarray, str]],
        look: SampleLook,
        labels: Labels | None,
        transform: Callable[[Any], Any] | None,
        target_transform: Callable[[Any], Any] | None,
        options: dict[str, Any],
        packed: OfPacks | None = None,
    ) -> None:
        self._look = look
        self._frames: dict[int, tuple[Recording, Frames | Windows]] = {}
        sizes: dict[tuple[int, int], str] = {}

        def cut_and_size(recording: Recording) -> tuple[np.ndarray, str]:
            sizes.setdefault(recording.size or recording.extent, recording.name)
            return cut(recording)

        self._shelf = Shelf(sources, cut_and_size, options)
        of_one_size = any(look.painting.get(name) is not None for name in ("size", "crop", "resize", "pad_to"))
        if not (look.of_events or of_one_size) and len(sizes) > 1:
            told = [f"{width}x{height} of {name}" for (width, height), name in sizes.items()][:2]
            raise InvalidArgumentError(
                f"frames of {len(sizes)} sizes make no batch, {' and '.join(told)}; pass size= or resize=(width, height)"
            )
        # What no recording can be painted with, says so now and not in a worker.
        self._of(0)
        counts = [len(bounds) for bounds, _ in self._shelf.found]
        self.starts = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        """Where the windows of each recording begin, and where all end."""
        self.labels = labels
        if labels is not None:
            labels.learn(self._shelf)
        self._packed = packed
        self._transform = transform
        self._target_transform = target_transform

    @property
    def names(self) -> list[str]:
        return self._shelf.names

    def __len__(self) -> int:
        return int(self.starts[-1])

    def at(self, i: int) -> tuple[int, int]:
        """The recording of a sample, and the window in it."""
        i = place(i, len(self), "window")
        recording = int(np.searchsorted(self.starts, i, "right")) - 1
        return recording, i - int(self.starts[recording])

    def window(self, i: int) -> tuple[str, int, int]:
        """The recording of a sample by name, and the bounds of its window."""
        recording, window = self.at(i)
        bounds, _ = self._shelf.found[recording]
        start, end = bounds[window].tolist()
        return self.names[recording], start, end

    def sample(self, i: int) -> Any:
        """A sample, with its label if there are labels."""
        recording, window = self.at(i)
        self._check(recording, [window])
        return self._finished(recording, window, self._of(recording)[window])

    def run(self, recording: int, start: int, stop: int) -> list[Any]:
        """Samples of a recording that lie side by side, read at once."""
        self._check(recording, range(start, stop))
        frames = self._of(recording)[start:stop]
        if isinstance(frames, Windows):
            frames = frames.read()
        return [
            self._finished(recording, start + k, frames[k] if self._look.of_events else frames[k].copy())
            for k in range(stop - start)
        ]

    def some(self, numbers: Sequence[int]) -> list[Any]:
        """Samples by number, for a batch: those of one recording are read at once, on all threads. Their
        frames share memory, which is given up with the last of them."""
        places = [self.at(i) for i in numbers]
        of_recording: dict[int, list[int]] = {}
        for k, (recording, _) in enumerate(places):
            of_recording.setdefault(recording, []).append(k)
        samples: list[Any] = [None] * len(places)
        for recording, members in of_recording.items():
            bounds, _ = self._shelf.found[recording]
            windows = [places[k][1] for k in members]
            self._check(recording, windows)
            chosen = bounds[windows]
            frames = self._of(recording)
            if isinstance(frames, Windows):
                read: Any = frames._of(chosen).read()
            else:
                read = frames._some(chosen)
            for k, sample in zip(members, read):
                samples[k] = self._finished(recording, places[k][1], sample)
        return samples

    def _check(self, recording: int, windows: Sequence[int]) -> None:
        """Refuses samples of a pack that it has a part of."""
        if self._packed is None:
            return
        counted = self._packed.counted[recording]
        numbers = np.array(list(windows), np.int64)
        numbers = numbers[~counted[numbers]]
        if not numbers.size:
            return
        bounds, _ = self._shelf.found[recording]
        pack = self._shelf[recording]
        lengths = self._packed.lengths[recording][numbers].tolist()
        check_whole(pack, bounds[numbers], lengths, lambda i: pack.samples[int(numbers[i])].name)
        counted[numbers] = True

    def _of(self, i: int) -> Frames | Windows:
        """The windows of a recording, painted or not."""
        recording = self._shelf[i]
        known = self._frames.get(i)
        if known is not None and known[0] is recording:
            return known[1]
        bounds, by = self._shelf.found[i]
        frames = self._look.frames(Windows(recording, bounds, by, **self._look.choice))
        if len(self._frames) >= 128:
            self._frames.clear()
        self._frames[i] = recording, frames
        return frames

    def _finished(self, recording: int, window: int, sample: Any) -> Any:
        try:
            if not self._look.of_events:
                sample = tensor_of(sample)
            elif self._packed is not None:
                sample["t"][...] += self._packed.shifts[recording][window]
            if self._transform is not None:
                sample = self._transform(sample)
            if self.labels is None:
                return sample
            bounds, by = self._shelf.found[recording]
            label = self.labels.of(self._shelf, recording, window, bounds[window].tolist(), by)
            if self._target_transform is not None:
                label = self._target_transform(label)
            return sample, label
        except Exception as error:
            if hasattr(error, "add_note"):
                error.add_note(f"in window {window} of {self.names[recording]}")
            raise

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_frames": {}}


def tensor_of(frame: np.ndarray) -> torch.Tensor:
    """A frame as a tensor, without a copy where PyTorch has its type."""
    if frame.dtype == np.uint16:
        # Older ones have no uint16, and newer ones little that works with it.
        frame = frame.astype(np.int32)
    return torch.from_numpy(frame)
