// Reads the tables of `small`: a warp a chunk, as each row of cells is told by the rows before it.
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

// A row of PRIOR. So long a one keeps rows in different banks.
struct __align__(8) PriorRow {
    u16 quarters[3];  // where the second, third and last quarter of the codes start
    u16 number;       // of the row
    u16 ends[PRIOR_CODES];
};

// What the lanes share.
struct TableShared {
    PriorRow prior[PRIOR_ROWS];
    u8 overall[MAX_SYMBOLS];   // the overall level of each symbol
    u32 weights[MAX_SYMBOLS];  // and its weight
    // Levels of the row before, of that in the epoch before, and zeros; with a 0 in front and behind.
    u8 rows[3][MAX_SYMBOLS + 2];
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

// Reads the tables of a column; false if they are none.
struct TableReader {
    TableShared& shared;
    Bits bits;
    Lanes lanes;
    u32 lane;

    __device__ bool overall(u32 symbols) {
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
        __syncwarp();
        for (u32 s = lane; s < symbols; s += 32) shared.weights[s] = weight(shared.overall[s]);
        __syncwarp();
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
    __device__ uint2 prediction(u32 s, u64 scale, const u8* up, const u8* back, u32& level) const {
        // At most eight times the weight of the total.
        u32 sixteenths = u32(shared.weights[s] * scale >> 16);
        level = level_of_count(sixteenths >> 4);
        u32 of_count = level > 0 ? min(level + 4, u32(PRIOR_CLASSES - 1)) : 32 - __clz(int(sixteenths));
        level = max(level, 1u);
        u32 of_up = around(up, s);
        u32 sum = of_up + (up == back ? of_up : around(back, s));
        u32 nearness = min(sum, 6u) + (sum >= 8) + (sum >= 10) + (sum >= 14);
        const PriorRow& row = shared.prior[of_count * PRIOR_NEAR + nearness];
        return *reinterpret_cast<const uint2*>(row.quarters);
    }

    // Decodes a code in each active lane. The start of its row is known before the state is, so that
    // only one load waits for it.
    __device__ u32 code(uint2 row_start, bool active) {
        u32 place = lanes.state % (1 << CELL_BITS);
        u32 first = row_start.x & 0xffff, second = row_start.x >> 16, third = row_start.y & 0xffff;
        u32 quarter = (place >= first) + (place >= second) + (place >= third);
        uint2 ends = reinterpret_cast<const uint2*>(shared.prior[row_start.y >> 16].ends)[quarter];
        u32 before = quarter == 0 ? 0 : quarter == 1 ? first : quarter == 2 ? second : third;
        u32 a = ends.x & 0xffff, b = ends.x >> 16, c = ends.y & 0xffff, d = ends.y >> 16;
        bool behind_a = place >= a, behind_b = place >= b, behind_c = place >= c;
        u32 start = behind_c ? c : behind_b ? b : behind_a ? a : before;
        u32 end = behind_c ? d : behind_b ? c : behind_a ? b : a;
        lanes.advance(start, end - start, CELL_BITS, active, lane);
        return 4 * quarter + behind_a + behind_b + behind_c;
    }

    // Reads a row of cells into `out` and shared.rows[0]; false if the bits for escapes end too early.
    __device__ bool row(u32 symbols, u64 scale, const u8* up, const u8* back, u8* out) {
        const u32 STEPS = MAX_SYMBOLS / 32;
        uint2 known[STEPS];
        u32 levels[STEPS];
        // All predictions first: none of them waits for a state. Behind the last symbol, any will do.
#pragma unroll
        for (u32 k = 0; k < STEPS; k++) {
            if (32 * k >= symbols) break;
            known[k] = prediction(min(32 * k + lane, symbols - 1), scale, up, back, levels[k]);
        }
#pragma unroll
        for (u32 k = 0; k < STEPS; k++) {
            if (32 * k >= symbols) break;
            known[k].x = code(known[k], 32 * k + lane < symbols);
        }
        __syncwarp();
#pragma unroll
        for (u32 k = 0; k < STEPS; k++) {
            if (32 * k >= symbols) break;
            u32 s = 32 * k + lane, code = known[k].x;
            u32 escapes = __ballot_sync(FULL_WARP, s < symbols && code == ESCAPE);
            i32 level = i32(levels[k]) + (i32((code - 1) >> 1) ^ -i32((code - 1) & 1));
            level = min(max(level, 0), MAX_LEVEL);
            if (code == 0) level = 0;
            if (code == ESCAPE) {
                u32 before = __popc(escapes & lanes_to(lane) >> 1);
                u32 own = u32(bits.peek(bits.at + before * LEVEL_BITS)) & ((1 << LEVEL_BITS) - 1);
                level = i32(min(own, u32(MAX_LEVEL)));
            }
            u64 taken = u64(__popc(escapes)) * LEVEL_BITS;
            if (taken > bits.left()) return false;
            bits.at += taken;
            if (s < symbols) {
                out[s] = u8(level);
                shared.rows[0][s + 1] = u8(level);
            }
        }
        __syncwarp();
        return !lanes.ran_short();
    }

    __device__ void clear_rows() {
        u8* rows = &shared.rows[0][0];
        for (u32 i = lane; i < sizeof(shared.rows); i += 32) rows[i] = 0;
        __syncwarp();
    }

    // Reads all tables of a column; `out` has room for their levels, row by row.
    __device__ bool column(const Shape& shape, u8* out) {
        u32 symbols = shape.symbols, rows = shape.rows();
        if (!overall(symbols)) return false;
        if (rows == 1) {
            for (u32 s = lane; s < symbols; s += 32) out[s] = shared.overall[s];
            __syncwarp();
            return true;
        }
        if (!totals(rows)) return false;
        u64 sum = 0;
        for (u32 s = lane; s < symbols; s += 32) sum += shared.weights[s];
        sum = max(from_last(sum_to(sum, lane)), u64(1));
        clear_rows();

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
                for (u32 s = lane; s < symbols; s += 32) levels[s] = shared.rows[0][s + 1] = 0;
                __syncwarp();
                continue;
            }
            bool has_up = row_number % shape.tables != 0, has_back = row_number >= shape.tables;
            if (has_back) {
                const u8* back = levels - u64(shape.tables) * symbols;
                for (u32 s = lane; s < symbols; s += 32) shared.rows[1][s + 1] = back[s];
                __syncwarp();
            }
            const u8* up = shared.rows[has_up ? 0 : has_back ? 1 : 2];
            const u8* back = shared.rows[has_back ? 1 : has_up ? 0 : 2];
            if (!row(symbols, row_scale, up, back, levels)) return false;
        }
        return true;
    }
};

__device__ __forceinline__ void fill_prior(TableShared& shared, u32 lane) {
    for (u32 i = lane; i < PRIOR_ROWS; i += 32) {
        PriorRow& row = shared.prior[i];
        // All of the row at once: what is loaded word by word waits as often.
        const uint4* words = reinterpret_cast<const uint4*>(PRIOR[i]);
        uint4 low = words[0], high = words[1];
        u32 pairs[PRIOR_CODES / 2] = {low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w};
        row.number = u16(i);
        u32 end = 0;
#pragma unroll
        for (u32 code = 0; code < PRIOR_CODES; code++) {
            end += pairs[code / 2] >> 16 * (code % 2) & 0xffff;
            row.ends[code] = u16(end);
            if (code % 4 == 3 && code < 12) row.quarters[code / 4] = u16(end);
        }
    }
    __syncwarp();
}

// Reads head and tables of a chunk into its scratch memory. All lanes of a warp call it; gives what is
// wrong, or 0.
__device__ __forceinline__ u32 read_tables(const u8* payload, const ChunkDesc& chunk, u8* scratch,
                                           bool places, TableShared& shared, u32 lane) {
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
        model.ones[i] = u16(ones);
    }
    if (__any_sync(FULL_WARP, none)) return DAMAGE_TABLES;
    bits.at = CONTEXTS * CELL_BITS;
#pragma unroll
    for (u32 column = 0; column < N_COLUMNS; column++) {
        if (lane == column) model.tables[column] = u32(layout.tables[column]);
    }
    if (lane == 0) model.cells = layout.cells;

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
    fill_prior(shared, lane);
    TableReader reader = {shared, bits, lanes, lane};
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
