// A segment's streams: where they are, their raw bits, and symbols out of them.
#pragma once

#include "rans.cuh"
#include "small_model.cuh"

namespace small {

struct Segment {
    u32 len;      // events
    i64 t_first;  // count of the first one
    const u8* bytes;
    u32 stream_len[2];  // of t; of both axes and p
    u32 raw_len[N_COLUMNS];
};

// Finds segment `number`; false if it is not where one can be. All lanes of a warp call it.
__device__ __forceinline__ bool find_segment(const u8* payload, const ChunkDesc& chunk, u32 number,
                                             u32 lane, Segment& segment) {
    u32 segments = segments_of(chunk);
    u64 before = 0;
#pragma unroll 1
    for (u32 i = lane; i < number; i += 32) {
        u32 units = reinterpret_cast<const u32*>(payload + u64(i) * SEGMENT_ENTRY)[4];
        before += 4 * u64((units & 0xffff) + (units >> 16));
    }
    u64 start = chunk.toc_len + from_last(sum_to(before, lane));
    const u32* entry = reinterpret_cast<const u32*>(payload + u64(number) * SEGMENT_ENTRY);
    segment.len = min(chunk.n_events - number * SEGMENT_LEN, u32(SEGMENT_LEN));
    segment.t_first = i64(u64(entry[1]) << 32 | entry[0]);
    segment.bytes = payload + start;
    segment.stream_len[0] = 4 * (entry[4] & 0xffff);
    segment.stream_len[1] = 4 * (entry[4] >> 16);
    segment.raw_len[0] = entry[5] & 0xffff;
    segment.raw_len[1] = entry[5] >> 16;
    segment.raw_len[2] = entry[6] & 0xffff;
    u64 end = start + segment.stream_len[0] + segment.stream_len[1];
    return end <= chunk.payload_len && (number + 1 < segments || end == chunk.payload_len);
}

// The lanes of a stream of `len` events, and the raw bytes that stand in it; false if it has no room
// for its states and these.
struct Stream {
    Lanes lanes;
    const u8* bytes;
    u32 raw_at;     // where the raw bytes are
    u32 last_word;  // of 32 bits

    __device__ bool open(const u8* first_byte, u32 stream_len, u32 raw_len, u32 len, u32 lane) {
        u32 states = 4 * min(len, 32u);
        if (states + raw_len > stream_len) return false;
        bytes = first_byte;
        raw_at = states;
        last_word = stream_len / 4 - 1;
        u32 state = lane < len ? reinterpret_cast<const u32*>(bytes)[lane] : LOWEST;
        lanes.start(state, bytes + states + raw_len, (stream_len - states - raw_len) / 2, lane);
        return true;
    }

    // 32 bits from bit `from` on. What needs more than the raw bits gets others, and fails at the end.
    __device__ u32 bits(u32 from) const {
        const u32* words = reinterpret_cast<const u32*>(bytes);
        u32 low = words[min(from / 32, last_word)], high = words[min(from / 32 + 1, last_word)];
        return __funnelshift_r(low, high, from % 32);
    }
};

// The tables of a column in an epoch.
struct Tables {
    u32 at;     // where they are in the scratch memory of the chunk
    u32 units;  // of 16 bytes that a table takes
    u32 places_at, bits;

    Tables() = default;
    __device__ Tables(const Model& model, const Head& head, u32 column, u32 segments, u32 segment) {
        Shape shape = head.shape(column, segments);
        units = shape.table_len() / 16;
        places_at = shape.places_at();
        bits = shape.bits();
        at = model.tables[column] + (segment >> shape.span) * shape.tables * shape.table_len();
    }

    // Decodes a symbol of the table that starts `unit` units behind the first, in each active lane.
    __device__ u32 symbol(const u8* scratch, Lanes& lanes, u32 unit, bool active, u32 lane) const {
        u32 table = at + 16 * unit;
        u32 symbol = scratch[table + places_at + (lanes.state & ((1u << bits) - 1))];
        u32 entry = *reinterpret_cast<const u32*>(scratch + table + 4 * symbol);
        lanes.advance(entry & 0xffff, entry >> 16, bits, active, lane);
        return symbol;
    }
};

}  // namespace small
