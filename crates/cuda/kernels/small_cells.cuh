// What cells of pixels remember of polarities, where these are told by it.
#pragma once

#include "small_model.cuh"
#include "warp.cuh"

namespace small {

// Memories of a segment, in its scratch memory. The highest one of a memory stands in front of what
// it holds.
struct Cells {
    u8* near;  // of 4 by 4 pixels
    u8* far;   // of 16 by 16
    u32 near_stride, far_stride;
    u32 lane;
    // Of this step: the cell of this lane's event in each, what they held, and whether the event is
    // the last one there.
    u32 near_cell, far_cell, near_memory, far_memory;
    bool near_last, far_last;

    __device__ void start(u8* memory, u32 x_max) {
        near = memory;
        far = memory + SMALL_CELLS;
        near_stride = x_max / 4 + 1;
        far_stride = x_max / 16 + 1;
        const u32 NOTHING_SEEN = 0x01010101;
        uint4 nothing = make_uint4(NOTHING_SEEN, NOTHING_SEEN, NOTHING_SEEN, NOTHING_SEEN);
        uint4* all = reinterpret_cast<uint4*>(memory);
        for (u32 i = lane; i < (SMALL_CELLS + LARGE_CELLS) / 16; i += 32) all[i] = nothing;
        __syncwarp();
    }

    __device__ u32 near_of(u32 x, u32 y) const {
        return (y / 4 * near_stride + x / 4) % SMALL_CELLS;
    }

    __device__ u32 far_of(u32 x, u32 y) const {
        return (y / 16 * far_stride + x / 16) % LARGE_CELLS;
    }

    __device__ u32 context(u32 near_of_event, u32 far_of_event, bool active) {
        // Lanes without an event have cells that no other has, and that are never touched.
        near_cell = active ? near_of_event : SMALL_CELLS + lane;
        far_cell = active ? far_of_event : LARGE_CELLS + lane;
        near_memory = active ? near[near_cell] : 1;
        far_memory = active ? far[far_cell] : 1;
        near_last = __match_any_sync(FULL_WARP, near_cell) >> lane == 1;
        far_last = __match_any_sync(FULL_WARP, far_cell) >> lane == 1;
        return near_memory == 1 ? far_memory : 16 + near_memory;
    }

    __device__ static u32 with(u32 memory, u32 p, u32 full) {
        u32 longer = memory << 1 | p;
        return longer < 2 * full ? longer : full + longer % full;
    }

    // Of events in one cell the last one counts, and as if it were the only one.
    __device__ void remember(u32 p, bool active) {
        __syncwarp();
        if (active && near_last) near[near_cell] = u8(with(near_memory, p, 16));
        if (active && far_last) far[far_cell] = u8(with(far_memory, p, 8));
        __syncwarp();
    }
};

}  // namespace small
