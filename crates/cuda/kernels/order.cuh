// Whether times are in order where a recording says so: windows are looked for as if they were.
#pragma once

#include "warp.cuh"

// Compares each event of a chunk with the one before it in the batch. The blocks along x share the chunk.
__device__ __forceinline__ void check_order(const ChunkDesc& chunk, u32 number, const i64* t,
                                            u32* error) {
    bool backwards = false;
    u32 step = gridDim.x * blockDim.x;
    for (u64 k = blockIdx.x * blockDim.x + threadIdx.x; k < chunk.n_events; k += step) {
        u64 at = chunk.out + k;
        backwards |= at > 0 && t[at] < t[at - 1];
    }
    if (backwards) report(error, number, DAMAGE_ORDER);
}
