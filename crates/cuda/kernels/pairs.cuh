// Eight numbers of 16 bits in four registers, and planes of them: what `fast` packs, and `small` its
// low bits. SPEC.md has the layout.
#pragma once

#include "layout.cuh"

#define MINI_LEN 256    // events of a plane
#define PLANE_UNIT 32   // bytes that a plane takes for each bit of width
#define BOTH 0x00010001u  // times a number of 16 bits: that number in both halves

// The first number is in the lower half of x.
typedef uint4 Pairs;

// A lane's share of a plane, as it is loaded: eight neighbours of a row have their bits in one or two
// vectors, at the same shift.
struct Loaded {
    Pairs low, high;
};

// Lane `lane` takes events 8 lane to 8 lane + 7 of 256: half of a row.
__device__ __forceinline__ Loaded load_row(const u8* plane, u32 width, u32 lane) {
    Loaded loaded = {make_uint4(0, 0, 0, 0), make_uint4(0, 0, 0, 0)};
    if (width == 0) return loaded;
    u32 word = (lane / 2 * width) / 16;
    const Pairs* vectors = reinterpret_cast<const Pairs*>(plane) + lane % 2;
    loaded.low = vectors[2 * word];
    // Where a row ends with its word, nothing of the next one counts, and there may be none.
    loaded.high = vectors[2 * min(word + 1, width - 1)];
    return loaded;
}

__device__ __forceinline__ Pairs unpack_row(const Loaded& loaded, u32 width, u32 lane) {
    u32 shift = (lane / 2 * width) % 16;
    u32 mask = (1u << width) - 1;
    u32 low = (mask & 0xffffu >> shift) * BOTH;
    u32 high = mask * BOTH & ~low;
    const Pairs &a = loaded.low, &b = loaded.high;
    return make_uint4((a.x >> shift & low) | (b.x << (16 - shift) & high),
                      (a.y >> shift & low) | (b.y << (16 - shift) & high),
                      (a.z >> shift & low) | (b.z << (16 - shift) & high),
                      (a.w >> shift & low) | (b.w << (16 - shift) & high));
}

// Sums of both halves, modulo 2^16.
__device__ __forceinline__ u32 add_halves(u32 a, u32 b) {
    return ((a & 0x7fff7fffu) + (b & 0x7fff7fffu)) ^ ((a ^ b) & 0x80008000u);
}

__device__ __forceinline__ u32 unzigzag_halves(u32 r) {
    return (r >> 1 & 0x7fff7fffu) ^ (r & BOTH) * 0xffffu;
}

__device__ __forceinline__ u64 unzigzag64(u64 r) {
    return r >> 1 ^ (0 - (r & 1));
}
