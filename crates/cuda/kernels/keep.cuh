// Copies of the events that a filter keeps, next to each other and in their order, for windows by
// count: the k-th kept event is then at position k.
#pragma once

#include "warp.cuh"
#include "windows.cuh"

#define KEEP_WARPS (PAINT_THREADS / 32)

// How many threads before this one in the block hold what, all in all: the sum of `value` over them,
// and over the whole block.
__device__ __forceinline__ u32 sum_before(u32 value, u32* total) {
    __shared__ u32 warps[KEEP_WARPS];
    u32 lane = threadIdx.x % 32, warp = threadIdx.x / 32, sum = sum_to(value, lane);
    if (lane == 31) warps[warp] = sum;
    __syncthreads();
    u32 before = 0, all = 0;
    for (u32 k = 0; k < blockDim.x / 32; k++) {
        if (k == warp) before = all;
        all += warps[k];
    }
    // The next call writes to them again.
    __syncthreads();
    *total = all;
    return before + sum - value;
}

// Which of the 8 events of this thread are kept, a bit each.
__device__ __forceinline__ u32 kept_bits(const Columns& columns, const Filter& filter, u64 begin,
                                         u64 end) {
    u32 bits = 0;
    each_event<false, false>(columns, filter, begin, end, [&](u64 at, u32, u32, u32, i64) {
        bits |= 1u << at % PAINT_EVENTS;
    });
    return bits;
}

// Events kept of each block's PAINT_THREADS * PAINT_EVENTS.
__device__ __forceinline__ void keep_count(const Columns& columns, const Filter& filter, u64 begin,
                                           u64 end, u32* counts) {
    u32 total;
    sum_before(__popc(kept_bits(columns, filter, begin, end)), &total);
    if (threadIdx.x == 0) counts[blockIdx.x] = total;
}

// Makes the counts of blocks what the blocks before them have; one block.
__device__ __forceinline__ void keep_scan(u32* counts, u32 n, u32* kept) {
    u32 before = 0;
    for (u32 start = 0; start < n; start += blockDim.x) {
        u32 at = start + threadIdx.x, total;
        u32 mine = before + sum_before(at < n ? counts[at] : 0, &total);
        if (at < n) counts[at] = mine;
        before += total;
    }
    if (threadIdx.x == 0) *kept = before;
}

// Writes the kept events of each block behind those of the blocks before it. Columns that either
// side lacks are left out.
__device__ __forceinline__ void keep_write(const Columns& columns, const Filter& filter, u64 begin,
                                           u64 end, const u32* before, const Columns& out) {
    u32 bits = kept_bits(columns, filter, begin, end), total;
    u32 to = before[blockIdx.x] + sum_before(__popc(bits), &total);
    u64 first = begin / PAINT_EVENTS * PAINT_EVENTS +
                (u64(blockIdx.x) * blockDim.x + threadIdx.x) * PAINT_EVENTS;
    for (; bits; bits &= bits - 1, to++) {
        u64 from = first + __ffs(int(bits)) - 1;
        if (out.t) out.t[to] = columns.t[from];
        if (out.x) out.x[to] = columns.x[from];
        if (out.y) out.y[to] = columns.y[from];
        if (out.p) out.p[to] = columns.p[from];
    }
}
