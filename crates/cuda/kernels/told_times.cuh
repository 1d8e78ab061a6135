// Whether the times of a chunk are such as its head says, and in order where a recording says so: windows
// and the chunks that they ask are looked for by that.
#pragma once

#include "warp.cuh"

// Looks at each event of a chunk, and of a recording in order at the one before it in the batch. The blocks
// along x share the chunk.
__device__ __forceinline__ void check_times(const ChunkDesc& chunk, u32 number, const i64* t,
                                            u32 in_order, u32* error) {
    bool backwards = false, other = false;
    u32 step = gridDim.x * blockDim.x, first = blockIdx.x * blockDim.x + threadIdx.x;
    for (u64 k = first; k < chunk.n_events; k += step) {
        u64 at = chunk.out + k;
        backwards |= in_order && at > 0 && t[at] < t[at - 1];
        other |= t[at] < chunk.t_min || t[at] > chunk.t_max;
    }
    if (first == 0 && chunk.n_events > 0) {
        other |= t[chunk.out] != chunk.t_first;
        other |= in_order && t[chunk.out + chunk.n_events - 1] != chunk.t_max;
    }
    if (other) report(error, number, DAMAGE_TIMES);
    if (backwards) report(error, number, DAMAGE_ORDER);
}
