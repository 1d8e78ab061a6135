// Frames whose sums live in shared memory: a thread block for each band of rows of each plane of a
// frame. It clears its sums, looks at the rows of all events of the window, adds up those of its own,
// and writes the values, once.
#pragma once

#include "finish.cuh"
#include "paint.cuh"

// A band of a frame: rows top..bottom of a plane. The last one also has to do with what lies below
// the sensor.
struct Band {
    u32 plane, top, bottom;
    bool last;

    // Blocks along x are the bands of the first plane, then those of the second, and so on.
    __device__ Band(const Canvas& canvas, u32 rows) {
        u32 bands = (canvas.height + rows - 1) / rows, band = blockIdx.x % bands;
        plane = blockIdx.x / bands;
        top = band * rows;
        bottom = min(top + rows, canvas.height);
        last = band + 1 == bands;
    }

    // At most `rows` of its rows, from `from` on.
    __device__ Band part(u32 from, u32 rows) const {
        Band part = *this;
        part.top = from;
        part.bottom = min(from + rows, bottom);
        part.last = last && part.bottom == bottom;
        return part;
    }

    __device__ u32 pixels(const Canvas& canvas) const { return (bottom - top) * canvas.width; }

    // Its first pixel. Sums start where 8 of them fall on 8 values that are stored at once.
    __device__ u32 first(const Canvas& canvas) const { return top * canvas.width; }
    __device__ u32 shift(const Canvas& canvas) const { return (plane * canvas.plane + first(canvas)) % 8; }
};

// Events that a block looks at: begin..end. Of these it counts those from `counted` on that the filter
// leaves out, or that lie beyond the sensor; of all blocks that look at an event in its row, one does.
struct Range {
    u64 begin, end, counted;
};

// 8 events of the columns that each frame needs.
struct Eight {
    ulonglong2 xs, ys;
    u64 ps;

    __device__ void load(const Columns& columns, u64 at) {
        xs = *reinterpret_cast<const ulonglong2*>(columns.x + at);
        ys = *reinterpret_cast<const ulonglong2*>(columns.y + at);
        ps = columns.p ? *reinterpret_cast<const u64*>(columns.p + at) : 0;
    }

    __device__ u32 x(u32 k) const { return u32((k < 4 ? xs.x : xs.y) >> 16 * (k % 4)) & 0xffff; }
    __device__ u32 y(u32 k) const { return u32((k < 4 ? ys.x : ys.y) >> 16 * (k % 4)) & 0xffff; }
    __device__ u32 p(u32 k) const { return u32(ps >> 8 * k) & 1; }
};

// Calls act(position, place in the band, p, t) for each event of the range that lies in the band and
// that the filter keeps; all threads of the block share the range.
//
// Few of 8 events are in the band, so they are looked at with as few instructions as can be: places in
// registers are known to the compiler, and the next 8 are asked for before these are looked at.
template <bool NEEDS_T, typename Act>
__device__ __forceinline__ void each_in_band(const Columns& columns, const Filter& filter,
                                             const Range& range, const Canvas& canvas,
                                             const Band& band, FrameDesc& frame, Act act) {
    u64 begin = range.begin, end = range.end;
    u32 left_out = 0, beyond = 0;
    bool all = filter.flags == 0;
    bool by_time = filter.flags & FILTER_TIME, by_region = filter.flags & FILTER_REGION;
    bool by_polarity = filter.flags & FILTER_POLARITY;
    Times times(filter);
    u32 own = band.bottom - band.top, rows = band.last ? 0x10000 - band.top : own;
    u32 step = blockDim.x * PAINT_EVENTS;
    u64 at = begin / PAINT_EVENTS * PAINT_EVENTS + threadIdx.x * PAINT_EVENTS;
    Eight next = {};
    if (at < end) next.load(columns, at);
    for (; at < end; at += step) {
        Eight events = next;
        if (at + step < end) next.load(columns, at + step);
        u32 inside = 0xff;
        if (at < begin) inside &= 0xffu << u32(begin - at);
        if (end - at < PAINT_EVENTS) inside &= (1u << u32(end - at)) - 1;
#pragma unroll
        for (u32 k = 0; k < PAINT_EVENTS; k++) {
            u32 row = events.y(k) - band.top;
            if (row >= rows || !(inside >> k & 1)) continue;
            u32 x = events.x(k), y = events.y(k), p = events.p(k);
            i64 t = NEEDS_T || by_time ? columns.t[at + k] : 0;
            bool kept = true;
            if (!all) {
                if (by_time) kept = t >= times.first && t <= times.last;
                if (by_region)
                    kept = kept && x >= filter.x_begin && x < filter.x_end && y >= filter.y_begin &&
                           y < filter.y_end;
                if (by_polarity) kept = kept && p == filter.polarity;
            }
            if (!kept)
                left_out += at + k >= range.counted;
            else if (x >= canvas.width || row >= own)
                beyond += at + k >= range.counted;
            else
                act(at + k, row * canvas.width + x, p, t);
        }
    }
    tell(frame, left_out, beyond);
}

// Makes `n` words the same.
__device__ __forceinline__ void fill(u32* words, u32 n, u32 with) {
    for (u32 i = 4 * threadIdx.x; i < n; i += 4 * blockDim.x)
        *reinterpret_cast<uint4*>(words + i) = make_uint4(with, with, with, with);
    __syncthreads();
}

// Has `n` values written to `out`, four at once where they lie so: value(sum) of the sums from `shift`
// on.
template <typename T, typename Value>
__device__ __forceinline__ void write(const u32* sums, u32 shift, u32 n, T* out, Value value) {
    __syncthreads();
    struct alignas(4 * sizeof(T)) Four {
        T values[4];
    };
    out -= shift;
    bool fours = reinterpret_cast<u64>(out) % sizeof(Four) == 0;
    for (u32 i = 4 * threadIdx.x; i < shift + n; i += 4 * blockDim.x) {
        uint4 four = *reinterpret_cast<const uint4*>(sums + i);
        Four of = {{value(four.x), value(four.y), value(four.z), value(four.w)}};
        if (fours && i >= shift && i + 4 <= shift + n) {
            *reinterpret_cast<Four*>(out + i) = of;
        } else {
#pragma unroll
            for (u32 k = 0; k < 4; k++)
                if (i + k >= shift && i + k < shift + n) out[i + k] = of.values[k];
        }
    }
    __syncthreads();
}

// The whole window, for the planes of a representation that have no bins: the first one counts.
__device__ __forceinline__ Range whole(const FrameDesc& frame, const Band& band) {
    return {frame.begin, frame.end, band.plane == 0 ? frame.begin : frame.end};
}

// Signs, in sums of 32 bits.
__device__ __forceinline__ void wide_signed(const Columns& columns, const Filter& filter,
                                            const Range& range, FrameDesc& frame,
                                            const Canvas& canvas, const Band& band, u32* shared,
                                            u16* out) {
    u32 shift = band.shift(canvas), n = band.pixels(canvas);
    fill(shared, shift + n, 0);
    u32* sums = shared + shift;
    each_in_band<false>(columns, filter, range, canvas, band, frame,
                        [=](u64, u32 place, u32 p, i64) { atomicAdd(&sums[place], p ? 1u : ~0u); });
    write(shared, shift, n, out + band.first(canvas), [](u32 sum) { return signed_value(sum); });
}

// Sums of 16 bits, two in a word, from the middle on: a band has twice the rows. Where one would pass
// its ends, the band is painted again with 32 bits, in parts.
__device__ __forceinline__ void band_signed(const Columns& columns, const Filter& filter,
                                            FrameDesc& frame, const Canvas& canvas, u32 rows,
                                            u32* shared, u16* out) {
    const u32 MIDDLES = 0x80008000;
    Band band(canvas, rows);
    Range range = whole(frame, band);
    u32 shift = band.shift(canvas), end = shift + band.pixels(canvas);
    fill(shared, (end + 1) / 2, MIDDLES);
    bool passed = false;
    each_in_band<false>(columns, filter, range, canvas, band, frame,
                        [&](u64, u32 place, u32 p, i64) {
                            u32 at = shift + place, half = at % 2 * 16;
                            u32 sum = atomicAdd(&shared[at / 2], (p ? 1u : ~0u) << half);
                            passed |= (sum >> half & 0xffff) == (p ? 0xffff : 0);
                        });
    if (__syncthreads_or(passed)) {
        range.counted = range.end;
        u32 part = max(rows / 2, 1u);
        for (u32 top = band.top; top < band.bottom; top += part)
            wide_signed(columns, filter, range, frame, canvas, band.part(top, part), shared, out);
        return;
    }
    out += band.first(canvas) - shift;
    for (u32 i = 8 * threadIdx.x; i < end; i += 8 * blockDim.x) {
        uint4 sums = *reinterpret_cast<const uint4*>(shared + i / 2);
        u32 halves[4] = {sums.x ^ MIDDLES, sums.y ^ MIDDLES, sums.z ^ MIDDLES, sums.w ^ MIDDLES};
        if (i >= shift && i + 8 <= end) {
            *reinterpret_cast<uint4*>(out + i) = make_uint4(halves[0], halves[1], halves[2], halves[3]);
        } else {
#pragma unroll
            for (u32 k = 0; k < 8; k++)
                if (i + k >= shift && i + k < end) out[i + k] = u16(halves[k / 2] >> 16 * (k % 2));
        }
    }
}

// Counts of both polarities of a pixel, 16 bits each in a word. Where one would pass its end, the band
// is painted again, a polarity at a time with 32 bits. The planes of `out` are `apart`.
__device__ __forceinline__ void both_counts(const Columns& columns, const Filter& filter,
                                            Range range, FrameDesc& frame, const Canvas& canvas,
                                            const Band& band, u64 apart, u32* shared, u16* out) {
    u32 shift = band.shift(canvas), n = band.pixels(canvas);
    fill(shared, shift + n, 0);
    u32* sums = shared + shift;
    bool passed = false;
    each_in_band<false>(columns, filter, range, canvas, band, frame,
                        [&](u64, u32 place, u32 p, i64) {
                            u32 half = 16 * p, sum = atomicAdd(&sums[place], 1u << half);
                            passed |= (sum >> half & 0xffff) == 0xffff;
                        });
    passed = __syncthreads_or(passed);
    range.counted = range.end;
    for (u32 polarity = 0; polarity < 2; polarity++) {
        u32 half = 16 * polarity;
        if (passed) {
            half = 0;
            fill(shared, shift + n, 0);
            each_in_band<false>(columns, filter, range, canvas, band, frame,
                                [=](u64, u32 place, u32 p, i64) {
                                    if (p == polarity) atomicAdd(&sums[place], 1u);
                                });
        }
        u32 most = passed ? FULL_WARP : 0xffff;
        write(shared, shift, n, out + polarity * apart + band.first(canvas),
              [=](u32 sum) { return count_value(sum >> half & most); });
    }
}

__device__ __forceinline__ void band_counts(const Columns& columns, const Filter& filter,
                                            FrameDesc& frame, const Canvas& canvas, u32 rows,
                                            u32* shared, u16* out) {
    Band band(canvas, rows);
    both_counts(columns, filter, whole(frame, band), frame, canvas, band, canvas.plane, shared, out);
}

// Planes are those of a bin; `starts` says where bins start, and where the last ends.
__device__ __forceinline__ void band_histogram(const Columns& columns, const Filter& filter,
                                               FrameDesc& frame, const Canvas& canvas, u32 rows,
                                               const u64* starts, u32 bins, u32* shared, u16* out) {
    Band band(canvas, rows);
    u64 begin = starts[band.plane], end = starts[band.plane + 1];
    both_counts(columns, filter, {begin, end, begin}, frame, canvas, band, u64(bins) * canvas.plane,
                shared, out + u64(band.plane) * canvas.plane);
}

// The keys of the latest events of a band.
__device__ __forceinline__ void band_keys(const Columns& columns, const Filter& filter,
                                          FrameDesc& frame, const Canvas& canvas, const Band& band,
                                          bool by_polarity, u32* shared) {
    u32 shift = band.shift(canvas), plane = band.plane;
    fill(shared, shift + band.pixels(canvas), 0);
    u32* keys = shared + shift;
    u64 begin = frame.begin;
    each_in_band<false>(columns, filter, whole(frame, band), canvas, band, frame,
                        [=](u64 at, u32 place, u32 p, i64) {
                            if (!by_polarity || p == plane)
                                atomicMax(&keys[place], key_of(at - begin, p | u32(by_polarity)));
                        });
}

__device__ __forceinline__ void band_binary(const Columns& columns, const Filter& filter,
                                            FrameDesc& frame, const Canvas& canvas, u32 rows,
                                            u32* shared, u16* out) {
    Band band(canvas, rows);
    band_keys(columns, filter, frame, canvas, band, false, shared);
    write(shared, band.shift(canvas), band.pixels(canvas), out + band.first(canvas),
          [](u32 key) { return sign_value(key, 0); });
}

template <u32 KIND>
__device__ __forceinline__ void band_latest(const Columns& columns, const Filter& filter,
                                            FrameDesc& frame, const Canvas& canvas, u32 rows,
                                            bool by_polarity, double scale, u32* shared,
                                            float* out) {
    Band band(canvas, rows);
    band_keys(columns, filter, frame, canvas, band, by_polarity, shared);
    const i64* t = columns.t;
    u64 before = frame.begin - 1;
    i64 from = frame.from, to = frame.to;
    out += u64(band.plane) * canvas.plane + band.first(canvas);
    write(shared, band.shift(canvas), band.pixels(canvas), out, [=](u32 key) {
        if (key == 0) return KIND == LATEST_SECONDS ? -1.0f : 0.0f;
        return value_of<KIND>(scale, from, to, t[before + (key >> 1)], key & 1);
    });
}

// Planes are those of a bin, which also has parts of the events of the bin before; of OFF events first
// where polarities have a grid each.
__device__ __forceinline__ void band_voxel(const Columns& columns, const Filter& filter,
                                           FrameDesc& frame, const Canvas& canvas, u32 rows,
                                           const u64* starts, u32 bins, u32 places, bool by_polarity,
                                           u32* shared, float* out) {
    Band band(canvas, rows);
    u32 shift = band.shift(canvas), n = band.pixels(canvas);
    u32 bin = band.plane % bins, polarity = band.plane / bins;
    fill(shared, shift + n, 0);
    float* sums = reinterpret_cast<float*>(shared) + shift;
    VoxelClock clock(frame, bins, places);
    Range range = {starts[bin > 0 ? bin - 1 : 0], starts[bin + 1], starts[bin]};
    if (polarity) range.counted = range.end;
    each_in_band<true>(columns, filter, range, canvas, band, frame,
                       [=](u64, u32 place, u32 p, i64 t) {
                           if (by_polarity && p != polarity) return;
                           Shares shares = clock.shares(t);
                           float sign = p || by_polarity ? 1.0f : -1.0f;
                           // Events before the first bin and behind the last stand with these.
                           if (shares.bin == bin) atomicAdd(&sums[place], sign * shares.own);
                           if (shares.bin + 1 == bin) atomicAdd(&sums[place], sign * shares.next);
                       });
    write(shared, shift, n, out + u64(band.plane) * canvas.plane + band.first(canvas),
          [](u32 sum) { return __uint_as_float(sum); });
}

// Where the bins of a frame start, and where the last ends: a warp a bin. Times are in order; events
// that the filter leaves out may lie before the first one and behind the last.
template <typename Before>
__device__ __forceinline__ void bin_start(const FrameDesc& frame, u32 bin, u32 bins, u64* starts,
                                          u32 lane, Before before) {
    u64 start = bin == 0      ? frame.begin
                : bin == bins ? frame.end
                              : first_not(frame.begin, frame.end, lane, before);
    if (lane == 0) starts[bin] = start;
}

__device__ __forceinline__ void histogram_starts(const i64* t, const FrameDesc& frame, u32 bin,
                                                 u32 bins, const u64* bin_ends, u64* starts,
                                                 u32 lane) {
    i64 from = frame.from;
    bin_start(frame, bin, bins, starts, lane,
              [=](u64 at) { return ticks(from, max(t[at], from)) < bin_ends[bin - 1]; });
}

__device__ __forceinline__ void voxel_starts(const i64* t, const FrameDesc& frame, u32 bin, u32 bins,
                                             u32 places, u64* starts, u32 lane) {
    VoxelClock clock(frame, bins, places);
    i64 from = frame.from, to = frame.to;
    bin_start(frame, bin, bins, starts, lane, [=](u64 at) {
        return i32(clock.shares(min(max(t[at], from), to)).bin) < i32(bin);
    });
}
