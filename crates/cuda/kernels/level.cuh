// Counts on the coarse scale of the tables of `small`.
#pragma once

#include "layout.cuh"

#define MAX_LEVEL 76

__device__ __forceinline__ u32 level_of_count(u32 count) {
    // An octave has 1, 2 or 4 levels.
    u32 octave = 31 - __clz(int(count | 1));
    u32 bits = (octave >= 5) + (octave >= 8);
    u32 before = bits == 0 ? 0 : bits == 1 ? 6 : 24;
    return min((octave << bits) + (count >> (octave - bits)) - before, u32(MAX_LEVEL));
}

__device__ __forceinline__ u32 least_count(u32 level) {
    if (level == 0) return 0;
    if (level < 6) return 1u << (level - 1);
    if (level < 12) return (2 + (level - 6) % 2) << (4 + (level - 6) / 2);
    return (4 + (level - 12) % 4) << (6 + (level - 12) / 4);
}

// Twice the count that stands for a level.
__device__ __forceinline__ u32 weight(u32 level) {
    if (level == 0) return 0;
    if (level == MAX_LEVEL) return 2 * least_count(MAX_LEVEL);
    return least_count(level) + least_count(level + 1) - 1;
}
