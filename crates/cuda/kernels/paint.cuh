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
    i64 first = frame.first;
    double scale = double(bins) / double(max(ticks(first, frame.last), u64(1)));
    paint<true>(columns, filter, frame, canvas, [=](u64, u32 pixel, u32 p, i64 t) {
        u64 since_first = ticks(first, t);
        // A guess, which rounding may put into a bin beside the one that the ends tell.
        u32 bin = u32(fmin(double(since_first) * scale, double(bins - 1)));
        while (bin > 0 && since_first < bin_ends[bin - 1]) bin--;
        while (bin + 1 < bins && since_first >= bin_ends[bin]) bin++;
        atomicAdd(&sums[(p * bins + bin) * plane + pixel], 1u);
    });
}

// The key of an event at a position in its window: later ones are larger, none is 0. The last bit is
// the polarity.
__device__ __forceinline__ u32 key_of(u64 position, u32 p) {
    return u32(position + 1) << 1 | p;
}

__device__ __forceinline__ void paint_latest(const Columns& columns, const Filter& filter,
                                             FrameDesc& frame, const Canvas& canvas,
                                             bool by_polarity, u32* keys) {
    u32 step = by_polarity ? canvas.plane : 0;
    u64 begin = frame.begin;
    paint<false>(columns, filter, frame, canvas, [=](u64 at, u32 pixel, u32 p, i64) {
        atomicMax(&keys[p * step + pixel], key_of(at - begin, p));
    });
}

// When the bins of a voxel grid are. Weights are those of the CPU renderer, operation for operation;
// only the order of the sums is not.
struct VoxelClock {
    i64 first;
    double scale;
    u32 bins;

    __device__ VoxelClock(const FrameDesc& frame, u32 bins) : first(frame.first), bins(bins) {
        scale = double(bins - 1) / double(max(ticks(first, frame.last), u64(1)));
    }

    // The bin of an event, and how far `behind` its start it is.
    __device__ u32 bin(i64 t, float& behind) const {
        // Half less, added to this, rounds down.
        const double ROUND = 6755399441055744.0;
        double place = double(ticks(first, t)) * scale;
        double shifted = place - 0.5 + ROUND;
        behind = float(place - (shifted - ROUND));
        // Times are within the window's, unless a chunk lies.
        return min(u32(__double_as_longlong(shifted)), bins - 1);
    }
};

__device__ __forceinline__ void paint_voxel(const Columns& columns, const Filter& filter,
                                            FrameDesc& frame, const Canvas& canvas, u32 bins,
                                            float* values) {
    u32 plane = canvas.plane;
    VoxelClock clock(frame, bins);
    paint<true>(columns, filter, frame, canvas, [=](u64, u32 pixel, u32 p, i64 t) {
        float behind, sign = p ? 1.0f : -1.0f;
        u32 bin = clock.bin(t, behind);
        atomicAdd(&values[bin * plane + pixel], sign * (1.0f - behind));
        // The last bin has none behind it: an event at the very end is all in it.
        if (bin + 1 < bins) atomicAdd(&values[(bin + 1) * plane + pixel], sign * behind);
    });
}
