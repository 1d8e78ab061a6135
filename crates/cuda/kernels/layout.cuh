// Types, constants and structures that the host shares. src/layout.rs has the same, and
// evz_check_layout reads these back.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char i8;
typedef short i16;
typedef int i32;
typedef long long i64;

#ifndef EVZ_DYNAMIC_SHARED
#define EVZ_DYNAMIC_SHARED(name) extern __shared__ __align__(128) unsigned char name[]
#endif

#define FULL_WARP 0xffffffffu

// A chunk of a batch.
struct ChunkDesc {
    u64 payload;      // where its payload starts in the batch's bytes, a multiple of 64
    u64 payload_len;  // bytes of the payload
    u64 out;          // where its first event goes in the columns
    i64 t_first;      // this and the next five as in the chunk's head
    u64 t_divisor;
    i64 t_min;
    i64 t_max;
    u32 n_events;
    u32 toc_len;
    u32 codec;        // 1 fast, 2 small
    u32 reserved;
    u64 scratch;      // small: where its scratch memory starts, a multiple of 16
    u64 scratch_len;  // small: bytes of it
};

// Where decoded events go, each column from event 0 of the batch on, at a multiple of 16 bytes. A
// column that is not wanted is null.
struct Columns {
    i64* t;
    u16* x;
    u16* y;
    u8* p;
};

// What is wrong with a chunk: an error word is 0, or (number of the chunk in the batch + 1) << 8 and
// one of these.
enum Damage : u32 {
    DAMAGE_TOC = 1,        // the table of contents does not fit the payload
    DAMAGE_BLOCK = 2,      // a block or segment is not where one can be
    DAMAGE_HEAD = 3,       // a mode, width or size that is unknown
    DAMAGE_LENGTH = 4,     // a block is not as long as its head makes it
    DAMAGE_POSITIONS = 5,  // positions of exceptions that do not rise
    DAMAGE_TABLES = 6,     // tables of frequencies that end too early or are none
    DAMAGE_WORDS = 7,      // the words of a stream end too early
    DAMAGE_END = 8,        // lanes end where no encoder starts
    DAMAGE_RAW = 9,        // raw bits are more or fewer than symbols need
    DAMAGE_SCRATCH = 10,   // the scratch memory is too small: the host's mistake
    DAMAGE_ORDER = 11,     // times run backwards, of a recording in order
    DAMAGE_TIMES = 12,     // times are not what the head says of them
};

// Which events count. Regions and times are from the start (included) to the end (excluded).
enum FilterFlag : u32 {
    FILTER_TIME = 1,      // by start and stop, and in windows of time by those of the window
    FILTER_REGION = 2,    // by x and y
    FILTER_POLARITY = 4,  // by polarity
};
struct Filter {
    i64 start, stop;
    u32 x_begin, x_end, y_begin, y_end;
    u32 polarity;
    u32 flags;
};

// A window of a batch. The host writes the window and zeros, the kernels what they find.
struct FrameDesc {
    u64 begin, end;    // its events in the columns; in windows of time found by evz_bounds
    i64 start, stop;   // its ticks; in windows by count found by evz_clock
    i64 first, last;   // earliest and latest of its events, where they are needed
    i64 from, to;      // the time that bins divide, and at whose ends decays and surfaces are; found by evz_clock
    u64 events;        // end - begin, over all batches of the window so far
    u64 left_out;      // those among them that the filter leaves out
    u64 beyond;        // and those that it keeps but lie beyond the sensor
};

// Size of the frames of a batch.
struct Canvas {
    u32 width, height;
    u32 plane;   // pixels of an image: width * height
    u32 timed;   // windows are of time, and events are not in order: each is tested
    u64 stride;  // values of a frame, rounded up to FRAME_ALIGN
};

// What evz_clock does.
enum ClockFlag : u32 {
    CLOCK_ENDS = 1,    // events are in order and all count: the first and last of them say when
    CLOCK_FOUND = 2,   // evz_span found the earliest and latest time
    CLOCK_WINDOW = 4,  // the window is from the first event to a tick behind the last
    CLOCK_EVENTS = 8,  // bins and decays are of the time from the first event to the last, not of the window
};

// Where the bins of a voxel grid are: BinPlaces of the CPU renderer.
enum BinPlaces : u32 {
    BINS_ENDS = 0,
    BINS_ENDS32 = 1,
    BINS_STARTS = 2,
    BINS_CENTERS = 3,
};

// Where a piece of a window's events stands among those that are finished one after the other.
enum PieceFlag : u32 {
    PIECE_FIRST = 1,
    PIECE_LAST = 2,
    PIECE_BACKWARDS = 4,  // events of a later piece are earlier, as time runs backwards
};

// Kinds of decay and of time surface.
enum LatestKind : u32 {
    LATEST_EXP = 0,
    LATEST_LINEAR = 1,
    LATEST_SECONDS = 2,
};

#define PAINT_THREADS 256   // threads of a block, of all kernels in paint.cuh
#define PAINT_EVENTS 8      // events that a thread takes at once; columns have room for a multiple
#define BAND_THREADS 1024   // threads of a block, of all kernels in bands.cuh
#define FRAME_ALIGN 8       // frames start at multiples of so many values
