// Decodes a mini-block of `fast`: a lane takes eight neighbours of 256 events.
#pragma once

#include "fast_head.cuh"

namespace fast {

// Where a warp passes values from lane to lane: eight bytes for each event of a mini-block.
typedef uint4 Stage[MINI_LEN / 2];

// Lanes write their four vectors one behind the other, or read every 32nd: with this neither waits
// for banks.
__device__ __forceinline__ u32 staged(u32 vector) {
    return vector ^ (vector / 8 % 4);
}

__device__ __forceinline__ u64& staged_number(Stage& stage, u32 i) {
    return reinterpret_cast<u64*>(&stage[staged(i / 2)])[i % 2];
}

// Exceptions of a column: their high parts, and their positions.
struct Exceptions {
    const u8* highs;
    const u8* positions;
    u32 count;
    u32 size;  // bytes of a high part

    __device__ u64 high(u32 i) const {
        u64 value = 0;
#pragma unroll 1
        for (u32 byte = 0; byte < size; byte++) value |= u64(highs[i * size + byte]) << 8 * byte;
        u32 unused = 64 - 8 * size;
        return u64(i64(value << unused) >> unused);
    }

    // Whether positions do not rise, or are not those of events. All lanes learn it.
    __device__ bool damaged(u32 len, u32 lane) const {
        bool wrong = false;
#pragma unroll 1
        for (u32 i = lane; i < count; i += 32) {
            wrong |= positions[i] >= len || (i > 0 && positions[i - 1] >= positions[i]);
        }
        return __any_sync(FULL_WARP, wrong);
    }
};

// A mini-block, as its warp decodes it. Functions that give a bool tell whether there is damage.
struct Mini {
    const u8* bytes;  // of the block
    u32 number;
    u32 len;
    bool whole;  // it has 256 events and its place in the columns is aligned for vectors
    u32 lane;
    const Parts& parts;
    Stage& stage;

    // Its entry for x, y or t.
    __device__ u32 entry(u32 column) const {
        return reinterpret_cast<const u32*>(bytes + number * MINI_HEAD)[column];
    }

    __device__ Exceptions exceptions(u32 highs, u32 positions, u32 count, u32 high) const {
        return {bytes + highs, bytes + positions, count, 1u << high};
    }

    __device__ bool patch_pixels(Pairs& v, const Exceptions& these, u32 width) const {
        if (these.damaged(len, lane)) return true;
        u16* patch = reinterpret_cast<u16*>(stage);
        stage[lane] = make_uint4(0, 0, 0, 0);
        __syncwarp();
#pragma unroll 1
        for (u32 i = lane; i < these.count; i += 32) {
            patch[these.positions[i]] = u16(these.high(i) << width);
        }
        __syncwarp();
        Pairs add = stage[lane];
        v = make_uint4(v.x | add.x, v.y | add.y, v.z | add.z, v.w | add.w);
        __syncwarp();
        return false;
    }

    __device__ bool patch_times(u64 (&v)[8], const Exceptions& these, u32 width) const {
        if (these.damaged(len, lane)) return true;
        for (u32 k = 0; k < 4; k++) stage[32 * k + lane] = make_uint4(0, 0, 0, 0);
        __syncwarp();
#pragma unroll 1
        for (u32 i = lane; i < these.count; i += 32) {
            staged_number(stage, these.positions[i]) = these.high(i) << width;
        }
        __syncwarp();
        for (u32 k = 0; k < 8; k++) v[k] |= staged_number(stage, 8 * lane + k);
        __syncwarp();
        return false;
    }

    // Residuals to values.
    __device__ void follow(Pairs& v, const PixelHead& head) const {
        u32* pairs[4] = {&v.x, &v.y, &v.z, &v.w};
        u32 base = head.reference;
        u32 last = 0;  // what the events of this lane so far make together, in both halves
        if (head.mode == 2) {
            for (u32 k = 0; k < 4; k++) {
                *pairs[k] ^= *pairs[k] << 16 ^ last;
                last = (*pairs[k] >> 16) * BOTH;
            }
            base ^= from_before(xor_to(last & 0xffff, lane), 0u, lane);
            for (u32 k = 0; k < 4; k++) *pairs[k] ^= base * BOTH;
            return;
        }
        if (head.mode == 1) {
            for (u32 k = 0; k < 4; k++) {
                *pairs[k] = add_halves(unzigzag_halves(*pairs[k]) * BOTH, last);
                last = (*pairs[k] >> 16) * BOTH;
            }
            base += from_before(sum_to(last & 0xffff, lane), 0u, lane);
        }
        for (u32 k = 0; k < 4; k++) *pairs[k] = add_halves(*pairs[k], (base & 0xffff) * BOTH);
    }

    __device__ void store_pixels(const Pairs& v, u16* out) const {
        if (whole) {
            reinterpret_cast<Pairs*>(out)[lane] = v;
            return;
        }
        stage[lane] = v;
        __syncwarp();
#pragma unroll 1
        for (u32 i = lane; i < len; i += 32) out[i] = reinterpret_cast<const u16*>(stage)[i];
        __syncwarp();
    }

    __device__ bool pixels(u32 column, u32 plane, u32 highs, u32 positions, u16* out) const {
        PixelHead head(entry(column));
        Pairs v = unpack_row(load_row(bytes + plane, head.width, lane), head.width, lane);
        bool damaged = false;
        if (head.exceptions > 0) {
            Exceptions these = exceptions(highs, positions, head.exceptions, head.high);
            damaged = patch_pixels(v, these, head.width);
        }
        follow(v, head);
        store_pixels(v, out);
        return damaged;
    }

    __device__ void polarities(u8* out) const {
        const u8* bitmap = bytes + parts.bitmap;
        if (whole) {
            u32 bits = bitmap[lane];
            // Four bits to four bytes: no two products meet in the bits that are kept.
            u32 low = (bits & 15) * 0x00204081u & 0x01010101u;
            u32 high = (bits >> 4) * 0x00204081u & 0x01010101u;
            reinterpret_cast<uint2*>(out)[lane] = make_uint2(low, high);
            return;
        }
#pragma unroll 1
        for (u32 i = lane; i < len; i += 32) out[i] = bitmap[i / 8] >> i % 8 & 1;
    }

    // `k` is the count of the event before the mini-block, then that of its last event.
    __device__ bool times(const ChunkDesc& chunk, u64& k, i64* out) const {
        TimeHead head(entry(2));
        u64 v[8];
        for (u32 i = 0; i < 8; i++) v[i] = 0;
#pragma unroll 1
        for (u32 from = 0; from < head.width; from += 16) {
            u32 width = min(head.width - from, 16u);
            const u8* plane = bytes + parts.t_planes + from * PLANE_UNIT;
            Pairs r = unpack_row(load_row(plane, width, lane), width, lane);
            u32 pairs[4] = {r.x, r.y, r.z, r.w};
            for (u32 i = 0; i < 8; i++) v[i] |= u64(pairs[i / 2] >> 16 * (i % 2) & 0xffff) << from;
        }
        bool damaged = false;
        if (head.exceptions > 0) {
            Exceptions these = exceptions(parts.t_highs, parts.t_positions, head.exceptions, head.high);
            damaged = patch_times(v, these, head.width);
        }
        if (head.zigzag) {
            for (u32 i = 0; i < 8; i++) v[i] = unzigzag64(v[i]);
        }
        u64 sum = 0;
        for (u32 i = 0; i < 8; i++) {
            sum += v[i];
            v[i] = sum;
        }
        u64 to = sum_to(sum, lane);
        u64 base = u64(chunk.t_first) + (k + from_before(to, u64(0), lane)) * chunk.t_divisor;
        k += from_last(to);
        for (u32 i = 0; i < 8; i++) v[i] = base + v[i] * chunk.t_divisor;
        store_times(v, out);
        return damaged;
    }

    __device__ void store_times(const u64 (&v)[8], i64* out) const {
        for (u32 i = 0; i < 4; i++) {
            stage[staged(4 * lane + i)] = make_uint4(u32(v[2 * i]), u32(v[2 * i] >> 32),
                                                     u32(v[2 * i + 1]), u32(v[2 * i + 1] >> 32));
        }
        __syncwarp();
        if (whole) {
            for (u32 i = 0; i < 4; i++) {
                reinterpret_cast<uint4*>(out)[32 * i + lane] = stage[staged(32 * i + lane)];
            }
        } else {
#pragma unroll 1
            for (u32 i = lane; i < len; i += 32) out[i] = i64(staged_number(stage, i));
        }
        __syncwarp();
    }
};

}  // namespace fast
