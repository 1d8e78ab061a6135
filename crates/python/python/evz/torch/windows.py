"""Every window of any number of recordings, as a data set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch.utils.data
from numpy.typing import DTypeLike

from ..arguments import check_names
from ..opening import open
from ..paths import Sources
from ..recording import Recording
from ..windows import windows_of
from .labels import labels_of
from .samples import Look, Samples


class WindowDataset(torch.utils.data.Dataset):  # type: ignore[misc]
    """Every window of any number of recordings, painted where it is asked for.

        data = evz.torch.WindowDataset("train/", us=50_000, mode="voxel", bins=5, labels="folder")
        loader = torch.utils.data.DataLoader(data, batch_size=32, shuffle=True, num_workers=4)

    `data[i]` is a tensor `(channels, height, width)`, or `(tensor, label)` where there are labels;
    `len(data)` the number of windows. It pickles, and is used in any number of workers, forked or not.

    Args:
        paths: A recording, a path, a pattern such as `"train/*.evz"`, a folder, or a list of these.
        us, count, edges, stride, drop_last: Where windows are cut, as of `rec.windows`.
        mode: What is made of the events of a window: one of `evz.MODES`; or None for the events
            themselves, `evz.Events`.
        bins, tau, size, dtype: As of `rec.frames`. Recordings of several sensors need `size`, for frames of one shape.
        roi, polarity: As of `rec.read`, for all windows.
        labels: `"folder"` for the number of the folder that a recording is in, whose name is in
            `data.classes`; the name of a further column, of which the most frequent value in the window
            is taken, and -1 where there is no event; a mapping from names of files, with or without
            folder and extension, to labels; a table with columns `file` and `label`; a list with a label
            for each recording; or a function of name, start and end of the window.
        transform: Called with each tensor, or events.
        target_transform: Called with each label.
        options: Those of `evz.open`.

    Raises:
        NotFoundError: If a pattern or a folder stands for no file.
        InvalidArgumentError: If something makes no sense.
    """

    def __init__(
        self,
        paths: Sources,
        *,
        us: float | None = None,
        count: int | None = None,
        edges: Any = None,
        stride: float | None = None,
        drop_last: bool = False,
        mode: str | None = "voxel",
        bins: int | None = None,
        tau: float | None = None,
        size: tuple[int, int] | None = None,
        dtype: DTypeLike | None = None,
        roi: tuple[int, int, int, int] | None = None,
        polarity: str | int | bool | None = None,
        labels: Any = None,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        **options: Any,
    ) -> None:
        check_names("WindowDataset", open, options, WindowDataset)
        def cut(recording: Recording) -> tuple[np.ndarray, str]:
            return windows_of(recording, us, count, None, edges, stride, drop_last)

        painting = {"bins": bins, "tau": tau, "size": size, "dtype": dtype}
        look = Look(mode, painting, {"roi": roi, "polarity": polarity})
        self.samples = Samples(
            paths, cut, look, labels_of(labels), transform, target_transform, options
        )

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, i: int) -> Any:
        return self.samples.sample(i)

    def __getitems__(self, numbers: Sequence[int]) -> list[Any]:
        return self.samples.some(numbers)

    @property
    def names(self) -> list[str]:
        """The recordings, in the order of their windows."""
        return self.samples.names

    @property
    def classes(self) -> list[str]:
        """The folders that labels are numbers of."""
        classes: list[str] = getattr(self.samples.labels, "classes", [])
        return classes

    def window(self, i: int) -> tuple[str, int, int]:
        """The recording of a sample by name, and the start and the end of its window, in ticks or by
        number of events."""
        return self.samples.window(i)

    def __repr__(self) -> str:
        return f"<evz.torch.{type(self).__name__}: {len(self):,} windows of {len(self.names):,} recordings>"
