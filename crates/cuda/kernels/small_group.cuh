// What a warp keeps of a group of events, in two ways to look at it.
#pragma once

#include "layout.cuh"

#define GROUP_LEN 1024

namespace small {

// A number of 16 bits for each event of a group: 32 rows of 32. Symbols are decoded row by row, a lane
// an event; what follows from them without the coder is computed a lane a row, which takes one sum
// over lanes a group and not one a row. Rows are so far apart that neither way has two lanes in one
// bank.
struct Plane {
    static const u32 STRIDE = 17;  // of a row, in pairs

    u32 pairs[33 * STRIDE];  // one row that is read ahead, and means nothing

    __device__ u16& at(u32 row, u32 lane) {
        return reinterpret_cast<u16*>(pairs)[2 * STRIDE * row + lane];
    }

    // Numbers 2 k and 2 k + 1 of a row, the first one in the lower half.
    __device__ u32& pair(u32 row, u32 k) { return pairs[STRIDE * row + k]; }
};

}  // namespace small
