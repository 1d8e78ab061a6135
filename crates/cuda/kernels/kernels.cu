// The entry points, all of the kernels. Compiled to kernels.ptx by tools/build_ptx.

#include "layout.cuh"
#include "bands.cuh"
#include "fast.cuh"
#include "finish.cuh"
#include "keep.cuh"
#include "mirror.cuh"
#include "pack.cuh"
#include "paint.cuh"
#include "small.cuh"
#include "told_times.cuh"

// Decodes the chunks of codec 1. A thread block takes 8 blocks of chunk blockIdx.y.
extern "C" __global__ void __launch_bounds__(256, 4)
    evz_decode_fast(const u8* __restrict__ bytes, const ChunkDesc* __restrict__ chunks,
                    Columns columns, u32* error) {
    __shared__ fast::Shared shared[FAST_WARPS];
    const ChunkDesc& chunk = chunks[blockIdx.y];
    u32 warp = warp_of_block();
    u32 number = blockIdx.x * FAST_WARPS + warp;
    if (chunk.codec != 1 || u64(number) * BLOCK_LEN >= chunk.n_events) return;
    fast::decode_block(bytes + chunk.payload, chunk, blockIdx.y, number, columns, error, shared[warp],
                       threadIdx.x % 32);
}

// The kernels of codec 2 follow each other. `scratch` is that of all chunks.
//
// Reads the tables of chunk blockIdx.y.
extern "C" __global__ void __launch_bounds__(32 * TABLE_WARPS, 4)
    evz_small_tables(const u8* __restrict__ bytes, const ChunkDesc* __restrict__ chunks, u8* scratch,
                     Columns columns, u32* error) {
    __shared__ small::TableShared shared;
    const ChunkDesc& chunk = chunks[blockIdx.y];
    small::read_chunk_tables(bytes + chunk.payload, chunk, blockIdx.y, scratch + chunk.scratch,
                             columns, error, shared, warp_of_block(), threadIdx.x % 32);
}

// Makes the tables of chunk blockIdx.y, with any number of thread blocks along x.
extern "C" __global__ void __launch_bounds__(32 * SMALL_WARPS, 8)
    evz_small_frequencies(const u8* __restrict__ bytes, const ChunkDesc* __restrict__ chunks,
                          u8* scratch, Columns columns) {
    __shared__ small::Places places[SMALL_WARPS];
    const ChunkDesc& chunk = chunks[blockIdx.y];
    if (!small::usable(chunk, scratch + chunk.scratch)) return;
    u32 warp = warp_of_block();
    small::make_tables(bytes + chunk.payload, chunk, scratch + chunk.scratch, columns, places[warp],
                       blockIdx.x * SMALL_WARPS + warp, gridDim.x * SMALL_WARPS, threadIdx.x % 32);
}

// Decodes times, and symbols where axes need them. A thread block takes 4 segments.
extern "C" __global__ void __launch_bounds__(32 * SMALL_WARPS, 8)
    evz_small_times(const u8* __restrict__ bytes, const ChunkDesc* __restrict__ chunks, u8* scratch,
                    Columns columns, u32* error) {
    __shared__ u16 last[SMALL_WARPS][32];
    const ChunkDesc& chunk = chunks[blockIdx.y];
    u32 warp = warp_of_block();
    u32 number = blockIdx.x * SMALL_WARPS + warp;
    if (!small::usable(chunk, scratch + chunk.scratch)) return;
    if (u64(number) * SEGMENT_LEN >= chunk.n_events) return;
    small::decode_segment_times(bytes + chunk.payload, chunk, blockIdx.y, number,
                                scratch + chunk.scratch, columns, error, last[warp], threadIdx.x % 32);
}

// Decodes coordinates and polarities, where the event before tells these. A thread block takes 8
// segments.
extern "C" __global__ void __launch_bounds__(32 * PLACES_WARPS, 4)
    evz_small_places(const u8* __restrict__ bytes, const ChunkDesc* __restrict__ chunks, u8* scratch,
                     Columns columns, u32* error) {
    __shared__ small::Group groups[PLACES_WARPS];
    const ChunkDesc& chunk = chunks[blockIdx.y];
    u32 warp = warp_of_block();
    small::decode_segment_places<false>(bytes + chunk.payload, chunk, blockIdx.y,
                                        blockIdx.x * PLACES_WARPS + warp, scratch + chunk.scratch,
                                        columns, error, groups[warp], nullptr, threadIdx.x % 32);
}

// The same where cells of pixels tell polarities. A thread block takes 4 segments.
extern "C" __global__ void __launch_bounds__(32 * SMALL_WARPS, 8)
    evz_small_cells(const u8* __restrict__ bytes, const ChunkDesc* __restrict__ chunks, u8* scratch,
                    Columns columns, u32* error) {
    __shared__ small::GroupWithCells groups[SMALL_WARPS];
    const ChunkDesc& chunk = chunks[blockIdx.y];
    u32 warp = warp_of_block();
    small::decode_segment_places<true>(bytes + chunk.payload, chunk, blockIdx.y,
                                       blockIdx.x * SMALL_WARPS + warp, scratch + chunk.scratch,
                                       columns, error, groups[warp].group, &groups[warp].cells,
                                       threadIdx.x % 32);
}

// Looks whether the times of chunk blockIdx.y are what is told of them, with any number of thread blocks
// along x.
extern "C" __global__ void __launch_bounds__(PAINT_THREADS)
    evz_check_times(const ChunkDesc* chunks, Columns columns, u32 in_order, u32* error) {
    check_times(chunks[blockIdx.y], blockIdx.y, columns.t, in_order, error);
}

// Windows of time: what lies in each, where times are in order. A warp each.
extern "C" __global__ void __launch_bounds__(32)
    evz_bounds(const i64* t, Filter filter, FrameDesc* frames) {
    bounds(t, filter, frames[blockIdx.x], threadIdx.x);
}

// First and last times, where the ends do not tell. Blocks along x share the frame of blockIdx.y.
extern "C" __global__ void __launch_bounds__(PAINT_THREADS)
    evz_span(Columns columns, Filter filter, FrameDesc* frames, u32 timed) {
    FrameDesc& frame = frames[blockIdx.y];
    span(columns, within(filter, frame, timed), frame);
}

// Settles the clocks. A block each; bin_ends has `bins` for each frame.
extern "C" __global__ void __launch_bounds__(PAINT_THREADS)
    evz_clock(const i64* t, FrameDesc* frames, u32 flags, u64* bin_ends, u32 bins) {
    settle(t, frames[blockIdx.x], flags, bin_ends + u64(blockIdx.x) * bins, bins);
}

// Painting: blocks along x share the frame of blockIdx.y.
extern "C" __global__ void __launch_bounds__(PAINT_THREADS)
    evz_paint_signed(Columns columns, Filter filter, FrameDesc* frames, Canvas canvas, i32* sums) {
    paint_signed(columns, filter, frames[blockIdx.y], canvas, sums + blockIdx.y * canvas.stride);
}

extern "C" __global__ void __launch_bounds__(PAINT_THREADS)
    evz_paint_counts(Columns columns, Filter filter, FrameDesc* frames, Canvas canvas, u32* sums) {
    paint_counts(columns, filter, frames[blockIdx.y], canvas, sums + blockIdx.y * canvas.stride);
}

extern "C" __global__ void __launch_bounds__(PAINT_THREADS)
    evz_paint_histogram(Columns columns, Filter filter, FrameDesc* frames, Canvas canvas,
                        const u64* bin_ends, u32 bins, u32* sums) {
    paint_histogram(columns, filter, frames[blockIdx.y], canvas, bins,
                    bin_ends + u64(blockIdx.y) * bins, sums + blockIdx.y * canvas.stride);
}

extern "C" __global__ void __launch_bounds__(PAINT_THREADS)
    evz_paint_latest(Columns columns, Filter filter, FrameDesc* frames, Canvas canvas,
                     u32 by_polarity, u32* keys) {
    paint_latest(columns, filter, frames[blockIdx.y], canvas, by_polarity,
                 keys + blockIdx.y * canvas.stride);
}

extern "C" __global__ void __launch_bounds__(PAINT_THREADS)
    evz_paint_voxel(Columns columns, Filter filter, FrameDesc* frames, Canvas canvas, u32 bins,
                    u32 places, u32 by_polarity, float* values) {
    paint_voxel(columns, filter, frames[blockIdx.y], canvas, bins, places, by_polarity,
                values + blockIdx.y * canvas.stride);
}

// Frames by bands: blocks along x are bands of `rows` rows and the planes of the frame of blockIdx.y.
// Dynamic shared memory has room for the sums of a band and seven more.
extern "C" __global__ void __launch_bounds__(BAND_THREADS, 1)
    evz_band_signed(Columns columns, Filter filter, FrameDesc* frames, Canvas canvas, u32 rows,
                    u16* out) {
    EVZ_DYNAMIC_SHARED(shared);
    band_signed(columns, filter, frames[blockIdx.y], canvas, rows, reinterpret_cast<u32*>(shared),
                out + blockIdx.y * canvas.stride);
}

extern "C" __global__ void __launch_bounds__(BAND_THREADS, 1)
    evz_band_counts(Columns columns, Filter filter, FrameDesc* frames, Canvas canvas, u32 rows,
                    u16* out) {
    EVZ_DYNAMIC_SHARED(shared);
    band_counts(columns, filter, frames[blockIdx.y], canvas, rows, reinterpret_cast<u32*>(shared),
                out + blockIdx.y * canvas.stride);
}

extern "C" __global__ void __launch_bounds__(BAND_THREADS, 1)
    evz_band_binary(Columns columns, Filter filter, FrameDesc* frames, Canvas canvas, u32 rows,
                    u16* out) {
    EVZ_DYNAMIC_SHARED(shared);
    band_binary(columns, filter, frames[blockIdx.y], canvas, rows, reinterpret_cast<u32*>(shared),
                out + blockIdx.y * canvas.stride);
}

extern "C" __global__ void __launch_bounds__(BAND_THREADS, 1)
    evz_band_latest(Columns columns, Filter filter, FrameDesc* frames, Canvas canvas, u32 rows,
                    u32 by_polarity, u32 kind, double scale, float* out) {
    EVZ_DYNAMIC_SHARED(shared);
    FrameDesc& frame = frames[blockIdx.y];
    u32* sums = reinterpret_cast<u32*>(shared);
    out += blockIdx.y * canvas.stride;
    if (kind == LATEST_EXP)
        band_latest<LATEST_EXP>(columns, filter, frame, canvas, rows, by_polarity, scale, sums, out);
    if (kind == LATEST_LINEAR)
        band_latest<LATEST_LINEAR>(columns, filter, frame, canvas, rows, by_polarity, scale, sums, out);
    if (kind == LATEST_SECONDS)
        band_latest<LATEST_SECONDS>(columns, filter, frame, canvas, rows, by_polarity, scale, sums, out);
}

// `starts` has `bins` + 1 for each frame.
extern "C" __global__ void __launch_bounds__(BAND_THREADS, 1)
    evz_band_histogram(Columns columns, Filter filter, FrameDesc* frames, Canvas canvas, u32 rows,
                       const u64* starts, u32 bins, u16* out) {
    EVZ_DYNAMIC_SHARED(shared);
    band_histogram(columns, filter, frames[blockIdx.y], canvas, rows,
                   starts + u64(blockIdx.y) * (bins + 1), bins, reinterpret_cast<u32*>(shared),
                   out + blockIdx.y * canvas.stride);
}

extern "C" __global__ void __launch_bounds__(BAND_THREADS, 1)
    evz_band_voxel(Columns columns, Filter filter, FrameDesc* frames, Canvas canvas, u32 rows,
                   const u64* starts, u32 bins, u32 places, u32 by_polarity, float* out) {
    EVZ_DYNAMIC_SHARED(shared);
    band_voxel(columns, filter, frames[blockIdx.y], canvas, rows,
               starts + u64(blockIdx.y) * (bins + 1), bins, places, by_polarity,
               reinterpret_cast<u32*>(shared), out + blockIdx.y * canvas.stride);
}

// Where bins start, for blockIdx.x of 0 to `bins` and the frame of blockIdx.y: a warp each.
extern "C" __global__ void __launch_bounds__(32)
    evz_histogram_starts(const i64* t, const FrameDesc* frames, const u64* bin_ends, u32 bins,
                         u64* starts) {
    histogram_starts(t, frames[blockIdx.y], blockIdx.x, bins, bin_ends + u64(blockIdx.y) * bins,
                     starts + u64(blockIdx.y) * (bins + 1), threadIdx.x);
}

extern "C" __global__ void __launch_bounds__(32)
    evz_voxel_starts(const i64* t, const FrameDesc* frames, u32 bins, u32 places, u64* starts) {
    voxel_starts(t, frames[blockIdx.y], blockIdx.x, bins, places,
                 starts + u64(blockIdx.y) * (bins + 1), threadIdx.x);
}

// Finishing: all frames next to each other, `len` values in all.
extern "C" __global__ void __launch_bounds__(PAINT_THREADS)
    evz_finish_signed(u32* sums, u64 len, u16* out) {
    finish_signed(sums, len, out);
}

extern "C" __global__ void __launch_bounds__(PAINT_THREADS)
    evz_finish_counts(u32* sums, u64 len, u16* out) {
    finish_counts(sums, len, out);
}

extern "C" __global__ void __launch_bounds__(PAINT_THREADS)
    evz_finish_binary(u32* keys, u64 len, u32 piece, u16* out) {
    finish_binary(keys, len, piece, out);
}

// Finishing what needs the clock: blocks along x share the frame of blockIdx.y.
extern "C" __global__ void __launch_bounds__(PAINT_THREADS)
    evz_finish_latest(u32* keys, u64 stride, u32 piece, u32 kind, double scale, const i64* t,
                      const FrameDesc* frames, float* out) {
    const FrameDesc& frame = frames[blockIdx.y];
    keys += blockIdx.y * stride;
    out += blockIdx.y * stride;
    if (kind == LATEST_EXP) finish_latest<LATEST_EXP>(keys, stride, piece, scale, t, frame, out);
    if (kind == LATEST_LINEAR) finish_latest<LATEST_LINEAR>(keys, stride, piece, scale, t, frame, out);
    if (kind == LATEST_SECONDS) finish_latest<LATEST_SECONDS>(keys, stride, piece, scale, t, frame, out);
}

// Packing: a block for each PACK_SPAN values of the frame of blockIdx.y. `bits` are those of an empty
// value, of 16 bits or 32.
extern "C" __global__ void __launch_bounds__(PACK_THREADS)
    evz_pack_halves(const u16* values, u64 stride, u64 len, u32 bits, u32* masks, u32* bases,
                    u32* cursor, u16* packed, u32 room) {
    pack(values + blockIdx.y * stride, len, u16(bits), masks + blockIdx.y * ((len + 31) / 32),
         bases + blockIdx.y * gridDim.x + blockIdx.x, cursor, packed, room);
}

extern "C" __global__ void __launch_bounds__(PACK_THREADS)
    evz_pack_words(const u32* values, u64 stride, u64 len, u32 bits, u32* masks, u32* bases,
                   u32* cursor, u32* packed, u32 room) {
    pack(values + blockIdx.y * stride, len, bits, masks + blockIdx.y * ((len + 31) / 32),
         bases + blockIdx.y * gridDim.x + blockIdx.x, cursor, packed, room);
}

// Keeping: a block for each PAINT_THREADS * PAINT_EVENTS positions from begin / 8 * 8 on.
extern "C" __global__ void __launch_bounds__(PAINT_THREADS)
    evz_keep_count(Columns columns, Filter filter, u64 begin, u64 end, u32* counts) {
    keep_count(columns, filter, begin, end, counts);
}

extern "C" __global__ void __launch_bounds__(PAINT_THREADS)
    evz_keep_scan(u32* counts, u32 n, u32* kept) {
    keep_scan(counts, n, kept);
}

extern "C" __global__ void __launch_bounds__(PAINT_THREADS)
    evz_keep_write(Columns columns, Filter filter, u64 begin, u64 end, const u32* before,
                   Columns out) {
    keep_write(columns, filter, begin, end, before, out);
}

// Mirroring: the `len` first events of the columns.
extern "C" __global__ void __launch_bounds__(PAINT_THREADS) evz_mirror(Columns columns, u64 len) {
    mirror(columns, len);
}

// What the kernels take the structures and constants of layout.cuh for.
extern "C" __global__ void evz_check_layout(ChunkDesc chunk, Columns columns, Filter filter,
                                            FrameDesc frame, Canvas canvas, u64* out) {
    u64 seen[] = {
        sizeof chunk, chunk.payload, chunk.payload_len, chunk.out, u64(chunk.t_first),
        chunk.t_divisor, u64(chunk.t_min), u64(chunk.t_max), chunk.n_events, chunk.toc_len, chunk.codec, chunk.reserved, chunk.scratch,
        chunk.scratch_len,
        sizeof columns, u64(columns.t), u64(columns.x), u64(columns.y), u64(columns.p),
        sizeof filter, u64(filter.start), u64(filter.stop), filter.x_begin, filter.x_end,
        filter.y_begin, filter.y_end, filter.polarity, filter.flags,
        sizeof frame, frame.begin, frame.end, u64(frame.start), u64(frame.stop), u64(frame.first),
        u64(frame.last), u64(frame.from), u64(frame.to), frame.events, frame.left_out, frame.beyond,
        sizeof canvas, canvas.width, canvas.height, canvas.plane, canvas.timed, canvas.stride,
        FILTER_TIME, FILTER_REGION, FILTER_POLARITY, CLOCK_ENDS, CLOCK_FOUND, CLOCK_WINDOW, CLOCK_EVENTS,
        LATEST_EXP, LATEST_LINEAR, LATEST_SECONDS, BINS_ENDS, BINS_ENDS32, BINS_STARTS, BINS_CENTERS,
        PIECE_FIRST, PIECE_LAST, PIECE_BACKWARDS, PAINT_THREADS, PAINT_EVENTS, BAND_THREADS, PACK_THREADS,
        FRAME_ALIGN,
    };
    for (u32 k = 0; k < sizeof seen / sizeof *seen; k++) out[k] = seen[k];
}
