// Reads the tables of `small`: a thread block a chunk, as each row of cells is told by the rows before
// it. One warp decodes; what codes are expected, and what levels follow, is a symbol a thread.
#pragma once

#include "level.cuh"
#include "prior.cuh"
#include "rans.cuh"
#include "small_model.cuh"

namespace small {

#define MAX_SYMBOLS 256
#define LEVEL_BITS 7
#define ESCAPE (PRIOR_CODES - 1)
#define CELL_BITS 10
#define MAX_GAMMA 20  // bits behind the highest of a number in gamma code
#define TABLE_WARPS (MAX_SYMBOLS / 32)

// A row of PRIOR.
struct __align__(16) PriorRow {
    u32 quarters[3];  // where the second, third and last quarter of the codes start, << 16
    u32 number;       // of the row
    u32 codes[PRIOR_CODES];  // frequencies; where codes start, << 16
};

// What the warps share.
struct TableShared {
    PriorRow prior[PRIOR_ROWS];
    u8 overall[MAX_SYMBOLS];   // the overall level of each symbol
    u32 weights[MAX_SYMBOLS];  // and its weight
    // Levels of the row before, of that in the epoch before, and zeros; with a 0 in front and behind.
    u8 rows[3][MAX_SYMBOLS + 2];
    uint4 known[MAX_SYMBOLS];  // the start of the row of PRIOR for each symbol
    u16 places[MAX_SYMBOLS];   // and where the state of its code was
    u8 codes[MAX_SYMBOLS];
    u32 right;      // whether what one warp does for all ended well
    u64 at;         // bits that it took
};

// Bits of the table of contents, the lowest first. All lanes have the same.
struct Bits {
    const u32* words;
    u32 n_words;
    u64 at, end;

    __device__ u64 word(u64 i) const { return i < n_words ? words[i] : 0; }

    // 64 bits from `from` on.
    __device__ u64 peek(u64 from) const {
        u64 i = from / 32, shift = from % 32;
        u64 low = (word(i) | word(i + 1) << 32) >> shift;
        return shift == 0 ? low : low | word(i + 2) << (64 - shift);
    }

    __device__ u64 left() const { return end - at; }

    // A number in gamma code, out of the bits from `at` on; false if there is none.
    __device__ bool gamma(u64 bits, u32& value) {
        u32 zeros = __clz(int(__brev(u32(bits))));
        if (zeros > MAX_GAMMA || 2 * zeros + 1 > left()) return false;
        u32 lower = u32(bits >> (zeros + 1));
        value = (1u << zeros) + (lower & ((1u << zeros) - 1)) - 1;
        at += 2 * zeros + 1;
        return true;
    }
};

// Reads the tables of a column; false if they are none. All threads of the block learn it.
struct TableReader {
    TableShared& shared;
    Bits bits;    // all threads are at the same
    Lanes lanes;  // those of the first warp
    u32 warp, lane;
    u32 own;      // the symbol of this thread

    // Levels in gamma code, by one warp.
    __device__ bool read_overall(u32 symbols) {
        i32 level = 0;
        // Bits that many numbers take are loaded once.
        u64 window = bits.peek(bits.at), window_at = bits.at;
        for (u32 s = 0; s < symbols; s++) {
            if (bits.at - window_at > 64 - (2 * MAX_GAMMA + 1)) {
                window_at = bits.at;
                window = bits.peek(window_at);
            }
            u32 step;
            if (!bits.gamma(window >> (bits.at - window_at), step)) return false;
            level += i32(step >> 1) ^ -i32(step & 1);
            if (u32(level) > MAX_LEVEL) return false;
            if (lane == 0) shared.overall[s] = u8(level);
        }
        return true;
    }

    __device__ bool overall(u32 symbols) {
        if (warp == 0) {
            bool right = read_overall(symbols);
            if (lane == 0) {
                shared.right = right;
                shared.at = bits.at;
            }
        }
        __syncthreads();
        if (!shared.right) return false;
        bits.at = shared.at;
        if (own < symbols) shared.weights[own] = weight(shared.overall[own]);
        __syncthreads();
        return true;
    }

    // Whether levels of totals follow for all rows.
    __device__ bool totals(u32 rows) const {
        if (u64(rows) * LEVEL_BITS > bits.left()) return false;
        bool right = true;
        for (u32 row = lane; row < rows; row += 32) right &= total(row) <= MAX_LEVEL;
        return __all_sync(FULL_WARP, right);
    }

    __device__ u32 total(u32 row) const {
        return u32(bits.peek(bits.at + u64(row) * LEVEL_BITS)) & ((1 << LEVEL_BITS) - 1);
    }

    // What the levels of a row around symbol s, which is behind a zero in front, say of its own.
    __device__ static u32 around(const u8* row, u32 s) {
        return 2 * min(u32(row[s + 1]), 3u) + min(u32(row[s]), 2u) + min(u32(row[s + 2]), 2u);
    }

    // The start of the row of PRIOR for symbol s, and the level that is expected, at least 1.
    __device__ uint4 prediction(u32 s, u64 scale, const u8* up, const u8* back, u32& level) const {
        // At most eight times the weight of the total.
        u32 sixteenths = u32(shared.weights[s] * scale >> 16);
        level = level_of_count(sixteenths >> 4);
        u32 of_count = level > 0 ? min(level + 4, u32(PRIOR_CLASSES - 1)) : 32 - __clz(int(sixteenths));
        level = max(level, 1u);
        u32 of_up = around(up, s);
        u32 sum = of_up + (up == back ? of_up : around(back, s));
        u32 nearness = min(sum, 6u) + (sum >= 8) + (sum >= 10) + (sum >= 14);
        const PriorRow& row = shared.prior[of_count * PRIOR_NEAR + nearness];
        return *reinterpret_cast<const uint4*>(&row);
    }

    // The code at a place, and its start and frequency. The start of the row is known before the place
    // is, so that only one load waits for it.
    __device__ u32 find(uint4 row, u32 place, u32& code) const {
        u32 key = place << 16 | 0xffff;  // as high as what starts there, whatever the frequency
        u32 quarter = key >= row.z ? 3 : key >= row.y ? 2 : key >= row.x ? 1 : 0;
        uint4 four = reinterpret_cast<const uint4*>(shared.prior[row.w].codes)[quarter];
        code = 4 * quarter + (key >= four.w ? 3 : key >= four.z ? 2 : key >= four.y ? 1 : 0);
        return key >= four.w ? four.w : key >= four.z ? four.z : key >= four.y ? four.y : four.x;
    }

    // The codes of a row, by one warp: this is what all others wait for. So it only keeps their places.
    __device__ void read_codes(u32 symbols) {
        uint4 next = shared.known[lane];
#pragma unroll 1
        for (u32 from = 0; from < symbols; from += 32) {
            uint4 row = next;
            next = shared.known[(from + 32) % MAX_SYMBOLS + lane];
            u32 place = lanes.state % (1 << CELL_BITS), code;
            shared.places[from + lane] = u16(place);
            // Behind the last symbol, any row will do.
            u32 found = find(row, place, code);
            lanes.advance(found >> 16, found & 0xffff, CELL_BITS, from + lane < symbols, lane);
        }
        if (lane == 0) shared.right = !lanes.ran_short();
    }

    // The level of an escape. Those of symbols before come first; moves on behind all of them.
    __device__ u32 escaped(u32 symbols) {
        u32 before = 0, all = 0;
        for (u32 from = 0; from < symbols; from += 32) {
            u32 s = from + lane;
            u32 mask = __ballot_sync(FULL_WARP, s < symbols && shared.codes[s] == ESCAPE);
            if (from < 32 * warp) before += __popc(mask);
            if (from == 32 * warp) before += __popc(mask & lanes_to(lane) >> 1);
            all += __popc(mask);
        }
        u32 level = u32(bits.peek(bits.at + before * LEVEL_BITS)) & ((1 << LEVEL_BITS) - 1);
        bits.at += u64(all) * LEVEL_BITS;
        return min(level, u32(MAX_LEVEL));
    }

    // Reads a row of cells into `out` and shared.rows[0]; false if the bits for escapes end too early.
    __device__ bool row(u32 symbols, u64 scale, const u8* up, const u8* back, u8* out) {
        u32 expected, code;
        uint4 known = prediction(min(own, symbols - 1), scale, up, back, expected);
        shared.known[own] = known;
        __syncthreads();
        if (warp == 0) read_codes(symbols);
        __syncthreads();
        if (!shared.right) return false;
        find(known, own < symbols ? shared.places[own] : 0, code);
        i32 level = i32(expected) + (i32((code - 1) >> 1) ^ -i32((code - 1) & 1));
        level = code == 0 ? 0 : min(max(level, 0), MAX_LEVEL);
        if (__syncthreads_or(own < symbols && code == ESCAPE)) {
            shared.codes[own] = u8(code);
            __syncthreads();
            u32 told = escaped(symbols);
            if (bits.at > bits.end) return false;
            if (code == ESCAPE) level = i32(told);
        }
        if (own < symbols) {
            out[own] = u8(level);
            shared.rows[0][own + 1] = u8(level);
        }
        __syncthreads();
        return true;
    }

    // Reads all tables of a column; `out` has room for their levels, row by row.
    __device__ bool column(const Shape& shape, u8* out) {
        u32 symbols = shape.symbols, rows = shape.rows();
        if (!overall(symbols)) return false;
        if (rows == 1) {
            if (own < symbols) out[own] = shared.overall[own];
            __syncthreads();
            return true;
        }
        if (!totals(rows)) return false;
        u64 sum = 0;
        for (u32 s = lane; s < symbols; s += 32) sum += shared.weights[s];
        sum = max(from_last(sum_to(sum, lane)), u64(1));
        u8* zeros = &shared.rows[0][0];
        for (u32 i = 32 * warp + lane; i < sizeof(shared.rows); i += 32 * TABLE_WARPS) zeros[i] = 0;
        __syncthreads();

        Bits at_totals = bits;
        bits.at += u64(rows) * LEVEL_BITS;
        u64 scale = 0;
        u32 own_total = 0;
        for (u32 row_number = 0; row_number < rows; row_number++) {
            if (row_number % 32 == 0) {
                // A lane a row: a division takes as long for one as for all.
                u32 mine = row_number + lane;
                u64 from = at_totals.at + u64(min(mine, rows - 1)) * LEVEL_BITS;
                own_total = u32(at_totals.peek(from)) & ((1 << LEVEL_BITS) - 1);
                scale = (u64(weight(own_total)) * 8 << 16) / sum;
            }
            u8* levels = out + u64(row_number) * symbols;
            bool filled = __shfl_sync(FULL_WARP, own_total, row_number % 32) > 0;
            u64 row_scale = __shfl_sync(FULL_WARP, scale, row_number % 32);
            if (!filled) {
                if (own < symbols) levels[own] = shared.rows[0][own + 1] = 0;
                __syncthreads();
                continue;
            }
            bool has_up = row_number % shape.tables != 0, has_back = row_number >= shape.tables;
            if (has_back) {
                // A thread reads what it wrote.
                const u8* back = levels - u64(shape.tables) * symbols;
                if (own < symbols) shared.rows[1][own + 1] = back[own];
                __syncthreads();
            }
            const u8* up = shared.rows[has_up ? 0 : has_back ? 1 : 2];
            const u8* back = shared.rows[has_back ? 1 : has_up ? 0 : 2];
            if (!row(symbols, row_scale, up, back, levels)) return false;
        }
        return true;
    }
};

__device__ __forceinline__ void fill_prior(TableShared& shared, u32 thread) {
    for (u32 i = thread; i < PRIOR_ROWS; i += 32 * TABLE_WARPS) {
        PriorRow& row = shared.prior[i];
        // All of the row at once: what is loaded word by word waits as often.
        const uint4* words = reinterpret_cast<const uint4*>(PRIOR[i]);
        uint4 low = words[0], high = words[1];
        u32 pairs[PRIOR_CODES / 2] = {low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w};
        row.number = i;
        u32 start = 0;
#pragma unroll
        for (u32 code = 0; code < PRIOR_CODES; code++) {
            u32 frequency = pairs[code / 2] >> 16 * (code % 2) & 0xffff;
            row.codes[code] = start << 16 | frequency;
            if (code % 4 == 0 && code > 0) row.quarters[code / 4 - 1] = start << 16;
            start += frequency;
        }
    }
    __syncthreads();
}

// Reads head and tables of a chunk into its scratch memory. All threads of a block call it, and learn
// what is wrong, or 0.
__device__ __forceinline__ u32 read_tables(const u8* payload, const ChunkDesc& chunk, u8* scratch,
                                           bool places, TableShared& shared, u32 warp,
                                           u32 lane) {
    u64 fixed = u64(segments_of(chunk)) * SEGMENT_ENTRY + SMALL_HEAD;
    if (chunk.toc_len % 4 != 0 || chunk.toc_len > chunk.payload_len || chunk.toc_len < fixed) {
        return DAMAGE_TOC;
    }
    Head head(head_bytes(payload, chunk));
    if (!head.valid()) return DAMAGE_HEAD;
    u64 cells = fixed + head.bits_len;
    if (cells > chunk.toc_len) return DAMAGE_TOC;
    Layout layout(head, chunk.n_events);
    if (layout.len > chunk.scratch_len) return DAMAGE_SCRATCH;

    Bits bits = {reinterpret_cast<const u32*>(payload + fixed), u32(chunk.toc_len - fixed) / 4, 0,
                 u64(head.bits_len) * 8};
    if (bits.left() < CONTEXTS * CELL_BITS) return DAMAGE_TABLES;
    Model& model = *reinterpret_cast<Model*>(scratch);
    bool none = false;
    for (u32 i = lane; i < CONTEXTS; i += 32) {
        u32 ones = u32(bits.peek(i * CELL_BITS)) & ((1 << CELL_BITS) - 1);
        none |= ones == 0;
        if (warp == 0) model.ones[i] = u16(ones);
    }
    if (__any_sync(FULL_WARP, none)) return DAMAGE_TABLES;
    bits.at = CONTEXTS * CELL_BITS;
#pragma unroll
    for (u32 column = 0; column < N_COLUMNS; column++) {
        if (warp == 0 && lane == column) model.tables[column] = u32(layout.tables[column]);
    }
    if (warp == 0 && lane == 0) model.cells = layout.cells;

    Lanes lanes;
    u32 cells_len = u32(chunk.toc_len - cells);
    if (cells_len < 4 * 32) {
        // Where tables need any, the first of them fails.
        lanes.start(LOWEST, payload, 0, lane);
    } else {
        const u8* state = payload + cells + 4 * lane;
        u32 first = state[0] | state[1] << 8 | state[2] << 16 | u32(state[3]) << 24;
        lanes.start(first, payload + cells + 4 * 32, (cells_len - 4 * 32) / 2, lane);
    }
    fill_prior(shared, 32 * warp + lane);
    TableReader reader = {shared, bits, lanes, warp, lane, 32 * warp + lane};
    // The same code for all of them: it is long.
#pragma unroll 1
    for (u32 column = 0; column < N_COLUMNS; column++) {
        if (column > 0 && !places) break;
        Shape shape = head.shape(column, segments_of(chunk));
        if (!reader.column(shape, scratch + layout.levels_of(column))) return DAMAGE_TABLES;
    }
    return 0;
}

}  // namespace small
