// The head of a block of `fast`: modes and sizes of its mini-blocks, and so where their parts are.
#pragma once

#include "pairs.cuh"
#include "warp.cuh"

#define BLOCK_LEN 1024    // events of a block
#define MINI_HEAD 12      // bytes of a mini-block's entry in the head

namespace fast {

// Entry of a column of x or y.
struct PixelHead {
    u32 width, mode, high, exceptions, reference;

    __device__ explicit PixelHead(u32 entry)
        : width(entry & 31),
          mode(entry >> 5 & 3),
          high(entry >> 7 & 1),
          exceptions(entry >> 8 & 255),
          reference(entry >> 16) {}

    __device__ bool valid() const {
        return mode < 3 && (width < 16 || (width == 16 && exceptions == 0));
    }
};

// Entry of a column of t, with the reserved byte.
struct TimeHead {
    u32 width, zigzag, high, exceptions, reserved;

    __device__ explicit TimeHead(u32 entry)
        : width(entry & 127),
          zigzag(entry >> 7 & 1),
          high(entry >> 16 & 255),
          exceptions(entry >> 8 & 255),
          reserved(entry >> 24) {}

    __device__ bool valid() const {
        return high < 4 && reserved == 0 && (width < 64 || (width == 64 && exceptions == 0));
    }
};

// Where the parts of a mini-block are, from the start of the block, which has fewer than 2^16 bytes.
struct Parts {
    u16 x_plane, y_plane, bitmap, t_planes;
    u16 t_highs, x_highs, y_highs;
    u16 t_positions, x_positions, y_positions;
};

// Sizes of parts of a mini-block, or sums of them, two or three in a number.
struct Sizes {
    u32 planes;           // of x, y, t, in units of 32 bytes
    u32 highs_tx;         // bytes of the high parts of t, of x
    u32 high_y_count_t;   // of y; exceptions of t
    u32 counts_xy;        // exceptions of x, of y

    __device__ u32 high_t() const { return highs_tx & 0xffff; }
    __device__ u32 high_x() const { return highs_tx >> 16; }
    __device__ u32 high_y() const { return high_y_count_t & 0xffff; }
    __device__ u32 count_t() const { return high_y_count_t >> 16; }
    __device__ u32 count_x() const { return counts_xy & 0xffff; }
    __device__ u32 count_y() const { return counts_xy >> 16; }
    __device__ u32 plane_x() const { return (planes & 0xff) * PLANE_UNIT; }
    __device__ u32 plane_y() const { return (planes >> 8 & 0xff) * PLANE_UNIT; }
    __device__ u32 plane_t() const { return (planes >> 16) * PLANE_UNIT; }
};

// Where the parts of mini-block `lane` are, from the entries of all in the block's head, and the
// length of the block, which is 0 where an entry is wrong.
__device__ __forceinline__ u32 find_parts(const u8* bytes, u32 minis, u32 head_len, u32 lane,
                                          Parts& parts) {
    // Lanes without a mini-block know of one without anything.
    const u32* head = reinterpret_cast<const u32*>(bytes + lane * MINI_HEAD);
    bool any = lane < minis;
    PixelHead x(any ? head[0] : 0), y(any ? head[1] : 0);
    TimeHead t(any ? head[2] : 0);
    if (!__all_sync(FULL_WARP, x.valid() && y.valid() && t.valid())) return 0;
    Sizes own = {x.width | y.width << 8 | t.width << 16,
                 t.exceptions << t.high | x.exceptions << x.high << 16,
                 y.exceptions << y.high | t.exceptions << 16, x.exceptions | y.exceptions << 16};
    Sizes sum = {sum_to(own.planes, lane), sum_to(own.highs_tx, lane),
                 sum_to(own.high_y_count_t, lane), sum_to(own.counts_xy, lane)};
    Sizes total = {from_last(sum.planes), from_last(sum.highs_tx), from_last(sum.high_y_count_t),
                   from_last(sum.counts_xy)};
    Sizes before = {sum.planes - own.planes, sum.highs_tx - own.highs_tx,
                    sum.high_y_count_t - own.high_y_count_t, sum.counts_xy - own.counts_xy};

    // In the order of the layout.
    u32 at = head_len;
    parts.x_plane = u16(at + before.plane_x());
    at += total.plane_x();
    parts.y_plane = u16(at + before.plane_y());
    at += total.plane_y();
    parts.bitmap = u16(at + lane * PLANE_UNIT);
    at += minis * PLANE_UNIT;
    parts.t_planes = u16(at + before.plane_t());
    at += total.plane_t();
    parts.t_highs = u16(at + before.high_t());
    at += total.high_t();
    parts.x_highs = u16(at + before.high_x());
    at += total.high_x();
    parts.y_highs = u16(at + before.high_y());
    at += total.high_y();
    parts.t_positions = u16(at + before.count_t());
    at += total.count_t();
    parts.x_positions = u16(at + before.count_x());
    at += total.count_x();
    parts.y_positions = u16(at + before.count_y());
    at += total.count_y();
    return (at + 15) / 16 * 16;
}

}  // namespace fast
