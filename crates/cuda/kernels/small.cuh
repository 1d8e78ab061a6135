// Decodes codec 2, `small`: tables, then what is found by them, then streams.
#pragma once

#include "small_frequencies.cuh"
#include "small_places.cuh"
#include "small_tables.cuh"
#include "small_times.cuh"

namespace small {

#define SMALL_WARPS 4  // segments that a thread block decodes, and tables that it makes

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
                                                  u32* error, TableShared& shared, u32 lane) {
    if (chunk.codec != 2 || chunk.n_events == 0) return;
    u32 damage = DAMAGE_SCRATCH;
    if (chunk.scratch_len >= sizeof(Model)) {
        damage = read_tables(payload, chunk, scratch, any_places(columns), shared, lane);
        if (lane == 0) reinterpret_cast<Model*>(scratch)->usable = damage == 0;
    }
    if (damage != 0 && lane == 0) report(error, number, Damage(damage));
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

__device__ __forceinline__ u32 decode_segment(const u8* payload, const ChunkDesc& chunk, u32 number,
                                              u8* scratch, const Columns& columns, Group& group,
                                              u32 lane) {
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
    Shape last = head.shape(2, segments);
    u64 memories = model.tables[2] + u64(last.rows()) * last.table_len();
    memories += u64(number) * (SMALL_CELLS + LARGE_CELLS);
    Cells cells(scratch + memories, group.cells, head.x_max, lane);
    if (!head.by_before) cells.start();
    Polarities polarities = {model.ones, head.swap != 0, lane, 0};
    return decode_places(segment, head, scratch, stream, polarities,
                         scratch + sizeof(Model) + start, cells, columns, chunk.out + start, group,
                         lane);
}

}  // namespace small
