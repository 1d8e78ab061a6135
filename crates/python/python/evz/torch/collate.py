"""Events of a batch side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from ..events import Events


def collate_events(batch: Sequence[Any]) -> Any:
    """A batch of `Events`, or of events with labels, as columns of all events one behind the other: for
    networks on points and graphs, as `collate_fn` of a `DataLoader` over a data set of `mode=None`.

    Returns:
        A dict of tensors `(n,)`: `t` in int64, `x`, `y` and `p` in int32, and `batch`, the place of each
        event's window in the batch, int64. With labels `(dict, labels)`, the labels as a tensor where
        they are numbers.
    """
    labelled = isinstance(batch[0], (tuple, list))
    windows: list[Events] = [each[0] if labelled else each for each in batch]
    columns = {
        name: torch.from_numpy(np.concatenate([events[name] for events in windows]).astype(dtype))
        for name, dtype in (("t", np.int64), ("x", np.int32), ("y", np.int32), ("p", np.int32))
    }
    lengths = [len(events) for events in windows]
    columns["batch"] = torch.from_numpy(np.repeat(np.arange(len(windows), dtype=np.int64), lengths))
    if not labelled:
        return columns
    labels = [each[1] for each in batch]
    numbers = all(isinstance(label, (int, float)) for label in labels)
    return columns, torch.tensor(labels) if numbers else labels
