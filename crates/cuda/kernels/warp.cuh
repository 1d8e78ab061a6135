// Sums over the lanes of a warp. All lanes take part.
#pragma once

#include "layout.cuh"

// The number of this warp in its block, in a way that the compiler knows to be one for the warp: it
// then knows the same of what follows from it, and plans for no lanes that go their own way.
__device__ __forceinline__ u32 warp_of_block() {
    return __shfl_sync(FULL_WARP, threadIdx.x / 32, 0);
}

// The sum of the values of all lanes up to this one.
template <typename T>
__device__ __forceinline__ T sum_to(T value, u32 lane) {
    for (u32 by = 1; by < 32; by *= 2) {
        T before = __shfl_up_sync(FULL_WARP, value, by);
        if (lane >= by) value += before;
    }
    return value;
}

// The same without carry: the xor of the values.
__device__ __forceinline__ u32 xor_to(u32 value, u32 lane) {
    for (u32 by = 1; by < 32; by *= 2) {
        u32 before = __shfl_up_sync(FULL_WARP, value, by);
        if (lane >= by) value ^= before;
    }
    return value;
}

// What the lane before has; `first` in lane 0.
template <typename T>
__device__ __forceinline__ T from_before(T value, T first, u32 lane) {
    T before = __shfl_up_sync(FULL_WARP, value, 1);
    return lane == 0 ? first : before;
}

// What the last lane has.
template <typename T>
__device__ __forceinline__ T from_last(T value) {
    return __shfl_sync(FULL_WARP, value, 31);
}

// Bits of this lane and those before.
__device__ __forceinline__ u32 lanes_to(u32 lane) {
    return FULL_WARP >> (31 - lane);
}

// Tells what is wrong with a chunk, unless something else was told.
__device__ __forceinline__ void report(u32* error, u32 chunk, Damage damage) {
    atomicCAS(error, 0u, (chunk + 1) << 8 | damage);
}
