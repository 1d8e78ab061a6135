"""Every window of any number of recordings, as a data set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch.utils.data

from ..paths import Sources
from ..recording import Recording
from ..windows import windows_of
from .labels import labels_of
from .look import told
from .samples import Samples


class WindowDataset(torch.utils.data.Dataset):  # type: ignore[misc]
    """Every window of any number of recordings, painted where it is asked for.

        data = evz.torch.WindowDataset("train/", us=50_000, like="e2vid", labels="folder")
        loader = torch.utils.data.DataLoader(data, batch_size=32, shuffle=True, num_workers=4)

    `data[i]` is a tensor `(channels, height, width)`, or `(tensor, label)` where there are labels;
    `len(data)` the number of windows. It pickles, and is used in any number of workers, forked or not.

    Args:
        paths: A recording, a path, a pattern such as `"train/*.evz"`, a folder, or a list of these.
        mode: What is made of the events of a window: one of `evz.MODES`; or None for the events
            themselves, `evz.Events`.
        labels: `"folder"` for the number of the folder that a recording is in, whose name is in
            `data.classes`; the name of a further column, of which the most frequent value in the window
            is taken, among the events that `roi` and `polarity` leave, and -1 where there is none; a mapping
            from names of files, with or without folder and extension, to labels; a table with columns `file`
            and `label`; a list with a label for each recording; or a function of name, start and end of the
            window.
        transform: Called with each tensor, or events.
        target_transform: Called with each label.
        how: Where windows are cut, as of `rec.windows` (`us`, `count`, `at`, `before_us`, `edges`, `stride`,
            `drop_last` and so on) and which events they have (`roi`, `polarity`); what frames are, as of
            `rec.frames` (`like`, `bins`, `normalize`, `size`, `dtype`, `memory` and so on); and how recordings
            are opened, as of `evz.open`. Recordings of several sensors need `size`, for frames of one shape.

    Raises:
        NotFoundError: If a pattern or a folder stands for no file.
        InvalidArgumentError: If something makes no sense, such as two labels of one file.

    Warns:
        InferredWarning: If labels are of no recording.
    """

    def __init__(
        self,
        paths: Sources,
        *,
        mode: str | None = "voxel",
        labels: Any = None,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        **how: Any,
    ) -> None:
        said = told(WindowDataset, mode, how, cuts=True)

        def cut(recording: Recording) -> tuple[np.ndarray, str]:
            return windows_of(recording, **said.cut)

        self.samples = Samples(
            paths, cut, said.look, labels_of(labels, said.look.choice), transform, target_transform, said.options
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
