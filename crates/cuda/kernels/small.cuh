// Decodes codec 2, `small`: tables, then what is found by them, then streams.
#pragma once

#include "small_frequencies.cuh"
#include "small_places.cuh"
#include "small_tables.cuh"
#include "small_times.cuh"

namespace small {

// Warps of a thread block: it decodes as many segments, or makes as many tables.
#define SMALL_WARPS 4
#define PLACES_WARPS 8  // all of a chunk of usual length, so that they share its tables in the first cache

// What a warp keeps of a segment where cells tell polarities.
struct GroupWithCells {
    Group group;
    CellMemory cells;
};

__device__ __forceinline__ bool any_places(const Columns& columns) {
    return columns.x || columns.y || columns.p;
}

// Whether a chunk is one of `small` whose tables were read.
__device__ __forceinline__ bool usable(const ChunkDesc& chunk, const u8* scratch) {
    return chunk.codec == 2 && chunk.n_events > 0 && chunk.scratch_len >= sizeof(Model) &&
           reinterpret_cast<const Model*>(scratch)->usable;
}

__device__ __forceinline__ void read_chunk_tables(const u8* payload, const ChunkDesc& chunk,
                                                  u32 number, u8* scratch, const Columns& columns,
                                                  u32* error, TableShared& shared, u32 warp,
                                                  u32 lane) {
    if (chunk.codec != 2 || chunk.n_events == 0) return;
    u32 damage = DAMAGE_SCRATCH;
    if (chunk.scratch_len >= sizeof(Model)) {
        damage = read_tables(payload, chunk, scratch, any_places(columns), shared, warp, lane);
        if (warp == 0 && lane == 0) reinterpret_cast<Model*>(scratch)->usable = damage == 0;
    }
    if (damage != 0 && warp == 0 && lane == 0) report(error, number, Damage(damage));
}

// Makes table `number` of all columns, and every `step`-th behind it.
__device__ __forceinline__ void make_tables(const u8* payload, const ChunkDesc& chunk, u8* scratch,
                                            const Columns& columns, Places& places, u32 number,
                                            u32 step, u32 lane) {
    Head head(head_bytes(payload, chunk));
    Layout layout(head, chunk.n_events);
#pragma unroll 1
    for (u32 column = 0; column < N_COLUMNS; column++) {
        if (column > 0 && !any_places(columns)) break;
        Shape shape = head.shape(column, segments_of(chunk));
        for (; number < shape.rows(); number += step) {
            const u8* levels = scratch + layout.levels_of(column) + u64(number) * shape.symbols;
            u8* table = scratch + layout.tables_of(column) + u64(number) * shape.table_len();
            make_table(levels, shape, table, places, lane);
        }
        number -= shape.rows();
    }
}

__device__ __forceinline__ void decode_segment_times(const u8* payload, const ChunkDesc& chunk,
                                                     u32 chunk_number, u32 number, u8* scratch,
                                                     const Columns& columns, u32* error, u16* last,
                                                     u32 lane) {
    Head head(head_bytes(payload, chunk));
    bool timed = any_places(columns) && (head.first.given() == TIME || head.second.given() == TIME);
    if (!columns.t && !timed) return;
    const Model& model = *reinterpret_cast<const Model*>(scratch);
    Segment segment;
    u32 damage = DAMAGE_BLOCK;
    if (find_segment(payload, chunk, number, lane, segment)) {
        Tables tables(model, head, 0, segments_of(chunk), number);
        u64 start = u64(number) * SEGMENT_LEN;
        i64* out = columns.t ? columns.t + chunk.out + start : nullptr;
        damage = decode_times(segment, head, tables, scratch, chunk, scratch + sizeof(Model) + start, out, last,
                              lane);
    }
    if (damage != 0 && lane == 0) report(error, chunk_number, Damage(damage));
}

// Decodes coordinates and polarities; `memory` is null where the event before tells these.
template <bool BY_CELLS>
__device__ __forceinline__ u32 decode_segment(const u8* payload, const ChunkDesc& chunk, u32 number,
                                              u8* scratch, const Columns& columns, Group& group,
                                              CellMemory* memory, u32 lane) {
    Head head(head_bytes(payload, chunk));
    const Model& model = *reinterpret_cast<const Model*>(scratch);
    Segment segment;
    if (!find_segment(payload, chunk, number, lane, segment)) return DAMAGE_BLOCK;
    Stream stream;
    const u8* bytes = segment.bytes + segment.stream_len[0];
    u32 first_raw = segment.raw_len[1], second_raw = segment.raw_len[2];
    if (!stream.open(bytes, segment.stream_len[1], first_raw + second_raw, segment.len, lane)) {
        return DAMAGE_LENGTH;
    }
    u32 segments = segments_of(chunk);
    u64 start = u64(number) * SEGMENT_LEN;
    if (!head.first.raw_fits(segment.len, first_raw) || !head.second.raw_fits(segment.len, second_raw)) {
        return DAMAGE_RAW;
    }
    if (lane == 0) {
        group.walks[0] = {Tables(model, head, 1, segments, number), stream.raw_at, first_raw, 0, 0};
        group.walks[1] = {Tables(model, head, 2, segments, number), stream.raw_at + first_raw,
                          second_raw, 0, 0};
    }
    __syncwarp();
    Polarities polarities = {model.ones, head.swap != 0, lane, 0};
    const u8* symbols = scratch + sizeof(Model) + start;
    u64 out = chunk.out + start;
    if (!BY_CELLS) {
        return decode_places<false>(segment, head, scratch, stream, polarities, symbols, nullptr, columns,
                                    out, group, lane);
    }
    Cells cells(scratch + (model.cells + u64(number) * SMALL_CELLS), *memory, head.x_max, lane);
    cells.start();
    return decode_places<true>(segment, head, scratch, stream, polarities, symbols, &cells, columns, out,
                               group, lane);
}

// Decodes segment `number` of a chunk, if it has one, and if polarities are told in this way.
template <bool BY_CELLS>
__device__ __forceinline__ void decode_segment_places(const u8* payload, const ChunkDesc& chunk,
                                                      u32 chunk_number, u32 number, u8* scratch,
                                                      const Columns& columns, u32* error, Group& group,
                                                      CellMemory* memory, u32 lane) {
    if (!usable(chunk, scratch) || !any_places(columns)) return;
    if (u64(number) * SEGMENT_LEN >= chunk.n_events) return;
    if (Head(head_bytes(payload, chunk)).by_before == u32(BY_CELLS)) return;
    u32 damage = decode_segment<BY_CELLS>(payload, chunk, number, scratch, columns, group, memory, lane);
    if (damage != 0 && lane == 0) report(error, chunk_number, Damage(damage));
}

}  // namespace small
