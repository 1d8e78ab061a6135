// An axis on its way through a segment: from tables to symbols to values.
#pragma once

#include "pairs.cuh"
#include "small_group.cuh"
#include "small_stream.cuh"

namespace small {

// Raw bits that a symbol of a difference leaves, and the least number of it.
__device__ __forceinline__ u32 pixel_width(u32 symbol) {
    return symbol < 64 ? 0 : symbol / 16 - 2;
}

__device__ __forceinline__ u32 pixel_base(u32 symbol, u32 width) {
    return symbol < 64 ? symbol : (16 | symbol % 16) << width;
}

// The number of a pair at j, of two.
__device__ __forceinline__ u32 of_pair(u32 pair, u32 j) {
    return j == 0 ? pair & 0xffff : pair >> 16;
}

#define NOT_A_VALUE 0x10000  // as values have 16 bits

// What is known of an axis between groups. The lanes share it, as registers are few.
struct Walk {
    Tables tables;
    u32 raw_at, raw_len;  // its raw bytes in the stream
    u32 raw;              // how many raw bits were used
    u32 before;           // the value of the event before
};

// What a warp keeps of a group.
struct Group {
    Plane first, second;  // the axes; then what tells polarities
    Walk walks[2];
};

// An axis while a group is decoded.
struct AxisDecoder {
    const Axis& axis;
    Walk& walk;
    const Stream& stream;
    const u8* scratch;
    u32 lane;

    // The bits that event i has in the planes.
    __device__ u32 from_plane(u32 i) const {
        const u16* raw = reinterpret_cast<const u16*>(stream.bytes + walk.raw_at);
        u32 plane = i / MINI_LEN * axis.shift() * (PLANE_UNIT / 2);
        u32 bit = i % MINI_LEN / 16 * axis.shift();
        u32 word = plane + bit / 16 * 16 + i % 16;
        u32 bits = raw[word];
        if (bit % 16 + axis.shift() > 16) bits |= u32(raw[word + 16]) << 16;
        return bits >> bit % 16 & ((1u << axis.shift()) - 1);
    }

    // Puts into `plane` where the tables of events are: of n events, the symbols of t of which start
    // at `symbols`, if they matter. If this is the second axis, `first` is the first one, and
    // `first_before` what it is for the event before, or NOT_A_VALUE. Gives which of the lane's events
    // have values that do not follow from those before, a bit each.
    __device__ u32 find_tables(Plane& plane, const u8* symbols, Plane& first, u32 first_before,
                               u32 first_base, u32 n) const {
        u32 direct = 0;
        if (axis.given() == NOTHING) {
#pragma unroll 1
            for (u32 k = 0; k < 16; k++) plane.pair(lane, k) = 0;
        } else if (axis.given() == TIME) {
            by_time(plane, symbols + 32 * min(lane, (n - 1) / 32));
        } else {
            direct = by_first(plane, first, first_before, first_base);
        }
        __syncwarp();
        // Of events that there are.
        u32 left = n - min(n, 32 * lane);
        return left >= 32 ? direct : direct & ((1u << left) - 1);
    }

    __device__ void by_time(Plane& plane, const u8* symbols) const {
        u32 units = walk.tables.units;
#pragma unroll
        for (u32 half = 0; half < 2; half++) {
            uint4 four = reinterpret_cast<const uint4*>(symbols)[half];
            u32 words[4] = {four.x, four.y, four.z, four.w};
#pragma unroll
            for (u32 k = 0; k < 8; k++) {
                u32 two = words[k / 2] >> k % 2 * 16;
                u32 a = min(two & 0xff, u32(TIME_CONTEXTS - 1));
                u32 b = min(two >> 8 & 0xff, u32(TIME_CONTEXTS - 1));
                plane.pair(lane, 8 * half + k) = (a | b << 16) * units;
            }
        }
    }

    __device__ u32 by_first(Plane& plane, Plane& first, u32 first_before, u32 first_base) const {
        u32 units = walk.tables.units, direct = 0;
        u32 before = first.at((lane - 1) % 32, 31);
        if (lane == 0) before = first_before;
        bool mixed = axis.mode() == MIXED;
#pragma unroll 1
        for (u32 k = 0; k < 16; k++) {
            u32 values = first.pair(lane, k), both = 0;
#pragma unroll
            for (u32 j = 0; j < 2; j++) {
                u32 value = of_pair(values, j), table = value == before;
                if (axis.given() == FIRST) {
                    u32 high = ((value - first_base) & 0xffff) >> axis.given_shift();
                    high = min(high, axis.given_values() - 1);
                    direct |= u32(mixed && value != before) << (2 * k + j);
                    table = !mixed ? high : value == before ? 0 : high + 1;
                }
                before = value;
                both |= table * units << 16 * j;
            }
            plane.pair(lane, k) = both;
        }
        return direct;
    }

    // Symbols of n events, by the tables that stand in their place in `plane`.
    __device__ void decode(Lanes& lanes, Plane& plane, u32 n) const {
        const Tables tables = walk.tables;
        u32 rows = n / 32;
        u32 table = plane.at(0, lane);
#pragma unroll 1
        for (u32 row = 0; row < rows; row++) {
            // Known before the state is.
            u32 next = plane.at(row + 1, lane);
            plane.at(row, lane) = u16(tables.symbol(scratch, lanes, table, true, lane));
            table = next;
        }
        if (n < GROUP_LEN) {
            bool active = lane < n % 32;
            if (n % 32 > 0) {
                u32 symbol = tables.symbol(scratch, lanes, table, active, lane);
                plane.at(rows++, lane) = active ? u16(symbol) : 0;
            }
            for (; rows < 32; rows++) plane.at(rows, lane) = 0;
        }
        __syncwarp();
    }

    // Turns the symbols of n events into values.
    __device__ void values(Plane& plane, u32 start, u32 n, u32 direct) {
        switch (axis.mode()) {
        case DIRECT:
            for (u32 row = 0; 32 * row < n; row++) {
                u32 i = start + 32 * row + lane;
                u32 low = axis.shift() > 0 && 32 * row + lane < n ? from_plane(i) : 0;
                u32 symbol = plane.at(row, lane);
                plane.at(row, lane) = u16(axis.base() + (symbol << axis.shift() | low));
            }
            break;
        case XOR:
            follow<XOR>(plane, direct);
            break;
        case DELTA:
            follow<DELTA>(plane, direct);
            break;
        default:
            follow<MIXED>(plane, direct);
        }
        __syncwarp();
    }

    // As `values`, where they follow from values before, but for the events in `direct`.
    template <Mode MODE>
    __device__ void follow(Plane& plane, u32 direct) {
        auto width_of = [&](u32 symbol, u32 j) {
            return MODE == MIXED && (direct >> j & 1) ? axis.shift() : pixel_width(symbol);
        };
        u32 widths = 0;
#pragma unroll 4
        for (u32 k = 0; k < 16; k++) {
            u32 symbols = plane.pair(lane, k);
            widths += width_of(symbols & 0xffff, 2 * k) + width_of(symbols >> 16, 2 * k + 1);
        }
        u32 end = walk.raw + sum_to(widths, lane);
        u32 bit = 8 * walk.raw_at + end - widths;

        // Values as if that before the lane's first event were 0.
        u32 value = 0;
#pragma unroll 1
        for (u32 k = 0; k < 16; k++) {
            u32 symbols = plane.pair(lane, k);
            u32 raw = stream.bits(bit);  // of both: they have at most 22
            u32 both[2];
#pragma unroll
            for (u32 j = 0; j < 2; j++) {
                u32 symbol = of_pair(symbols, j);
                u32 width = width_of(symbol, 2 * k + j);
                u32 low = raw & ((1u << width) - 1);
                raw >>= width;
                bit += width;
                u32 number = pixel_base(symbol, width) + low;
                u32 next = MODE == XOR ? value ^ number : value + (number >> 1 ^ (0 - (number & 1)));
                if (MODE == MIXED && (direct >> (2 * k + j) & 1)) {
                    next = axis.base() + (symbol << axis.shift() | low);
                }
                value = both[j] = next;
            }
            plane.pair(lane, k) = (both[0] & 0xffff) | both[1] << 16;
        }

        // What that before really is.
        u32 to;
        if (MODE == XOR) {
            to = walk.before ^ xor_to(value, lane) ^ value;
        } else {
            u32 sum = sum_to(value, lane) - value;
            to = walk.before + sum;
            if (MODE == MIXED) {
                // From the last lane with a direct value on, if there is one.
                u32 starts = __ballot_sync(FULL_WARP, direct != 0) & (lanes_to(lane) >> 1);
                u32 sum_there = __shfl_sync(FULL_WARP, sum, starts == 0 ? 0 : 31 - __clz(int(starts)));
                if (starts != 0) to = sum - sum_there;
            }
        }
        to &= 0xffff;
        // Only events before the first direct value follow from it.
        u32 open = MODE == MIXED && direct != 0 ? u32(__ffs(int(direct))) - 1 : 32;
        u32 last = 0;
#pragma unroll 4
        for (u32 k = 0; k < 16; k++) {
            u32 by = to * BOTH;
            if (MODE == MIXED) by &= (2 * k < open ? 0xffff : 0) | (2 * k + 1 < open ? 0xffff0000u : 0);
            u32 values = plane.pair(lane, k);
            last = MODE == XOR ? values ^ by : add_halves(values, by);
            plane.pair(lane, k) = last;
        }
        __syncwarp();
        if (lane == 31) {
            walk.raw = end;
            walk.before = last >> 16;
        }
    }
};

}  // namespace small
