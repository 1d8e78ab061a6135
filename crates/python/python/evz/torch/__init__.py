"""Recordings as data sets of PyTorch.

`WindowDataset` has every window of any number of recordings, `TimesDataset` a window for each label,
`SampleDataset` has the samples of packs, `StreamDataset` goes through recordings from front to back and shares them out among ranks and workers.
All pickle, so that workers may be forked, spawned or come from a server.
"""

from ..wanting import wanted

wanted("torch", "evz.torch")

from .collate import collate_events  # noqa: E402
from .packs import SampleDataset  # noqa: E402
from .stream import StreamDataset  # noqa: E402
from .times import TimesDataset  # noqa: E402
from .windows import WindowDataset  # noqa: E402

__all__ = ["SampleDataset", "StreamDataset", "TimesDataset", "WindowDataset", "collate_events"]
