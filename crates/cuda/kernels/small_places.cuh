// Decodes the stream of both axes and p: a warp a segment.
#pragma once

#include "small_polarity.cuh"

namespace small {

// Writes the values of n events to a column, from `out` on. Where all of a group are there and the
// column is aligned, a lane stores eight neighbours at once.
__device__ __forceinline__ void store_plane(Plane& plane, u16* out, u32 n, u32 lane) {
    if (n == GROUP_LEN && reinterpret_cast<u64>(out) % 16 == 0) {
        uint4* eights = reinterpret_cast<uint4*>(out);
#pragma unroll
        for (u32 k = 0; k < 4; k++) {
            u32 row = 8 * k + lane / 4, pair = lane % 4 * 4;
            eights[32 * k + lane] = make_uint4(plane.pair(row, pair), plane.pair(row, pair + 1),
                                               plane.pair(row, pair + 2), plane.pair(row, pair + 3));
        }
        return;
    }
    for (u32 row = 0; 32 * row + lane < n; row++) out[32 * row + lane] = plane.at(row, lane);
}

// The lowest four bits, a byte each.
__device__ __forceinline__ u32 bytes_of(u32 bits) {
    return (bits & 15) * 0x00204081 & 0x01010101;
}

// Writes the polarities of n events, from `out` on; a lane has those of a row.
__device__ __forceinline__ void store_polarities(u32 own, u8* out, u32 n, u32 lane) {
    if (32 * lane + 32 <= n && reinterpret_cast<u64>(out) % 16 == 0) {
        uint4* row = reinterpret_cast<uint4*>(out + 32 * lane);
        row[0] = make_uint4(bytes_of(own), bytes_of(own >> 4), bytes_of(own >> 8), bytes_of(own >> 12));
        own >>= 16;
        row[1] = make_uint4(bytes_of(own), bytes_of(own >> 4), bytes_of(own >> 8), bytes_of(own >> 12));
    } else {
        for (u32 i = 32 * lane; i < min(n, 32 * lane + 32); i++) out[i] = own >> i % 32 & 1;
    }
}

// Decodes a segment; gives what is wrong, or 0. `symbols` are those of t, `out` is the place of the
// segment's first event in the columns. `cells` is null where the event before tells polarities.
template <bool BY_CELLS>
__device__ __forceinline__ u32 decode_places(const Segment& segment, const Head& head, const u8* scratch,
                                             Stream& stream, Polarities& polarities,
                                             const u8* symbols, Cells* cells, const Columns& columns,
                                             u64 out, Group& group, u32 lane) {
    Lanes& lanes = stream.lanes;
    u32 len = segment.len, coded = len - min(len, 512u);
    u16* first_out = head.swap ? columns.x : columns.y;
    u16* second_out = head.swap ? columns.y : columns.x;
    u32 before = 0;  // the event before the group, its second axis << 16
    for (u32 start = 0; start < len; start += GROUP_LEN) {
        u32 n = min(len - start, u32(GROUP_LEN));
        AxisDecoder first = {head.first, group.walks[0], stream, scratch, lane};
        AxisDecoder second = {head.second, group.walks[1], stream, scratch, lane};
        u32 direct = first.find_tables(group.first, symbols + start, group.first, 0, 0, n);
        first.decode(lanes, group.first, n);
        first.values(group.first, start, n, direct);
        direct = second.find_tables(group.second, symbols + start, group.first, start == 0 ? NOT_A_VALUE : before & 0xffff,
                                    head.first.base(), n);
        second.decode(lanes, group.second, n);
        second.values(group.second, start, n, direct);
        if (first_out) store_plane(group.first, first_out + out + start, n, lane);
        if (second_out) store_plane(group.second, second_out + out + start, n, lane);

        u32 before_group = before;
        before = group.first.at(31, 31) | u32(group.second.at(31, 31)) << 16;
        __syncwarp();
        u32 n_coded = start < coded ? min(coded - start, n) : 0, own;
        if (BY_CELLS) {
            polarities.find_cells(group, *cells);
            own = polarities.by_cells(lanes, group, *cells, n_coded);
        } else {
            polarities.find_frequencies(group, before_group, start == 0);
            own = polarities.by_before(lanes, group, n_coded);
        }
        if (columns.p) store_polarities(own, columns.p + out + start, n_coded, lane);
        __syncwarp();
        if (lanes.ran_short()) return DAMAGE_WORDS;
    }
    if (!lanes.ended()) return DAMAGE_END;
    const Walk &first = group.walks[0], &second = group.walks[1];
    if (!head.first.raw_ended(first.raw, first.raw_len)) return DAMAGE_RAW;
    if (!head.second.raw_ended(second.raw, second.raw_len)) return DAMAGE_RAW;
    // The lower halves of the states are the last polarities.
    for (u32 bit = 0; bit < 16; bit++) {
        u32 i = coded + 32 * bit + lane;
        if (i < len && columns.p) columns.p[out + i] = lanes.state >> bit & 1;
    }
    return 0;
}

}  // namespace small
