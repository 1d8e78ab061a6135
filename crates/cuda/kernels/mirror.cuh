// Events as if time ran backwards: the last one first, each at the time that is as far before 0 as it was
// behind the tick before 0, and of the other polarity. So the largest time becomes the least one, and
// order stays order.
#pragma once

#include "layout.cuh"

// Swaps the images of two values.
template <typename T, typename Image>
__device__ __forceinline__ void swap_images(T* values, u64 one, u64 other, Image image) {
    if (!values) return;
    T left = values[one], right = values[other];
    values[one] = image(right);
    values[other] = image(left);
}

// A thread for each event of the first half, and the one in the middle, swaps it with that of the
// second.
__device__ __forceinline__ void mirror(const Columns& columns, u64 len) {
    u64 step = u64(gridDim.x) * blockDim.x;
    for (u64 one = u64(blockIdx.x) * blockDim.x + threadIdx.x; one < (len + 1) / 2; one += step) {
        u64 other = len - 1 - one;
        swap_images(columns.t, one, other, [](i64 t) { return ~t; });
        swap_images(columns.x, one, other, [](u16 x) { return x; });
        swap_images(columns.y, one, other, [](u16 y) { return y; });
        swap_images(columns.p, one, other, [](u8 p) { return u8(p ^ 1); });
    }
}
