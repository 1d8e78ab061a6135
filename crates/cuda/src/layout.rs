//! Structures and constants that the kernels share: those of `kernels/layout.cuh`.
//!
//! When a GPU is opened, `evz_check_layout` says what the kernels take them for.

/// A chunk of a batch.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ChunkDesc {
    pub(crate) payload: u64,
    pub(crate) payload_len: u64,
    pub(crate) out: u64,
    pub(crate) t_first: i64,
    pub(crate) t_divisor: u64,
    pub(crate) t_min: i64,
    pub(crate) t_max: i64,
    pub(crate) n_events: u32,
    pub(crate) toc_len: u32,
    pub(crate) codec: u32,
    pub(crate) reserved: u32,
    pub(crate) scratch: u64,
    pub(crate) scratch_len: u64,
}

/// Addresses of the columns, 0 for those that are not there.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ColumnAddresses {
    pub(crate) t: u64,
    pub(crate) x: u64,
    pub(crate) y: u64,
    pub(crate) p: u64,
}

/// Which events count.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filter {
    pub(crate) start: i64,
    pub(crate) stop: i64,
    pub(crate) x_begin: u32,
    pub(crate) x_end: u32,
    pub(crate) y_begin: u32,
    pub(crate) y_end: u32,
    pub(crate) polarity: u32,
    pub(crate) flags: u32,
}

pub(crate) const FILTER_TIME: u32 = 1;
pub(crate) const FILTER_REGION: u32 = 2;
pub(crate) const FILTER_POLARITY: u32 = 4;

/// A window of a batch.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct FrameDesc {
    pub(crate) begin: u64,
    pub(crate) end: u64,
    pub(crate) start: i64,
    pub(crate) stop: i64,
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) events: u64,
    pub(crate) left_out: u64,
    pub(crate) beyond: u64,
}

/// Size of the frames.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CanvasDesc {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) plane: u32,
    pub(crate) timed: u32,
    pub(crate) stride: u64,
}

pub(crate) const CLOCK_ENDS: u32 = 1;
pub(crate) const CLOCK_FOUND: u32 = 2;
pub(crate) const CLOCK_WINDOW: u32 = 4;
pub(crate) const CLOCK_EVENTS: u32 = 8;

pub(crate) const BINS_ENDS: u32 = 0;
pub(crate) const BINS_ENDS32: u32 = 1;
pub(crate) const BINS_STARTS: u32 = 2;
pub(crate) const BINS_CENTERS: u32 = 3;

pub(crate) const PIECE_FIRST: u32 = 1;
pub(crate) const PIECE_LAST: u32 = 2;
pub(crate) const PIECE_BACKWARDS: u32 = 4;

pub(crate) const LATEST_EXP: u32 = 0;
pub(crate) const LATEST_LINEAR: u32 = 1;
pub(crate) const LATEST_SECONDS: u32 = 2;

pub(crate) const PAINT_THREADS: u32 = 256;
pub(crate) const PAINT_EVENTS: u32 = 8;
pub(crate) const BAND_THREADS: u32 = 1024;
pub(crate) const PACK_THREADS: u32 = 256;
pub(crate) const FRAME_ALIGN: usize = 8;

/// What `evz_check_layout` is given: each field a number of its own.
pub(crate) struct Sample {
    pub(crate) chunk: ChunkDesc,
    pub(crate) columns: ColumnAddresses,
    pub(crate) filter: Filter,
    pub(crate) frame: FrameDesc,
    pub(crate) canvas: CanvasDesc,
}

pub(crate) const SAMPLE: Sample = Sample {
    chunk: ChunkDesc {
        payload: 101,
        payload_len: 102,
        out: 103,
        t_first: 104,
        t_divisor: 105,
        t_min: 106,
        t_max: 107,
        n_events: 108,
        toc_len: 109,
        codec: 110,
        reserved: 111,
        scratch: 112,
        scratch_len: 113,
    },
    columns: ColumnAddresses {
        t: 201,
        x: 202,
        y: 203,
        p: 204,
    },
    filter: Filter {
        start: 301,
        stop: 302,
        x_begin: 303,
        x_end: 304,
        y_begin: 305,
        y_end: 306,
        polarity: 307,
        flags: 308,
    },
    frame: FrameDesc {
        begin: 401,
        end: 402,
        start: 403,
        stop: 404,
        first: 405,
        last: 406,
        from: 407,
        to: 408,
        events: 409,
        left_out: 410,
        beyond: 411,
    },
    canvas: CanvasDesc {
        width: 501,
        height: 502,
        plane: 503,
        timed: 504,
        stride: 505,
    },
};

/// What it must answer to that.
pub(crate) fn expected() -> Vec<u64> {
    let fields = |size: usize, fields: std::ops::RangeInclusive<u64>| {
        std::iter::once(size as u64).chain(fields)
    };
    let flags = [
        FILTER_TIME,
        FILTER_REGION,
        FILTER_POLARITY,
        CLOCK_ENDS,
        CLOCK_FOUND,
        CLOCK_WINDOW,
        CLOCK_EVENTS,
        LATEST_EXP,
        LATEST_LINEAR,
        LATEST_SECONDS,
        BINS_ENDS,
        BINS_ENDS32,
        BINS_STARTS,
        BINS_CENTERS,
        PIECE_FIRST,
        PIECE_LAST,
        PIECE_BACKWARDS,
        PAINT_THREADS,
        PAINT_EVENTS,
        BAND_THREADS,
        PACK_THREADS,
    ];
    fields(size_of::<ChunkDesc>(), 101..=113)
        .chain(fields(size_of::<ColumnAddresses>(), 201..=204))
        .chain(fields(size_of::<Filter>(), 301..=308))
        .chain(fields(size_of::<FrameDesc>(), 401..=411))
        .chain(fields(size_of::<CanvasDesc>(), 501..=505))
        .chain(flags.map(u64::from))
        .chain([FRAME_ALIGN as u64])
        .collect()
}
