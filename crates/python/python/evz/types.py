"""What the types of columns are called."""

from __future__ import annotations

import numpy as np

NUMPY = {
    "bool": "?", "i8": "i1", "i16": "<i2", "i32": "<i4", "i64": "<i8", "u8": "u1", "u16": "<u2",
    "u32": "<u4", "u64": "<u8", "f32": "<f4", "f64": "<f8",
}
"""Types of NumPy by those of evz."""

EVZ = {np.dtype(numpy).name: evz for evz, numpy in NUMPY.items()}
"""Types of evz by those of NumPy."""
