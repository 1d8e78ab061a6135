// Events into frames: what is added up for each pixel, by atomic operations on 32 bits each.
#pragma once

#include "warp.cuh"
#include "windows.cuh"

// Adds what the threads of a warp counted to what their frame lacks.
__device__ __forceinline__ void tell(FrameDesc& frame, u32 left_out, u32 beyond) {
    // Nothing is left out as a rule, and then nothing is added up.
    if (!__any_sync(FULL_WARP, left_out | beyond)) return;
    left_out = from_last(sum_to(left_out, threadIdx.x % 32));
    beyond = from_last(sum_to(beyond, threadIdx.x % 32));
    if (threadIdx.x % 32 == 0) {
        atomicAdd(&frame.left_out, u64(left_out));
        atomicAdd(&frame.beyond, u64(beyond));
    }
}

// Calls act(position, pixel, p, t) for each event of the frame's window on the sensor.
template <bool NEEDS_T, typename Act>
__device__ __forceinline__ void paint(const Columns& columns, const Filter& filter,
                                      FrameDesc& frame, const Canvas& canvas, Act act) {
    u32 beyond = 0;
    u32 left_out = each_event<true, NEEDS_T>(
        columns, within(filter, frame, canvas.timed), frame.begin, frame.end,
        [&](u64 at, u32 x, u32 y, u32 p, i64 t) {
            if (x < canvas.width && y < canvas.height)
                act(at, y * canvas.width + x, p, t);
            else
                beyond++;
        });
    tell(frame, left_out, beyond);
}

__device__ __forceinline__ void paint_signed(const Columns& columns, const Filter& filter,
                                             FrameDesc& frame, const Canvas& canvas, i32* sums) {
    paint<false>(columns, filter, frame, canvas,
                 [=](u64, u32 pixel, u32 p, i64) { atomicAdd(&sums[pixel], p ? 1 : -1); });
}

__device__ __forceinline__ void paint_counts(const Columns& columns, const Filter& filter,
                                             FrameDesc& frame, const Canvas& canvas, u32* sums) {
    u32 plane = canvas.plane;
    paint<false>(columns, filter, frame, canvas, [=](u64, u32 pixel, u32 p, i64) {
        atomicAdd(&sums[p * plane + pixel], 1u);
    });
}

__device__ __forceinline__ void paint_histogram(const Columns& columns, const Filter& filter,
                                                FrameDesc& frame, const Canvas& canvas, u32 bins,
                                                const u64* bin_ends, u32* sums) {
    u32 plane = canvas.plane;
    i64 from = frame.from;
    double scale = double(bins) / double(max(ticks(from, frame.to), u64(1)));
    paint<true>(columns, filter, frame, canvas, [=](u64, u32 pixel, u32 p, i64 t) {
        u64 since_start = ticks(from, t);
        // A guess, which rounding may put into a bin beside the one that the ends tell.
        u32 bin = u32(fmin(double(since_start) * scale, double(bins - 1)));
        while (bin > 0 && since_start < bin_ends[bin - 1]) bin--;
        while (bin + 1 < bins && since_start >= bin_ends[bin]) bin++;
        atomicAdd(&sums[(p * bins + bin) * plane + pixel], 1u);
    });
}

// The key of an event at a position in its window: later ones are larger, none is 0. The last bit is
// whether its value is positive.
__device__ __forceinline__ u32 key_of(u64 position, u32 positive) {
    return u32(position + 1) << 1 | positive;
}

__device__ __forceinline__ void paint_latest(const Columns& columns, const Filter& filter,
                                             FrameDesc& frame, const Canvas& canvas,
                                             bool by_polarity, u32* keys) {
    u32 step = by_polarity ? canvas.plane : 0;
    u64 begin = frame.begin;
    paint<false>(columns, filter, frame, canvas, [=](u64 at, u32 pixel, u32 p, i64) {
        // With planes of their own, both polarities are positive.
        atomicMax(&keys[p * step + pixel], key_of(at - begin, p | u32(by_polarity)));
    });
}

// What an event weighs on the bins of a voxel grid: on one, and on the next. A bin that is not below
// their number is none; the one before the first is the largest number.
struct Shares {
    u32 bin;
    float own, next;
};

// When the bins of a voxel grid are. Weights are those of the CPU renderer, operation for operation;
// only the order of the sums is not.
struct VoxelClock {
    i64 from;
    double length, factor, less;
    u32 places;
    bool none;

    __device__ VoxelClock(const FrameDesc& frame, u32 bins, u32 places)
        : from(frame.from), places(places) {
        length = double(max(ticks(from, frame.to), u64(1)));
        factor = double(places == BINS_STARTS || places == BINS_CENTERS ? bins : bins - 1);
        less = places == BINS_CENTERS ? 0.5 : 0.0;
        // Of no length, a place there is 0 divided by 0.
        none = places == BINS_ENDS32 && frame.from == frame.to;
    }

    __device__ Shares shares(i64 t) const {
        // Half less, added to this, rounds down, but for some whole numbers, of which it is the one below:
        // then all of the event is on the next bin.
        const double ROUND = 6755399441055744.0;
        double since = double(ticks(from, t)), place = since * factor / length - less;
        if (places == BINS_ENDS32) place = double(float(factor) * (float(since) / float(length)));
        double shifted = place - 0.5 + ROUND, behind = place - (shifted - ROUND);
        float own = 1.0f - float(behind), next = float(behind);
        if (places == BINS_ENDS32) next = 1.0f - float(1.0 - behind);
        if (none) own = next = 0.0f;
        return {u32(__double_as_longlong(shifted)), own, next};
    }
};

// A grid of `bins` of both polarities, or one of each.
__device__ __forceinline__ void paint_voxel(const Columns& columns, const Filter& filter,
                                            FrameDesc& frame, const Canvas& canvas, u32 bins,
                                            u32 places, bool by_polarity, float* values) {
    u32 plane = canvas.plane, step = by_polarity ? bins : 0;
    VoxelClock clock(frame, bins, places);
    paint<true>(columns, filter, frame, canvas, [=](u64, u32 pixel, u32 p, i64 t) {
        Shares shares = clock.shares(t);
        float sign = p || by_polarity ? 1.0f : -1.0f;
        u32 grid = p * step, next = shares.bin + 1;
        if (shares.bin < bins) atomicAdd(&values[(grid + shares.bin) * plane + pixel], sign * shares.own);
        if (next < bins) atomicAdd(&values[(grid + next) * plane + pixel], sign * shares.next);
    });
}
