// Polarities of a group: how likely each is, then which it is.
#pragma once

#include "small_axis.cuh"
#include "small_cells.cuh"

namespace small {

// Context of a polarity by the place of the event before.
__device__ __forceinline__ u32 context_before(u32 x, u32 y, u32 x_before, u32 y_before) {
    i32 dx = i16(u16(x - x_before)), dy = i16(u16(y - y_before));
    // Ranges without a sign, not max(d, -d): of that ptxas of CUDA 12.6 to 13.3 loses the minus where
    // it makes one VIMNMX3 of two of them (sm_90, sm_100, sm_103).
    u32 a = u32(dx + 2), b = u32(dy + 2);
    // All of it at once: lanes differ.
    bool near = (a <= 4) & (b <= 4), not_far = (u32(dx + 8) <= 16) & (u32(dy + 8) <= 16);
    u32 beyond = dy == 0 ? 25 + (dx > 0) : 28 - not_far;
    return near ? 5 * b + a : beyond;
}

struct Polarities {
    const u16* ones;
    bool swap;
    u32 lane;
    u32 last;  // the polarity before, where these are told by it

    // Within the table, whatever a compiler makes of the context.
    __device__ u16 frequency_of(u32 context) const { return ones[min(context, u32(CONTEXTS - 1))]; }

    // Puts frequencies of a change into group.first; `before` is the event before, its second axis
    // << 16. All of it is known before the first polarity is.
    __device__ void find_frequencies(Group& group, u32 before, bool starts) const {
        Plane& xs = swap ? group.first : group.second;
        Plane& ys = swap ? group.second : group.first;
        u32 x_before = xs.at((lane - 1) % 32, 31), y_before = ys.at((lane - 1) % 32, 31);
        if (lane == 0) {
            x_before = swap ? before & 0xffff : before >> 16;
            y_before = swap ? before >> 16 : before & 0xffff;
        }
        __syncwarp();
#pragma unroll 2
        for (u32 k = 0; k < 16; k++) {
            u32 both_x = xs.pair(lane, k), both_y = ys.pair(lane, k), frequencies = 0;
#pragma unroll
            for (u32 j = 0; j < 2; j++) {
                u32 x = of_pair(both_x, j), y = of_pair(both_y, j);
                u32 context = context_before(x, y, x_before, y_before);
                frequencies |= u32(frequency_of(context)) << 16 * j;
                x_before = x;
                y_before = y;
            }
            group.first.pair(lane, k) = frequencies;
        }
        if (starts && lane == 0) group.first.at(0, 0) = ones[28];
        __syncwarp();
    }

    // Whether the symbol of frequency `one` is that of this lane.
    __device__ static bool decode(Lanes& lanes, u32 one, bool active, u32 lane) {
        bool is = lanes.state % 1024 < one;
        lanes.advance(is ? 0 : one, is ? one : 1024 - one, 10, active, lane);
        return is;
    }

    // Polarities of n events, a row a lane.
    __device__ u32 by_before(Lanes& lanes, Group& group, u32 n) {
        u32 own = 0, frequency = group.first.at(0, lane);
#pragma unroll 1
        for (u32 row = 0; row < n / 32; row++) {
            u32 next = group.first.at(row + 1, lane);
            u32 changes = __ballot_sync(FULL_WARP, decode(lanes, frequency, true, lane));
            if (lane == row) own = changes;
            frequency = next;
        }
        if (n % 32 > 0) {
            bool active = lane < n % 32;
            u32 changes = __ballot_sync(FULL_WARP, decode(lanes, frequency, active, lane) && active);
            if (lane == n / 32) own = changes;
        }
        __syncwarp();
        // From changes to polarities: of the row first, then of the rows before.
        for (u32 by = 1; by < 32; by *= 2) own ^= own << by;
        u32 odd = __ballot_sync(FULL_WARP, own >> 31);
        if ((last ^ __popc(odd & lanes_to(lane) >> 1)) & 1) own = ~own;
        last ^= __popc(odd) & 1;
        return own;
    }

    // Puts the cells of events into the place of their axes.
    __device__ void find_cells(Group& group, const Cells& cells) const {
        Plane& xs = swap ? group.first : group.second;
        Plane& ys = swap ? group.second : group.first;
#pragma unroll 1
        for (u32 k = 0; k < 16; k++) {
            u32 both_x = xs.pair(lane, k), both_y = ys.pair(lane, k), near = 0, far = 0;
#pragma unroll
            for (u32 j = 0; j < 2; j++) {
                u32 x = of_pair(both_x, j), y = of_pair(both_y, j);
                near |= cells.near_of(x, y) << 16 * j;
                far |= cells.far_of(x, y) << 16 * j;
            }
            group.first.pair(lane, k) = near;
            group.second.pair(lane, k) = far;
        }
        __syncwarp();
    }

    // Polarities of n events, a row a lane, by the cells that stand in `group`.
    __device__ u32 by_cells(Lanes& lanes, Group& group, Cells& cells, u32 n) {
        u32 own = 0, near = group.first.at(0, lane), far = group.second.at(0, lane);
#pragma unroll 1
        for (u32 row = 0; 32 * row < n; row++) {
            bool active = 32 * row + lane < n;
            u32 frequency = frequency_of(cells.context(near, far, active));
            near = group.first.at(row + 1, lane);
            far = group.second.at(row + 1, lane);
            bool p = decode(lanes, frequency, active, lane);
            cells.remember(p);
            u32 all = __ballot_sync(FULL_WARP, p);
            if (lane == row) own = all;
        }
        return own;
    }
};

}  // namespace small
