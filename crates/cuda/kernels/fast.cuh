// Decodes codec 1, `fast`: a warp a block of 1024 events.
#pragma once

#include "fast_mini.cuh"

#define FAST_WARPS 8      // blocks that a thread block decodes
#define TOC_ENTRY 16      // bytes of an entry of the table of contents

namespace fast {

// What the lanes of a warp share.
struct Shared {
    Stage stage;
    Parts parts[BLOCK_LEN / MINI_LEN];
};

// Decodes block `number` of a chunk. All lanes of a warp call it.
__device__ __forceinline__ void decode_block(const u8* payload, const ChunkDesc& chunk,
                                             u32 chunk_number, u32 number, const Columns& columns,
                                             u32* error, Shared& shared, u32 lane) {
    u32 blocks = (chunk.n_events + BLOCK_LEN - 1) / BLOCK_LEN;
    u64 toc_len = u64(blocks) * TOC_ENTRY;
    if (toc_len != chunk.toc_len || toc_len > chunk.payload_len) {
        if (lane == 0) report(error, chunk_number, DAMAGE_TOC);
        return;
    }
    uint4 entry = reinterpret_cast<const uint4*>(payload)[number];
    u64 start = entry.x, end = chunk.payload_len;
    if (number + 1 < blocks) end = reinterpret_cast<const u32*>(payload)[4 * (number + 1)];
    u32 len = min(chunk.n_events - number * BLOCK_LEN, u32(BLOCK_LEN));
    u32 minis = (len + MINI_LEN - 1) / MINI_LEN;
    u32 head_len = (minis * MINI_HEAD + 15) / 16 * 16;
    bool placed = start % 16 == 0 && start >= toc_len && (number > 0 || start == toc_len) &&
                  start <= end && end <= chunk.payload_len;
    if (!placed || end - start < head_len) {
        if (lane == 0) report(error, chunk_number, DAMAGE_BLOCK);
        return;
    }
    const u8* bytes = payload + start;

    Parts own;
    u32 made = find_parts(bytes, minis, head_len, lane, own);
    if (made != end - start) {
        if (lane == 0) report(error, chunk_number, made == 0 ? DAMAGE_HEAD : DAMAGE_LENGTH);
        return;
    }
    if (lane < minis) shared.parts[lane] = own;
    __syncwarp();

    u64 k = u64(entry.w) << 32 | entry.z;
    bool damaged = false;
#pragma unroll 1
    for (u32 m = 0; m < minis; m++) {
        u32 mini_len = min(len - m * MINI_LEN, u32(MINI_LEN));
        // Vectors of eight events fit where columns are aligned; a chunk behind one of odd length, and
        // the end of each, go event by event.
        bool whole = chunk.out % 8 == 0 && mini_len == MINI_LEN;
        const Parts& parts = shared.parts[m];
        Mini mini = {bytes, m, mini_len, whole, lane, parts, shared.stage};
        u64 out = chunk.out + u64(number) * BLOCK_LEN + m * MINI_LEN;
        if (columns.x) {
            damaged |= mini.pixels(0, parts.x_plane, parts.x_highs, parts.x_positions, columns.x + out);
        }
        if (columns.y) {
            damaged |= mini.pixels(1, parts.y_plane, parts.y_highs, parts.y_positions, columns.y + out);
        }
        if (columns.p) mini.polarities(columns.p + out);
        if (columns.t) damaged |= mini.times(chunk, k, columns.t + out);
    }
    if (damaged && lane == 0) report(error, chunk_number, DAMAGE_POSITIONS);
}

}  // namespace fast
