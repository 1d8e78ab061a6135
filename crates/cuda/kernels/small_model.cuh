// The head of a payload of `small`, and where its chunk's scratch memory has what.
#pragma once

#include "pairs.cuh"

#define SEGMENT_LEN 8192
#define SEGMENT_ENTRY 28
#define SMALL_HEAD 24
#define N_COLUMNS 3         // that have tables: t, the first axis, the second axis
#define CONTEXTS 48         // of a polarity
#define TIME_CONTEXTS 16
#define PIXEL_BUCKETS 224
#define SMALL_CELLS 65536   // that remember polarities, of 4 by 4 pixels
#define LARGE_CELLS 4096    // and of 16 by 16

namespace small {

enum Mode : u32 { DIRECT = 0, DELTA = 1, XOR = 2, MIXED = 3 };
enum Given : u32 { NOTHING = 0, TIME = 1, SAME = 2, FIRST = 3 };

// Where symbols of a table are found: an entry for each symbol, its start and its frequency << 16,
// then the symbol of each place, a byte each.
struct Shape {
    u32 epochs, tables, symbols, span;

    __device__ u32 rows() const { return epochs * tables; }
    // Bits of the sum of frequencies.
    __device__ u32 bits() const { return tables == 1 ? 12 : 10; }
    __device__ u32 places_at() const { return (4 * symbols + 15) / 16 * 16; }
    __device__ u32 table_len() const { return places_at() + (1u << bits()); }
};

// The modes of an axis: as they stand in the head, as they take fewer registers so.
struct Axis {
    u32 low, high;

    Axis() = default;
    __device__ explicit Axis(const u8* bytes)
        : low(reinterpret_cast<const u32*>(bytes)[0]), high(reinterpret_cast<const u32*>(bytes)[1]) {}

    __device__ u32 mode() const { return low & 15; }
    __device__ u32 given() const { return low >> 4 & 15; }
    __device__ u32 shift() const { return low >> 8 & 0xff; }
    __device__ u32 given_shift() const { return low >> 16 & 0xff; }
    __device__ u32 given_values() const { return (low >> 24) + 1; }
    __device__ u32 symbols() const { return (high & 0xff) + 1; }
    __device__ u32 span() const { return high >> 8 & 0xff; }
    __device__ u32 base() const { return high >> 16; }

    __device__ u32 tables() const {
        u32 several = given() == TIME ? TIME_CONTEXTS : given() == SAME ? 2 : given_values();
        return (given() == NOTHING ? 1 : several) + (mode() == MIXED);
    }

    // Whether `len` events can have so many raw bytes: planes are of known size. Of raw bits that are
    // none the end tells.
    __device__ bool raw_fits(u32 len, u32 raw_len) const {
        u32 planes = (len + MINI_LEN - 1) / MINI_LEN * shift() * PLANE_UNIT;
        return raw_len % 2 == 0 && (mode() != DIRECT || planes == raw_len);
    }

    // Whether `bits` raw bits are what they should be.
    __device__ bool raw_ended(u32 bits, u32 raw_len) const {
        return mode() == DIRECT || (bits + 15) / 16 * 2 == raw_len;
    }

    __device__ bool valid(bool second) const {
        return mode() <= MIXED && given() <= FIRST && shift() <= 8 && given_shift() <= 16 &&
               span() <= 31 && (mode() == DIRECT || symbols() <= PIXEL_BUCKETS) && tables() <= 256 &&
               (mode() != MIXED || given() == FIRST) && (second || (mode() != MIXED && given() <= TIME));
    }
};

struct Head {
    u32 swap, zigzag, t_span, by_before, t_symbols, x_max;
    Axis first, second;
    u32 bits_len;

    __device__ explicit Head(const u8* bytes)
        : swap(bytes[0] & 1),
          zigzag(bytes[0] >> 1 & 1),
          t_span(bytes[0] >> 2 & 31),
          by_before(bytes[0] >> 7),
          t_symbols(bytes[1] + 1),
          x_max(bytes[2] | bytes[3] << 8),
          first(bytes + 4),
          second(bytes + 12),
          bits_len(bytes[20] | bytes[21] << 8 | bytes[22] << 16 | u32(bytes[23]) << 24) {}

    __device__ bool valid() const { return first.valid(false) && second.valid(true); }

    // That of column 0, 1 or 2: t, the first axis, the second.
    __device__ Shape shape(u32 column, u32 segments) const {
        u32 span = column == 0 ? t_span : column == 1 ? first.span() : second.span();
        u32 epochs = u32((segments + (u64(1) << span) - 1) >> span);
        u32 tables = column == 0 ? 1 : column == 1 ? first.tables() : second.tables();
        u32 symbols = column == 0 ? t_symbols : column == 1 ? first.symbols() : second.symbols();
        return {epochs, tables, symbols, span};
    }
};

// What is known of a chunk once its tables are read; it is at the start of the scratch memory.
struct Model {
    u32 usable;  // 0: the chunk is damaged, and nothing else here is true
    u32 tables[N_COLUMNS];  // where they are in the scratch memory
    u64 cells;              // and where small cells are
    u64 reserved;
    u16 ones[CONTEXTS];  // how often a polarity is 1, out of 1024
};

// Offsets in the scratch memory of a chunk. The host computes `len` likewise.
struct Layout {
    u64 symbols;  // of t, a byte for each event
    u64 levels[N_COLUMNS], tables[N_COLUMNS];
    u64 cells;    // for each segment, if these tell polarities
    u64 len;

    __device__ Layout(const Head& head, u32 n_events) {
        u32 segments = (n_events + SEGMENT_LEN - 1) / SEGMENT_LEN;
        u64 at = sizeof(Model);
        symbols = at;
        at += (n_events + 15) / 16 * 16;
        for (u32 column = 0; column < N_COLUMNS; column++) {
            Shape shape = head.shape(column, segments);
            levels[column] = at;
            at += (u64(shape.rows()) * shape.symbols + 15) / 16 * 16;
            tables[column] = at;
            at += u64(shape.rows()) * shape.table_len();
        }
        cells = at;
        if (!head.by_before) at += u64(segments) * SMALL_CELLS;
        len = at;
    }

    // Not by index: arrays that are indexed by what is known only later are in memory.
    __device__ u64 levels_of(u32 column) const {
        return column == 0 ? levels[0] : column == 1 ? levels[1] : levels[2];
    }

    __device__ u64 tables_of(u32 column) const {
        return column == 0 ? tables[0] : column == 1 ? tables[1] : tables[2];
    }
};

__device__ __forceinline__ u32 segments_of(const ChunkDesc& chunk) {
    return (chunk.n_events + SEGMENT_LEN - 1) / SEGMENT_LEN;
}

// The head, behind the entries of segments.
__device__ __forceinline__ const u8* head_bytes(const u8* payload, const ChunkDesc& chunk) {
    return payload + u64(segments_of(chunk)) * SEGMENT_ENTRY;
}

}  // namespace small
