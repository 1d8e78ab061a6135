// Decodes the stream of both axes and p: a warp a segment.
#pragma once

#include "pairs.cuh"
#include "small_cells.cuh"
#include "small_stream.cuh"

namespace small {

#define GROUP_LEN 1024

// Raw bits that a symbol of a difference leaves, and the least number of it.
__device__ __forceinline__ u32 pixel_width(u32 symbol) {
    return symbol < 64 ? 0 : 2 + (symbol - 64) / 16;
}

__device__ __forceinline__ u32 pixel_base(u32 symbol) {
    return symbol < 64 ? symbol : (16 + symbol % 16) << pixel_width(symbol);
}

// An axis on its way through a segment.
struct Walk {
    const Axis& axis;
    Tables tables;
    const u16* raw;
    u32 raw_len;
    u32 at;      // raw bits that were used
    u32 before;  // the value of the event before
    u32 lane;

    // Planes are of known size; of the raw bits that are none the end tells.
    __device__ bool raw_fits(u32 len) const {
        u32 planes = (len + MINI_LEN - 1) / MINI_LEN * axis.shift * PLANE_UNIT;
        return raw_len % 2 == 0 && (axis.mode != DIRECT || planes == raw_len);
    }

    __device__ bool ended() const {
        return axis.mode == DIRECT || (at + 15) / 16 * 2 == raw_len;
    }

    __device__ u32 half(u32 i) const { return i < raw_len / 2 ? raw[i] : 0; }

    // Up to 16 bits from `from` on.
    __device__ u32 take(u32 from, u32 width) const {
        u32 bits = half(from / 16) | half(from / 16 + 1) << 16;
        return bits >> from % 16 & ((1u << width) - 1);
    }

    // The bits that event i has in the planes.
    __device__ u32 from_plane(u32 i) const {
        u32 plane = i / MINI_LEN * axis.shift * (PLANE_UNIT / 2);
        u32 bit = i % MINI_LEN / 16 * axis.shift;
        u32 word = plane + bit / 16 * 16 + i % 16;
        u32 bits = half(word);
        if (bit % 16 + axis.shift > 16) bits |= half(word + 16) << 16;
        return bits >> bit % 16 & ((1u << axis.shift) - 1);
    }

    // The value of event i, all those of the step before being known. `table` is its table; in mixed
    // mode those of table 0 follow from the event before.
    __device__ u32 step(Lanes& lanes, u32 i, u32 table, bool active) {
        u32 symbol = tables.symbol(lanes, table, active, lane);
        if (axis.mode == DIRECT) {
            u32 low = active && axis.shift > 0 ? from_plane(i) : 0;
            return (axis.base + (symbol << axis.shift | low)) & 0xffff;
        }
        bool follows = axis.mode != MIXED || table == 0;
        u32 width = !active ? 0 : follows ? pixel_width(symbol) : axis.shift;
        u32 low = 0;
        if (__any_sync(FULL_WARP, width > 0)) {
            u32 end = at + sum_to(width, lane);
            low = take(end - width, width);
            at = from_last(end);
        }
        u32 number = !active ? 0 : follows ? pixel_base(symbol) + low : 0;
        u32 value;
        if (axis.mode == XOR) {
            value = before ^ xor_to(number, lane);
        } else {
            u32 sum = sum_to(number >> 1 ^ (0 - (number & 1)), lane);
            value = before + sum;
            if (axis.mode == MIXED) {
                // From the last event that does not follow, if there is one.
                u32 starts = __ballot_sync(FULL_WARP, active && !follows) & lanes_to(lane);
                u32 start = starts == 0 ? lane : 31 - __clz(int(starts));
                u32 own = axis.base + (symbol << axis.shift | low);
                u32 first = __shfl_sync(FULL_WARP, own, start);
                u32 sum_before = __shfl_sync(FULL_WARP, sum, start);
                if (starts != 0) value = first + sum - sum_before;
            }
        }
        value &= 0xffff;
        before = from_last(value);
        return value;
    }

    // The table of an event of the first axis, or of the second, whose first axis is `first`, that of
    // the event before `first_before`, unless the segment `starts`.
    __device__ u32 table(u32 time_symbol, u32 first, u32 first_before, bool starts, u32 first_base) const {
        bool same = !starts && first == first_before;
        switch (axis.given) {
        case TIME:
            return min(time_symbol, u32(TIME_CONTEXTS - 1));
        case SAME:
            return same;
        case FIRST: {
            u32 high = min(((first - first_base) & 0xffff) >> axis.given_shift, axis.given_values - 1);
            return axis.mode != MIXED ? high : same ? 0 : high + 1;
        }
        default:
            return 0;
        }
    }
};

// Context of a polarity by the place of the event before.
__device__ __forceinline__ u32 context_before(u32 x, u32 y, u32 x_before, u32 y_before) {
    i32 dx = i16(u16(x - x_before)), dy = i16(u16(y - y_before));
    // Ranges without a sign, not max(d, -d): of that ptxas of CUDA 12.6 to 13.3 loses the minus where
    // it makes one VIMNMX3 of two of them (sm_90, sm_100, sm_103).
    if (u32(dx + 2) <= 4 && u32(dy + 2) <= 4) return u32(5 * (dy + 2) + dx + 2);
    if (dy == 0) return 25 + (dx > 0);
    return u32(dx + 8) <= 16 && u32(dy + 8) <= 16 ? 27 : 28;
}

// What a warp keeps of a group: of each event the first axis, and the second << 16.
typedef u32 Group[GROUP_LEN];

// Decodes a segment; gives what is wrong, or 0. `symbols` are those of t, `out` is the place of the
// segment's first event in the columns.
__device__ __forceinline__ u32 decode_places(const Segment& segment, const Head& head, Walk& first,
                                             Walk& second, Stream& stream, const u16* ones,
                                             const u8* symbols, Cells& cells, const Columns& columns,
                                             u64 out, Group& group, u32 lane) {
    Lanes& lanes = stream.lanes;
    u32 len = segment.len, coded = len - min(len, 512u);
    bool timed = head.first.given == TIME || head.second.given == TIME;
    u16* first_out = head.swap ? columns.x : columns.y;
    u16* second_out = head.swap ? columns.y : columns.x;
    // Of the event before the group, and of that before a step.
    u32 group_before = 0, polarity = 0;
    for (u32 start = 0; start < len; start += GROUP_LEN) {
        u32 n = min(len - start, u32(GROUP_LEN));
        for (u32 from = 0; from < n; from += 32) {
            u32 i = start + from + lane;
            bool active = i < len;
            u32 time_symbol = timed && active ? symbols[i] : 0;
            u32 table = first.table(time_symbol, 0, 0, false, 0);
            u32 value = first.step(lanes, i, table, active);
            group[from + lane] = value;
            if (active && first_out) first_out[out + i] = u16(value);
        }
        u32 carried = group_before;
        for (u32 from = 0; from < n; from += 32) {
            u32 i = start + from + lane;
            bool active = i < len;
            u32 time_symbol = timed && active ? symbols[i] : 0;
            u32 own = group[from + lane];
            u32 before = from_before(own, carried & 0xffff, lane);
            carried = from_last(own);
            u32 table = second.table(time_symbol, own, before, i == 0, head.first.base);
            u32 value = second.step(lanes, i, table, active);
            group[from + lane] = own | value << 16;
            if (active && second_out) second_out[out + i] = u16(value);
        }
        carried = group_before;
        for (u32 from = 0; from < n && start + from < coded; from += 32) {
            u32 i = start + from + lane;
            bool active = i < coded;
            u32 own = group[from + lane];
            u32 before = from_before(own, carried, lane);
            carried = from_last(own);
            u32 x = head.swap ? own & 0xffff : own >> 16, y = head.swap ? own >> 16 : own & 0xffff;
            u32 context;
            if (head.by_before) {
                u32 x_before = head.swap ? before & 0xffff : before >> 16;
                u32 y_before = head.swap ? before >> 16 : before & 0xffff;
                context = i == 0 ? 28 : context_before(x, y, x_before, y_before);
            } else {
                context = cells.context(x, y, active);
            }
            // Within the table, whatever a compiler makes of the above.
            u32 frequency = ones[min(context, u32(CONTEXTS - 1))];
            bool one = lanes.state % 1024 < frequency;
            lanes.advance(one ? 0 : frequency, one ? frequency : 1024 - frequency, 10, active, lane);
            u32 p = one;
            if (head.by_before) {
                u32 changes = __ballot_sync(FULL_WARP, active && one);
                p = (polarity + __popc(changes & lanes_to(lane))) & 1;
                polarity += __popc(changes);
            } else {
                cells.remember(p, active);
            }
            if (active && columns.p) columns.p[out + i] = u8(p);
        }
        group_before = __shfl_sync(FULL_WARP, group[n - 1 - (n - 1) % 32 + lane], (n - 1) % 32);
        if (lanes.ran_short()) return DAMAGE_WORDS;
    }
    if (!lanes.ended()) return DAMAGE_END;
    if (!first.ended() || !second.ended()) return DAMAGE_RAW;
    // The lower halves of the states are the last polarities.
    for (u32 bit = 0; bit < 16; bit++) {
        u32 i = coded + 32 * bit + lane;
        if (i < len && columns.p) columns.p[out + i] = lanes.state >> bit & 1;
    }
    return 0;
}

}  // namespace small
