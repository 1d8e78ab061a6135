// Where windows start and end, and when their first and last events are.
#pragma once

#include "events.cuh"

// The part of a window of time that the filter leaves.
__device__ __forceinline__ Filter within(Filter filter, const FrameDesc& frame, bool timed) {
    if (timed) {
        filter.start = max(filter.start, frame.start);
        filter.stop = min(filter.stop, frame.stop);
    }
    return filter;
}

// The first position of begin..end, of which the first ones are `before` and the others are not, that
// is not. All lanes of the warp look, 32 places at once: a step for every five bits of the length.
template <typename Before>
__device__ __forceinline__ u64 first_not(u64 begin, u64 end, u32 lane, Before before) {
    while (begin < end) {
        u64 step = (end - begin + 31) / 32, at = begin + lane * step;
        u32 n = __popc(__ballot_sync(FULL_WARP, at < end && before(at)));
        if (n == 0) return begin;
        end = min(end, begin + n * step);
        begin += (n - 1) * step + 1;
    }
    return begin;
}

// The same, of times that are not before `key`.
__device__ __forceinline__ u64 not_before(const i64* t, u64 begin, u64 end, i64 key, u32 lane) {
    return first_not(begin, end, lane, [=](u64 at) { return t[at] < key; });
}

// Makes begin..end of a window of time what lies in it; a warp each.
__device__ __forceinline__ void bounds(const i64* t, const Filter& filter, FrameDesc& frame,
                                       u32 lane) {
    Filter part = within(filter, frame, true);
    u64 begin = not_before(t, frame.begin, frame.end, part.start, lane);
    u64 end = first_not(begin, frame.end, lane, [=](u64 at) {
        return t[at] < part.stop || part.stop == NO_END;
    });
    __syncwarp();
    if (lane == 0) {
        frame.begin = begin;
        frame.end = end;
    }
}

// Widens first..last of a frame by the events of this block.
__device__ __forceinline__ void span(const Columns& columns, const Filter& filter,
                                     FrameDesc& frame) {
    i64 first = I64_MAX, last = I64_MIN;
    each_event<false, true>(columns, filter, frame.begin, frame.end,
                            [&](u64, u32, u32, u32, i64 t) {
                                first = min(first, t);
                                last = max(last, t);
                            });
    for (u32 by = 16; by > 0; by /= 2) {
        first = min(first, __shfl_xor_sync(FULL_WARP, first, by));
        last = max(last, __shfl_xor_sync(FULL_WARP, last, by));
    }
    if (threadIdx.x % 32 == 0 && first <= last) {
        atomicMin(&frame.first, first);
        atomicMax(&frame.last, last);
    }
}

// ceil(numerator * factor / divisor), for a quotient of at most 64 bits and a divisor of at least 1.
__device__ __forceinline__ u64 scaled_up(u64 numerator, u32 factor, u32 divisor) {
    u64 low = u64(u32(numerator)) * factor, high = (numerator >> 32) * factor + (low >> 32);
    u64 quotient = high / divisor, rest = high % divisor;
    u64 tail = rest << 32 | u32(low);
    return (quotient << 32) + tail / divisor + (tail % divisor != 0);
}

// Settles the clock of a frame, and the first tick after the start of its time that lies behind each
// bin of a histogram; a block each.
__device__ __forceinline__ void settle(const i64* t, FrameDesc& frame, u32 flags, u64* bin_ends,
                                       u32 bins) {
    i64 first = frame.first, last = frame.last;
    if (flags & CLOCK_ENDS && frame.begin < frame.end) {
        first = t[frame.begin];
        last = t[frame.end - 1];
    }
    if (flags & CLOCK_FOUND && first > last) first = last = 0;
    i64 start = frame.start, stop = frame.stop;
    if (flags & CLOCK_WINDOW) {
        start = first;
        stop = last == I64_MAX ? last : last + 1;
    }
    i64 from = flags & CLOCK_EVENTS ? first : start, to = flags & CLOCK_EVENTS ? last : stop;
    __syncthreads();
    if (threadIdx.x == 0) {
        frame.first = first;
        frame.last = last;
        frame.start = start;
        frame.stop = stop;
        frame.from = from;
        frame.to = to;
        frame.events += frame.end - frame.begin;
    }
    u64 length = max(ticks(from, to), u64(1));
    for (u32 bin = threadIdx.x; bin < bins; bin += blockDim.x)
        bin_ends[bin] = bin + 1 == bins ? ~u64(0) : scaled_up(length, bin + 1, bins);
}
