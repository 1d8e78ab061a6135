// Frames that are mostly empty, packed: of each 32 values a mask of those that are not empty, and these
// next to each other. What goes over the bus is then a fraction.
#pragma once

#include "warp.cuh"

#define PACK_THREADS 256
#define PACK_SPAN (32 * PACK_THREADS)  // values that a thread block takes

// Packs the values of a block's span of a frame of `len`. `masks` are those of the frame, `base` gets
// where the block's values start in `packed`, which has room for `room`: `cursor` says how many there
// are in all, and what has no room is not written.
template <typename T>
__device__ __forceinline__ void pack(const T* values, u64 len, T empty, u32* masks, u32* base,
                                     u32* cursor, T* packed, u32 room) {
    __shared__ u32 totals[PACK_THREADS / 32], start;
    u32 lane = threadIdx.x % 32, warp = warp_of_block();
    // A warp has 32 stretches of 32 values; lane k keeps the mask of the k-th.
    u64 first = u64(blockIdx.x) * PACK_SPAN + warp * 1024;
    u32 mask = 0;
    for (u32 k = 0; k < 32; k++) {
        u64 at = first + 32 * k + lane;
        u32 found = __ballot_sync(FULL_WARP, at < len && values[at] != empty);
        if (lane == k) mask = found;
    }
    if (first + 32 * lane < len) masks[first / 32 + lane] = mask;
    u32 own = u32(__popc(mask)), to = sum_to(own, lane), total = from_last(to);
    if (lane == 31) totals[warp] = total;
    __syncthreads();
    if (threadIdx.x == 0) {
        u32 sum = 0;
        for (u32 k = 0; k < PACK_THREADS / 32; k++) {
            u32 of = totals[k];
            totals[k] = sum;
            sum += of;
        }
        start = atomicAdd(cursor, sum);
        *base = start;
    }
    __syncthreads();
    u32 before = start + totals[warp] + to - own;
    for (u32 k = 0; k < 32; k++) {
        u32 found = __shfl_sync(FULL_WARP, mask, k);
        u32 place = __shfl_sync(FULL_WARP, before, k) + u32(__popc(found & ((1u << lane) - 1)));
        if (found >> lane & 1 && place < room) packed[place] = values[first + 32 * k + lane];
    }
}
