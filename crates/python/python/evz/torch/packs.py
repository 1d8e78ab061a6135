"""The samples of packs as a data set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..paths import Sources
from ..recording import Recording
from .labels import OfWindow
from .look import told
from .samples import OfPacks, Samples
from .windows import WindowDataset


class SampleDataset(WindowDataset):
    """Every sample of a pack, or of several, with the number of its class.

        data = evz.torch.SampleDataset("n-mnist-train.evz", mode="histogram", bins=10)
        frames, label = data[17]

    Args:
        paths: A pack, a path, a pattern, a folder, or a list of these.
        mode: What is made of the events of a sample: one of `evz.MODES`; or None for the events
            themselves, `evz.Events` with the sample's own times.
        transform, target_transform: Called with each tensor, or events, and with each label.
        how: As of `WindowDataset`, but for where windows are cut.

    Raises:
        NotFoundError: If a pattern or a folder stands for no file.
        InvalidArgumentError: If a recording is no pack, or something makes no sense.

    Where a sample is asked for of which the pack has a part, it is a `CorruptError`: the pack was cut or filtered.
    """

    def __init__(
        self,
        paths: Sources,
        *,
        mode: str | None = "voxel",
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        **how: Any,
    ) -> None:
        said = told(SampleDataset, mode, how)
        labels: list[list[str]] = []
        shifts: list[np.ndarray] = []
        lengths: list[np.ndarray] = []
        counted: list[np.ndarray] = []

        def cut(recording: Recording) -> tuple[np.ndarray, str]:
            samples = recording.samples
            bounds, shift = samples.bounds()
            labels.append(samples.labels)
            shifts.append(shift)
            lengths.append(samples.lengths)
            counted.append(np.zeros(len(samples), bool))
            return bounds, "time"

        self.samples = Samples(
            paths, cut, said.look, None, transform, target_transform, said.options, OfPacks(shifts, lengths, counted)
        )
        self._classes = sorted({label for of_pack in labels for label in of_pack if label})
        numbers = {label: number for number, label in enumerate(self._classes)}
        self.samples.labels = OfWindow(
            [[numbers.get(label, -1) for label in of_pack] for of_pack in labels]
        )

    @property
    def classes(self) -> list[str]:
        """The labels of all packs, each once, in order; a label is its number here, and -1 is none."""
        return self._classes
