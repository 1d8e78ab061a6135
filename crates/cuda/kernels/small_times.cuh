// Decodes the stream of t: a warp a segment.
#pragma once

#include "pairs.cuh"
#include "small_stream.cuh"

namespace small {

// Raw bits that a symbol of t leaves, and the least number of it.
__device__ __forceinline__ u32 time_width(u32 symbol) {
    return symbol < 64 ? 0 : symbol == 255 ? 64 : 4 + (symbol - 64) / 4;
}

__device__ __forceinline__ u64 time_base(u32 symbol) {
    if (symbol < 64) return symbol;
    return symbol == 255 ? 0 : u64(4 + symbol % 4) << time_width(symbol);
}

// The raw bits of t: bytes of the stream, then the lower halves of the states.
struct TimeBits {
    const u16* stored;
    u32 n_stored;
    const u16* last;
    u32 n_last;

    __device__ u64 half(u32 i) const {
        if (i < n_stored) return stored[i];
        return i - n_stored < n_last ? last[i - n_stored] : 0;
    }

    // `width` bits from `at` on.
    __device__ u64 take(u32 at, u32 width) const {
        u64 value = 0;
        u32 shift = at % 16;
        for (u32 i = 0; 16 * i < shift + width; i++) {
            u64 bits = half(at / 16 + i);
            value |= i == 0 ? bits >> shift : bits << (16 * i - shift);
        }
        return width < 64 ? value & ((u64(1) << width) - 1) : value;
    }
};

// Symbols of a segment to `symbols`, and times to `out` unless it is null; gives what is wrong, or 0.
// `last` is shared by the lanes.
__device__ __forceinline__ u32 decode_times(const Segment& segment, const Head& head,
                                            const Tables& tables, const u8* scratch,
                                            const ChunkDesc& chunk,
                                            u8* symbols, i64* out, u16* last, u32 lane) {
    u32 len = segment.len, raw_len = segment.raw_len[0];
    Stream stream;
    if (!stream.open(segment.bytes, segment.stream_len[0], raw_len, len, lane)) return DAMAGE_LENGTH;
    u32 bits = 0;
    for (u32 from = 0; from < len; from += 32) {
        u32 i = from + lane;
        u32 symbol = tables.symbol(scratch, stream.lanes, 0, i < len, lane);
        if (i < len) {
            symbols[i] = u8(symbol);
            bits += time_width(symbol);
        }
    }
    if (stream.lanes.ran_short()) return DAMAGE_WORDS;
    if (!stream.lanes.ended()) return DAMAGE_END;
    if (!out) return 0;

    // As many as symbols need: what the states have no room for stands in the stream.
    u32 needed = (from_last(sum_to(bits, lane)) + 15) / 16 * 2;
    u32 in_states = min(needed, 2 * min(len, 32u));
    if (needed - in_states != raw_len) return DAMAGE_RAW;
    last[lane] = u16(stream.lanes.state);
    __syncwarp();
    TimeBits raw = {reinterpret_cast<const u16*>(stream.bytes + stream.raw_at), raw_len / 2, last, in_states / 2};
    u32 at = 0;
    u64 k = u64(segment.t_first);
    for (u32 from = 0; from < len; from += 32) {
        u32 i = from + lane;
        // Each lane wrote what it reads.
        u32 symbol = i < len ? symbols[i] : 0;
        u64 to;
        if (!head.zigzag && !__any_sync(FULL_WARP, symbol >= 64)) {
            to = sum_to(symbol, lane);
        } else {
            u32 width = time_width(symbol);
            u32 end = at + sum_to(width, lane);
            u64 step = time_base(symbol) + (width > 0 ? raw.take(end - width, width) : 0);
            if (head.zigzag) step = unzigzag64(step);
            to = sum_to(step, lane);
            at = from_last(end);
        }
        if (i < len) out[i] = i64(u64(chunk.t_first) + (k + to) * chunk.t_divisor);
        k += from_last(to);
    }
    return 0;
}

}  // namespace small
