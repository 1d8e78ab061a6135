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

// Times of 4 neighbours: of `step` each from `time` on.
__device__ __forceinline__ void store_times(i64* out, u64 time, const u64 (&steps)[4], u64 divisor,
                                            u32 n) {
    u64 times[4];
#pragma unroll
    for (u32 j = 0; j < 4; j++) times[j] = time += steps[j] * divisor;
    if (n >= 4 && reinterpret_cast<u64>(out) % 16 == 0) {
        ulonglong2* pairs = reinterpret_cast<ulonglong2*>(out);
        pairs[0] = make_ulonglong2(times[0], times[1]);
        pairs[1] = make_ulonglong2(times[2], times[3]);
        return;
    }
#pragma unroll
    for (u32 j = 0; j < 4; j++) {
        if (j < n) out[j] = i64(times[j]);
    }
}

// Symbols of a segment to `symbols`, and times to `out` unless it is null; gives what is wrong, or 0.
// `last` is shared by the lanes.
__device__ __forceinline__ u32 decode_times(const Segment& segment, const Head& head,
                                            const Tables& tables, const u8* scratch,
                                            const ChunkDesc& chunk, u8* symbols, i64* out, u16* last,
                                            u32 lane) {
    u32 len = segment.len, raw_len = segment.raw_len[0];
    Stream stream;
    if (!stream.open(segment.bytes, segment.stream_len[0], raw_len, len, lane)) return DAMAGE_LENGTH;
    Lanes& lanes = stream.lanes;
    for (u32 from = 0; from + 32 <= len; from += 32) {
        symbols[from + lane] = u8(tables.symbol(scratch, lanes, 0, true, lane));
    }
    if (len % 32 > 0) {
        bool active = lane < len % 32;
        u32 symbol = tables.symbol(scratch, lanes, 0, active, lane);
        if (active) symbols[len - len % 32 + lane] = u8(symbol);
    }
    if (lanes.ran_short()) return DAMAGE_WORDS;
    if (!lanes.ended()) return DAMAGE_END;
    if (!out) return 0;

    last[lane] = u16(lanes.state);
    // Now each lane reads symbols that others wrote: a lane takes 4 neighbours.
    __syncwarp();
    TimeBits raw = {reinterpret_cast<const u16*>(stream.bytes + stream.raw_at), raw_len / 2, last,
                    min(len, 32u)};
    u32 at = 0;
    u64 time = u64(chunk.t_first) + u64(segment.t_first) * chunk.t_divisor;
    for (u32 from = 0; from < len; from += 128) {
        u32 i = from + 4 * lane, n = len - min(len, i);
        // There is room for a multiple of 16 symbols.
        u32 four = n > 0 ? reinterpret_cast<const u32*>(symbols)[i / 4] : 0;
        if (n < 4) four &= (1u << 8 * n) - 1;
        u64 steps[4];
#pragma unroll
        for (u32 j = 0; j < 4; j++) steps[j] = four >> 8 * j & 0xff;
        u64 own, to;
        if (!head.zigzag && !__any_sync(FULL_WARP, (four & 0xc0c0c0c0) != 0)) {
            u32 sum = u32(steps[0]) + u32(steps[1]) + u32(steps[2]) + u32(steps[3]);
            own = sum;
            to = sum_to(sum, lane);
        } else {
            u32 widths = 0;
#pragma unroll
            for (u32 j = 0; j < 4; j++) widths += time_width(u32(steps[j]));
            u32 end = at + sum_to(widths, lane), bit = end - widths;
            at = from_last(end);
            own = 0;
#pragma unroll
            for (u32 j = 0; j < 4; j++) {
                u32 symbol = u32(steps[j]), width = time_width(symbol);
                u64 step = time_base(symbol) + (width > 0 ? raw.take(bit, width) : 0);
                if (head.zigzag) step = unzigzag64(step);
                bit += width;
                steps[j] = step;
                own += step;
            }
            to = sum_to(own, lane);
        }
        store_times(out + i, time + (to - own) * chunk.t_divisor, steps, chunk.t_divisor, n);
        time += from_last(to) * chunk.t_divisor;
    }
    // Raw bits are as many as symbols need: what the states have no room for stands in the stream.
    u32 needed = (at + 15) / 16 * 2;
    return needed - min(needed, 2 * min(len, 32u)) == raw_len ? 0 : DAMAGE_RAW;
}

}  // namespace small
