// Events of a range of the columns, and which of them count.
#pragma once

#include "layout.cuh"

#define I64_MAX 0x7fffffffffffffffll
#define I64_MIN (-I64_MAX - 1)

// The end of a range that has none: the largest time, which is in it.
#define NO_END I64_MAX

// The first and the last time that a filter keeps; none, where the first is behind the last.
struct Times {
    i64 first, last;

    __device__ Times(const Filter& filter) : first(filter.start), last(filter.stop) {
        if (last == I64_MIN)
            first = I64_MAX;
        else if (last != NO_END)
            last--;
    }
};

// Calls act(position, x, y, p, t) for each event of begin..end that the filter keeps; all threads of
// the blocks along x share the range. Returns how many events of this thread were left out. Columns
// that neither the filter nor the caller needs are not read.
//
// A thread takes 8 events with one load of 16 bytes for each of x and y, one of 8 for p and four of
// 16 for t.
template <bool NEEDS_XY, bool NEEDS_T, typename Act>
__device__ __forceinline__ u32 each_event(const Columns& columns, const Filter& filter, u64 begin,
                                          u64 end, Act act) {
    u32 left_out = 0;
    bool by_time = filter.flags & FILTER_TIME, by_region = filter.flags & FILTER_REGION;
    bool by_polarity = filter.flags & FILTER_POLARITY;
    Times times(filter);
    u64 step = u64(gridDim.x) * blockDim.x * PAINT_EVENTS;
    u64 thread = u64(blockIdx.x) * blockDim.x + threadIdx.x;
    for (u64 at = begin / PAINT_EVENTS * PAINT_EVENTS + thread * PAINT_EVENTS; at < end; at += step) {
        uint4 xs = {}, ys = {};
        uint2 ps = {};
        longlong2 ts[4] = {};
        if (NEEDS_XY || by_region) {
            xs = *reinterpret_cast<const uint4*>(columns.x + at);
            ys = *reinterpret_cast<const uint4*>(columns.y + at);
        }
        if (columns.p) ps = *reinterpret_cast<const uint2*>(columns.p + at);
        if (NEEDS_T || by_time) {
#pragma unroll
            for (u32 k = 0; k < 4; k++)
                ts[k] = reinterpret_cast<const longlong2*>(columns.t + at)[k];
        }
#pragma unroll
        for (u32 k = 0; k < PAINT_EVENTS; k++) {
            if (at + k < begin || at + k >= end) continue;
            u32 xx = k < 2 ? xs.x : k < 4 ? xs.y : k < 6 ? xs.z : xs.w;
            u32 yy = k < 2 ? ys.x : k < 4 ? ys.y : k < 6 ? ys.z : ys.w;
            u32 x = xx >> 16 * (k % 2) & 0xffff, y = yy >> 16 * (k % 2) & 0xffff;
            u32 p = (k < 4 ? ps.x : ps.y) >> 8 * (k % 4) & 1;
            i64 t = k % 2 ? ts[k / 2].y : ts[k / 2].x;
            bool kept = true;
            if (by_time) kept = t >= times.first && t <= times.last;
            if (by_region)
                kept = kept && x >= filter.x_begin && x < filter.x_end && y >= filter.y_begin &&
                       y < filter.y_end;
            if (by_polarity) kept = kept && p == filter.polarity;
            if (kept)
                act(at + k, x, y, p, t);
            else
                left_out++;
        }
    }
    return left_out;
}

// Ticks from one time to a later one.
__device__ __forceinline__ u64 ticks(i64 from, i64 to) {
    return u64(to) - u64(from);
}
