"""The samples of packs as a data set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ..arguments import check_names
from ..opening import open
from ..paths import Sources
from ..recording import Recording
from .labels import OfWindow
from .samples import Look, Samples
from .windows import WindowDataset


class SampleDataset(WindowDataset):
    """Every sample of a pack, or of several, with the number of its class.

        data = evz.torch.SampleDataset("n-mnist-train.evz", mode="histogram", bins=10)
        frames, label = data[17]

    Args:
        paths: A pack, a path, a pattern, a folder, or a list of these.
        mode: What is made of the events of a sample: one of `evz.MODES`; or None for the events
            themselves, `evz.Events` with the sample's own times.
        bins, tau, size, dtype: As of `rec.frames`.
        roi, polarity: As of `rec.read`, for all samples.
        transform, target_transform: Called with each tensor, or events, and with each label.
        options: Those of `evz.open`.

    Raises:
        NotFoundError: If a pattern or a folder stands for no file.
        InvalidArgumentError: If a recording is no pack, or something makes no sense.
    """

    def __init__(
        self,
        paths: Sources,
        *,
        mode: str | None = "voxel",
        bins: int | None = None,
        tau: float | None = None,
        size: tuple[int, int] | None = None,
        dtype: DTypeLike | None = None,
        roi: tuple[int, int, int, int] | None = None,
        polarity: str | int | bool | None = None,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        **options: Any,
    ) -> None:
        check_names("SampleDataset", open, options, SampleDataset)
        labels: list[list[str]] = []
        shifts: list[np.ndarray] = []

        def cut(recording: Recording) -> tuple[np.ndarray, str]:
            bounds, shift = recording.samples.bounds()
            labels.append(recording.samples.labels)
            shifts.append(shift)
            return bounds, "time"

        painting = {"bins": bins, "tau": tau, "size": size, "dtype": dtype}
        look = Look(mode, painting, {"roi": roi, "polarity": polarity})
        self.samples = Samples(paths, cut, look, None, transform, target_transform, options, shifts)
        self._classes = sorted({label for of_pack in labels for label in of_pack if label})
        numbers = {label: number for number, label in enumerate(self._classes)}
        self.samples.labels = OfWindow(
            [[numbers.get(label, -1) for label in of_pack] for of_pack in labels]
        )

    @property
    def classes(self) -> list[str]:
        """The labels of all packs, each once, in order; a label is its number here, and -1 is none."""
        return self._classes
