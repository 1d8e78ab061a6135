// From levels to where symbols are found: a warp a table.
#pragma once

#include "level.cuh"
#include "small_model.cuh"
#include "warp.cuh"

namespace small {

#define MAX_PLACES 4096

// The symbol of each place.
typedef u32 Places[MAX_PLACES / 4];

// The table of no levels: all places are of symbol 0. Contexts that never come have it.
__device__ __forceinline__ void make_table_of_none(const Shape& shape, u8* out, u32 lane) {
    u32 total = 1u << shape.bits();
    u32* entries = reinterpret_cast<u32*>(out);
    for (u32 s = lane; s < shape.symbols; s += 32) entries[s] = s == 0 ? total << 16 : total;
    uint4* found = reinterpret_cast<uint4*>(out + shape.places_at());
    for (u32 i = lane; i < total / 16; i += 32) found[i] = make_uint4(0, 0, 0, 0);
}

// Shares 2^bits among symbols of some levels; makes the table at `out`. SPEC.md says how.
__device__ __forceinline__ void make_table(const u8* levels, const Shape& shape, u8* out,
                                           Places& places, u32 lane) {
    u32 symbols = shape.symbols, total = 1u << shape.bits();
    u64 sum = 0;
    u32 used = 0, last = 0;
    for (u32 s = lane; s < symbols; s += 32) {
        u32 level = levels[s];
        sum += weight(level);
        used += level > 0;
        if (level > 0) last = s;
    }
    sum = from_last(sum_to(sum, lane));
    used = from_last(sum_to(used, lane));
    if (used == 0) {
        make_table_of_none(shape, out, lane);
        return;
    }
    for (u32 by = 1; by < 32; by *= 2) last = max(last, __shfl_xor_sync(FULL_WARP, last, by));
    u64 beyond = 0;
    for (u32 s = lane; s < symbols; s += 32) {
        u64 part = u64(total) * weight(levels[s]);
        if (levels[s] > 0 && part > sum) beyond += part - sum;
    }
    beyond = max(from_last(sum_to(beyond, lane)), u64(1));
    u64 scale = (u64(total - used) << 32) / beyond;

    for (u32 i = lane; i < total / 4; i += 32) places[i] = 0;
    __syncwarp();
    u32* entries = reinterpret_cast<u32*>(out);
    u8* place = reinterpret_cast<u8*>(places);
    u64 shared_out = 0;  // what symbols before these 32 have beyond their first
    u32 before = 0, end_before = 0;
    for (u32 from = 0; from < symbols; from += 32) {
        u32 s = from + lane;
        u32 level = s < symbols ? levels[s] : 0;
        u64 part = u64(total) * weight(level);
        u64 to = shared_out + sum_to(level > 0 && part > sum ? part - sum : u64(0), lane);
        u32 count = before + sum_to(u32(level > 0), lane);
        u32 end = count + u32((to * scale + (u64(1) << 31)) >> 32);
        if (s >= last) end = total;
        u32 start = from_before(end, end_before, lane);
        if (s < symbols) entries[s] = start | (end - start) << 16;
        // Symbols without a level end where they start.
        if (s < symbols && end > start) place[start] = u8(s);
        shared_out = from_last(to);
        before = from_last(count);
        end_before = from_last(end);
    }
    __syncwarp();

    // Each place has the symbol that starts last before it; symbols rise. A lane takes neighbours.
    u32 words = total / 4 / 32;
    u32 most = 0;
    for (u32 i = 0; i < words; i++) {
        u32 word = places[lane * words + i];
        for (u32 shift = 0; shift < 32; shift += 8) most = max(most, word >> shift & 0xff);
    }
    for (u32 by = 1; by < 32; by *= 2) {
        u32 other = __shfl_up_sync(FULL_WARP, most, by);
        if (lane >= by) most = max(most, other);
    }
    u32 symbol = from_before(most, 0u, lane);
    u32* found = reinterpret_cast<u32*>(out + shape.places_at());
    for (u32 i = 0; i < words; i++) {
        u32 word = places[lane * words + i], filled = 0;
        for (u32 shift = 0; shift < 32; shift += 8) {
            symbol = max(symbol, word >> shift & 0xff);
            filled |= symbol << shift;
        }
        found[lane * words + i] = filled;
    }
    __syncwarp();
}

}  // namespace small
