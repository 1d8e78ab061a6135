// What cells of pixels remember of polarities, where these are told by it.
#pragma once

#include "small_model.cuh"
#include "warp.cuh"

namespace small {

#define CELLS_AT_ONCE 32     // neighbouring small cells, that are cleared together
#define NOTHING_SEEN 1       // what a cell remembers at first

// The part of a segment's memories that lanes share: half a byte of each large cell, and which small
// cells were cleared, a bit for CELLS_AT_ONCE of them.
struct CellMemory {
    u32 far[LARGE_CELLS / 8];
    u32 cleared[SMALL_CELLS / CELLS_AT_ONCE / 32];
};

// Memories of a segment. The highest one of a memory stands in front of what it holds.
struct Cells {
    u8* near;  // of 4 by 4 pixels, in scratch memory
    CellMemory& shared;
    u32 near_stride, far_stride;
    u32 lane;
    // Of this step: the cell of this lane's event in each, what they remember, and whether the event
    // is the last one there.
    u32 near_cell, far_cell, near_memory, far_memory;
    bool near_last, far_last;

    __device__ Cells(u8* memory, CellMemory& shared, u32 x_max, u32 lane)
        : near(memory), shared(shared), near_stride(x_max / 4 + 1), far_stride(x_max / 16 + 1), lane(lane) {}

    __device__ void start() {
        for (u32 i = lane; i < LARGE_CELLS / 8; i += 32) shared.far[i] = NOTHING_SEEN * 0x11111111;
        for (u32 i = lane; i < sizeof(shared.cleared) / 4; i += 32) shared.cleared[i] = 0;
        __syncwarp();
    }

    __device__ u32 near_of(u32 x, u32 y) const {
        return (y / 4 * near_stride + x / 4) % SMALL_CELLS;
    }

    __device__ u32 far_of(u32 x, u32 y) const {
        return (y / 16 * far_stride + x / 16) % LARGE_CELLS;
    }

    __device__ u32 context(u32 near_of_event, u32 far_of_event, bool active) {
        near_cell = near_of_event;
        far_cell = far_of_event;
        // Few small cells see an event of a segment: the others are never cleared, and cost nothing.
        u32& word = shared.cleared[near_cell / CELLS_AT_ONCE / 32];
        u32 bit = 1u << near_cell / CELLS_AT_ONCE % 32;
        bool cleared = (word & bit) != 0;
        near_memory = cleared ? near[near_cell] : NOTHING_SEEN;
        far_memory = shared.far[far_cell / 8] >> 4 * (far_cell % 8) & 15;
        // Lanes without an event have cells that no other has.
        u32 others = active ? 0 : SMALL_CELLS + lane;
        near_last = __match_any_sync(FULL_WARP, near_cell | others) >> lane == 1 && active;
        far_last = __match_any_sync(FULL_WARP, far_cell | others) >> lane == 1 && active;
        __syncwarp();
        if (near_last && !cleared && (atomicOr(&word, bit) & bit) == 0) {
            uint4* first = reinterpret_cast<uint4*>(near + near_cell / CELLS_AT_ONCE * CELLS_AT_ONCE);
            const u32 FOUR = NOTHING_SEEN * 0x01010101;
            first[0] = first[1] = make_uint4(FOUR, FOUR, FOUR, FOUR);
        }
        return near_memory == NOTHING_SEEN ? far_memory : 16 + near_memory;
    }

    __device__ static u32 with(u32 memory, u32 p, u32 full) {
        u32 longer = memory << 1 | p;
        return longer < 2 * full ? longer : full + longer % full;
    }

    // Of events in one cell the last one counts, and as if it were the only one.
    __device__ void remember(u32 p) {
        __syncwarp();
        if (near_last) near[near_cell] = u8(with(near_memory, p, 16));
        if (far_last) {
            u32 changed = far_memory ^ with(far_memory, p, 8);
            atomicXor(&shared.far[far_cell / 8], changed << 4 * (far_cell % 8));
        }
        __syncwarp();
    }
};

}  // namespace small
