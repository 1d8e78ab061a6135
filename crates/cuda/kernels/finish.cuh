// Sums into the values of frames; the sums are 0 again afterwards.
#pragma once

#include "windows.cuh"

// Takes 8 sums and clears them.
__device__ __forceinline__ void take(u32* sums, u32 (&taken)[8]) {
    uint4* from = reinterpret_cast<uint4*>(sums);
    uint4 low = from[0], high = from[1];
    from[0] = from[1] = make_uint4(0, 0, 0, 0);
    taken[0] = low.x, taken[1] = low.y, taken[2] = low.z, taken[3] = low.w;
    taken[4] = high.x, taken[5] = high.y, taken[6] = high.z, taken[7] = high.w;
}

// Puts 8 values of 16 bits.
__device__ __forceinline__ void put(u16* out, const u32 (&values)[8]) {
    uint4 packed = make_uint4(values[0] & 0xffff | values[1] << 16, values[2] & 0xffff | values[3] << 16,
                              values[4] & 0xffff | values[5] << 16, values[6] & 0xffff | values[7] << 16);
    *reinterpret_cast<uint4*>(out) = packed;
}

// Calls act(first value) for every 8 of `len` values, a multiple of 8.
template <typename Act>
__device__ __forceinline__ void each_eight(u64 len, Act act) {
    u64 step = u64(gridDim.x) * blockDim.x * 8;
    for (u64 at = (u64(blockIdx.x) * blockDim.x + threadIdx.x) * 8; at < len; at += step) act(at);
}

// A sum of signs, held at 16 bits.
__device__ __forceinline__ u16 signed_value(u32 sum) {
    return u16(min(max(i32(sum), -32768), 32767));
}

// A count, held at 16 bits.
__device__ __forceinline__ u16 count_value(u32 sum) {
    return u16(min(sum, 65535u));
}

// The sign of a latest event.
__device__ __forceinline__ u16 sign_value(u32 key, u16 none) {
    return key == 0 ? none : key & 1 ? 1 : 0xffff;
}

__device__ __forceinline__ void finish_signed(u32* sums, u64 len, u16* out) {
    each_eight(len, [=](u64 at) {
        u32 values[8];
        take(sums + at, values);
#pragma unroll
        for (u32 k = 0; k < 8; k++) values[k] = signed_value(values[k]);
        put(out + at, values);
    });
}

__device__ __forceinline__ void finish_counts(u32* sums, u64 len, u16* out) {
    each_eight(len, [=](u64 at) {
        u32 values[8];
        take(sums + at, values);
#pragma unroll
        for (u32 k = 0; k < 8; k++) values[k] = count_value(values[k]);
        put(out + at, values);
    });
}

// What has no event is what it was, and 0 where no piece of the window was finished before.
__device__ __forceinline__ void finish_binary(u32* keys, u64 len, u32 piece, u16* out) {
    each_eight(len, [=](u64 at) {
        u32 values[8];
        take(keys + at, values);
#pragma unroll
        for (u32 k = 0; k < 8; k++) {
            u16 before = piece & PIECE_FIRST ? 0 : out[at + k];
            bool counts = !(piece & PIECE_BACKWARDS) || before == 0;
            values[k] = counts ? sign_value(values[k], before) : before;
        }
        put(out + at, values);
    });
}

// e^x for x of at most 0: the CPU renderer's, operation for operation.
__device__ __forceinline__ float exp_of(float x) {
    const float ROUND = 12582912.0f;
    x = fmaxf(x, -87.0f);
    float shifted = x * 1.44269504088896340736f + ROUND;
    float n = shifted - ROUND;
    float r = x - n * 0.6933594f - n * -2.1219444e-4f;
    float sum = 1.0f / 5040.0f;
    sum = sum * r + 1.0f / 720.0f;
    sum = sum * r + 1.0f / 120.0f;
    sum = sum * r + 1.0f / 24.0f;
    sum = sum * r + 1.0f / 6.0f;
    sum = sum * r + 0.5f;
    sum = sum * r + 1.0f;
    sum = sum * r + 1.0f;
    u32 power = (__float_as_uint(shifted) - __float_as_uint(ROUND) + 127) << 23;
    return sum * __uint_as_float(power);
}

// What is left of an event, or when it was: `scale` is -1 / tau, 1 / tau or the seconds of a tick.
template <u32 KIND>
__device__ __forceinline__ float value_of(double scale, i64 from, i64 to, i64 t, u32 positive) {
    double scaled = double(KIND == LATEST_SECONDS ? ticks(from, t) : ticks(t, to)) * scale;
    if (KIND == LATEST_SECONDS) return float(scaled);
    float left = KIND == LATEST_EXP ? exp_of(float(scaled)) : float(fmax(1.0 - scaled, 0.0));
    return positive ? left : -left;
}

// The frame's values from the times of the latest events.
template <u32 KIND>
__device__ __forceinline__ void finish_latest(u32* keys, u64 len, u32 piece, double scale,
                                              const i64* t, const FrameDesc& frame, float* out) {
    u64 before = frame.begin - 1;
    i64 from = frame.from, to = frame.to;
    each_eight(len, [=](u64 at) {
        u32 taken[8];
        take(keys + at, taken);
        // All are asked for before any is waited for.
        i64 times[8];
#pragma unroll
        for (u32 k = 0; k < 8; k++) times[k] = taken[k] ? t[before + (taken[k] >> 1)] : 0;
        float4* halves = reinterpret_cast<float4*>(out + at);
        float none = KIND == LATEST_SECONDS ? -1.0f : 0.0f;
        // Until the last piece, no number stands for no event where a value is not to be written over.
        bool backwards = piece & PIECE_BACKWARDS;
        float so_far = backwards ? __uint_as_float(0x7fffffff) : none;
        float4 low = make_float4(so_far, so_far, so_far, so_far), high = low;
        if (!(piece & PIECE_FIRST)) low = halves[0], high = halves[1];
        float values[8] = {low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w};
#pragma unroll
        for (u32 k = 0; k < 8; k++) {
            float value = value_of<KIND>(scale, from, to, times[k], taken[k] & 1);
            bool counts = !backwards || values[k] != values[k];
            values[k] = taken[k] && counts ? value : values[k];
            if (piece & PIECE_LAST && values[k] != values[k]) values[k] = none;
        }
        halves[0] = make_float4(values[0], values[1], values[2], values[3]);
        halves[1] = make_float4(values[4], values[5], values[6], values[7]);
    });
}
