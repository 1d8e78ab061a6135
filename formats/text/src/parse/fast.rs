//! Regular lines, with no branch that depends on their digits.
//!
//! A line is looked at as a window of bytes. One comparison over the first 32 (or 64) of them gives
//! a mask with a bit for each byte that is no digit; the bits are, in order, the point in the time,
//! the separators and the end of the line, so peeling them off one by one gives where each number
//! starts and ends. Numbers are then made from the 8 bytes in front of their end, at once. All
//! checks are gathered into one truth value. What does not pass is left to the slow path, so this
//! path need only be right where it says yes; it says yes only to lines that a writer would print
//! with the same bytes.

use evz_core::{Column, ColumnOrder, EventBatch, PolarityStyle};
use pulp::{Arch, NullaryFnOnce};
use wide::i8x16;

use crate::{
    detect::Dialect,
    format::{CoordinateStyle, LineEnd, decimals_to_nanosecond},
};

/// Bytes that must be readable before the text of a block.
pub(crate) const FRONT: usize = 16;
/// Bytes that must be readable, and no digits, after it.
pub(crate) const BACK: usize = WINDOW - FRONT;
/// Events in one go; their columns are arrays of this length, so that writing needs no checks.
pub(crate) const RUN: usize = 1024;

const WINDOW: usize = 160;
type Window = [u8; WINDOW];

/// What one line must look like, and which of the loops below reads such lines.
#[derive(Debug, Clone)]
pub(crate) struct Fast {
    run: RunFn,
    shape: Shape,
}

type RunFn = fn(&Shape, &[u8], usize, &mut EventBatch, usize) -> (usize, usize);

#[derive(Debug, Clone)]
struct Shape {
    separator: u8,
    decimals: usize,
    /// The end of a line as the two bytes where it starts, and the bits of them that count.
    end: u16,
    end_mask: u16,
    end_len: usize,
    /// `False` and `True` as words of memory, where that is how polarity is written.
    off: u64,
    on: u64,
}

impl Fast {
    /// The fast path for a dialect, if there is one.
    pub(crate) fn new(dialect: &Dialect) -> Option<Self> {
        let format = &dialect.format;
        let &[separator] = format.separator.as_bytes() else {
            return None;
        };
        let plain = dialect.line.is_plain();
        let decimals = format.decimals;
        let (end, end_mask) = match format.line_end {
            LineEnd::Lf => (u16::from(b'\n'), 0x00ff),
            LineEnd::CrLf => (u16::from_le_bytes(*b"\r\n"), 0xffff),
        };
        let suits = plain
            && decimals <= decimals_to_nanosecond(format.time_unit)
            && format.coordinates == CoordinateStyle::Integer;
        let run = choose(
            format.columns,
            dialect.longest_line > 32,
            decimals,
            format.polarity,
        )?;
        let [off, on] = format.polarity.words().map(str::as_bytes);
        suits.then_some(Self {
            run,
            shape: Shape {
                separator,
                decimals: usize::from(decimals),
                end,
                end_mask,
                end_len: format.line_end.bytes().len(),
                off: word(off),
                on: word(on),
            },
        })
    }

    /// Reads lines from byte `at` of a block into `batch` from event `first` on, up to the first
    /// line that is not regular, at most [`RUN`] of them. Returns how many lines and bytes.
    pub(crate) fn run(
        &self,
        text: &[u8],
        at: usize,
        batch: &mut EventBatch,
        first: usize,
    ) -> (usize, usize) {
        (self.run)(&self.shape, text, at, batch, first)
    }
}

const TXYP: u16 = 0x0123;
const XYTP: u16 = 0x1203;
const XYPT: u16 = 0x1230;

/// The column in a slot, from an order packed as four digits: 0 is t, 1 x, 2 y, 3 p.
const fn slot(order: u16, i: usize) -> u16 {
    order >> (12 - 4 * i) & 3
}

fn pack(order: ColumnOrder) -> u16 {
    order.columns().into_iter().fold(0, |packed, column| {
        packed << 4
            | match column {
                Column::T => 0,
                Column::X => 1,
                Column::Y => 2,
                Column::P => 3,
            }
    })
}

/// Decimals that are not known before the text is.
const ANY: usize = 10;

/// A loop for each order in use, made for its place of the columns. The others go the slow path.
fn choose(order: ColumnOrder, wide: bool, decimals: u8, polarity: PolarityStyle) -> Option<RunFn> {
    Some(match pack(order) {
        TXYP => with_order::<TXYP>(wide, decimals, polarity),
        XYTP => with_order::<XYTP>(wide, decimals, polarity),
        XYPT => with_order::<XYPT>(wide, decimals, polarity),
        _ => return None,
    })
}

/// And for the decimals that most texts have.
fn with_order<const ORDER: u16>(wide: bool, decimals: u8, polarity: PolarityStyle) -> RunFn {
    match decimals {
        0 => with_decimals::<ORDER, 0>(wide, polarity),
        6 => with_decimals::<ORDER, 6>(wide, polarity),
        9 => with_decimals::<ORDER, 9>(wide, polarity),
        _ => with_decimals::<ORDER, ANY>(wide, polarity),
    }
}

fn with_decimals<const ORDER: u16, const DECIMALS: usize>(
    wide: bool,
    polarity: PolarityStyle,
) -> RunFn {
    match (wide, polarity) {
        (false, PolarityStyle::ZeroOne) => run::<ORDER, DECIMALS, false, ZERO_ONE>,
        (false, PolarityStyle::MinusPlus) => run::<ORDER, DECIMALS, false, SIGNED>,
        (false, _) => run::<ORDER, DECIMALS, false, WORDS>,
        (true, PolarityStyle::ZeroOne) => run::<ORDER, DECIMALS, true, ZERO_ONE>,
        (true, PolarityStyle::MinusPlus) => run::<ORDER, DECIMALS, true, SIGNED>,
        (true, _) => run::<ORDER, DECIMALS, true, WORDS>,
    }
}

/// How polarity is written, as what a loop can be made for.
const ZERO_ONE: u8 = 0;
const SIGNED: u8 = 1;
const WORDS: u8 = 2;

/// Up to 8 bytes, the first of them lowest.
fn word(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |word, &b| word << 8 | u64::from(b))
}

/// The loop, compiled twice: for any processor, and for those with AVX2 and its bit instructions,
/// where it takes a third fewer of them.
fn run<const ORDER: u16, const DECIMALS: usize, const WIDE: bool, const POLARITY: u8>(
    shape: &Shape,
    text: &[u8],
    at: usize,
    batch: &mut EventBatch,
    first: usize,
) -> (usize, usize) {
    struct Lines<'a, const O: u16, const D: usize, const W: bool, const P: u8>(
        &'a Shape,
        &'a [u8],
        usize,
        &'a mut EventBatch,
        usize,
    );
    impl<const O: u16, const D: usize, const W: bool, const P: u8> NullaryFnOnce
        for Lines<'_, O, D, W, P>
    {
        type Output = (usize, usize);

        #[inline(always)]
        fn call(self) -> (usize, usize) {
            lines::<O, D, W, P>(self.0, self.1, self.2, self.3, self.4)
        }
    }
    let lines = Lines::<ORDER, DECIMALS, WIDE, POLARITY>(shape, text, at, batch, first);
    Arch::new().dispatch(lines)
}

#[inline(always)]
fn lines<const ORDER: u16, const DECIMALS: usize, const WIDE: bool, const POLARITY: u8>(
    shape: &Shape,
    text: &[u8],
    at: usize,
    batch: &mut EventBatch,
    first: usize,
) -> (usize, usize) {
    let (Some(t), Some(x), Some(y), Some(p)) = (
        batch.t[first..].first_chunk_mut::<RUN>(),
        batch.x[first..].first_chunk_mut::<RUN>(),
        batch.y[first..].first_chunk_mut::<RUN>(),
        batch.p[first..].first_chunk_mut::<RUN>(),
    ) else {
        return (0, 0);
    };
    let mut here = at;
    for i in 0..RUN {
        let Some(window) = text.get(here..).and_then(<[u8]>::first_chunk::<WINDOW>) else {
            return (i, here - at);
        };
        let line = line::<ORDER, DECIMALS, WIDE, POLARITY>(shape, window);
        if !line.regular {
            return (i, here - at);
        }
        t[i] = line.t;
        x[i] = line.x;
        y[i] = line.y;
        p[i] = line.p;
        here += line.len;
    }
    (RUN, here - at)
}

struct Read {
    regular: bool,
    len: usize,
    t: i64,
    x: u16,
    y: u16,
    p: u8,
}

/// What is wrong with a line, gathered without a branch.
#[derive(Default)]
struct Wrong {
    /// Not zero if something differs that must be equal.
    differs: usize,
    /// Negative if something is out of its range.
    outside: isize,
}

impl Wrong {
    #[inline(always)]
    fn unless_equal(&mut self, a: impl Into<usize>, b: impl Into<usize>) {
        self.differs |= a.into() ^ b.into();
    }

    /// A number must have between 1 and `2^most_log2` digits, and no zero in front of others.
    #[inline(always)]
    fn unless_number(&mut self, first_digit: u8, len: usize, most_log2: u32) {
        self.differs |= len.wrapping_sub(1) >> most_log2;
        self.outside |=
            (isize::from(first_digit) - isize::from(b'1')) & 1isize.wrapping_sub(len as isize);
    }
}

#[inline(always)]
fn line<const ORDER: u16, const DECIMALS: usize, const WIDE: bool, const POLARITY: u8>(
    shape: &Shape,
    window: &Window,
) -> Read {
    let mut marks = mask::<WIDE>(window, is_no_digit);
    let mut wrong = Wrong::default();
    let (mut start, mut end) = (0, 0);
    let (mut t, mut xy, mut p) = (0, 0u64, 0);
    for i in 0..4 {
        let column = slot(ORDER, i);
        let mut point = 0;
        if DECIMALS > 0 && column == 0 {
            point = next_mark::<WIDE>(marks);
            marks &= marks.wrapping_sub(1);
        }
        let (mut minus, mut len_of_word) = (0, 0);
        if POLARITY == SIGNED && column == 3 {
            minus = usize::from(byte(window, start) == b'-');
            // Takes the bit of the sign off, if there is one.
            marks &= marks.wrapping_sub(minus as u64);
        }
        if POLARITY == WORDS && column == 3 {
            let found = bytes8(window, start);
            let is_on = found & 0xffff_ffff == shape.on;
            let is_off = found & 0xff_ffff_ffff == shape.off;
            len_of_word = 4 + usize::from(is_off);
            wrong.differs |= usize::from(!(is_on | is_off));
            // Takes the bits of the letters off.
            marks &= u64::MAX << ((start + len_of_word) & 63);
            p = u8::from(is_on);
        }
        end = next_mark::<WIDE>(marks);
        if i < 3 {
            marks &= marks.wrapping_sub(1);
            wrong.unless_equal(byte(window, end), shape.separator);
        }
        let len = end.wrapping_sub(start);
        match column {
            0 if DECIMALS > 0 => {
                t = seconds::<DECIMALS>(shape, window, [start, point, end], &mut wrong);
            }
            0 => {
                t = whole(window, end, len) as i64;
                // Epoch nanoseconds have 19 digits, which may be beyond 63 bits.
                wrong.unless_number(byte(window, start), len, 5);
                wrong.differs |= usize::from(len > 19);
                wrong.outside |= t as isize;
            }
            1 | 2 => {
                wrong.unless_number(byte(window, start), len, 2);
                xy |= u64::from(digits4(window, end, len)) << (32 * (column - 1));
            }
            _ if POLARITY == WORDS => wrong.unless_equal(len, len_of_word),
            _ => {
                let digit = byte(window, start + minus);
                wrong.unless_equal(len, 1 + minus);
                if POLARITY == SIGNED {
                    wrong.unless_equal(digit, b'1');
                    p = 1 - minus as u8;
                } else {
                    wrong.unless_equal(digit | 1, b'1');
                    p = digit & 1;
                }
            }
        }
        start = end + 1;
    }
    // Without a mark of its own the end would be made up; it would be no end of a line either.
    let line_end = u16::from_le_bytes([byte(window, end), byte(window, end + 1)]);
    wrong.unless_equal(line_end & shape.end_mask, shape.end);
    // x and y together: pairs of digits, then pairs of pairs.
    let xy = (xy.wrapping_mul(2561) >> 8) & 0x00ff_00ff_00ff_00ff;
    let xy = (xy.wrapping_mul(6_553_601) >> 16) & 0x0000_ffff_0000_ffff;
    Read {
        regular: (marks != 0) & (wrong.differs == 0) & (wrong.outside >= 0),
        len: end + shape.end_len,
        t,
        x: xy as u16,
        y: (xy >> 32) as u16,
        p,
    }
}

/// A time with a point, in units of its last decimal.
#[inline(always)]
fn seconds<const DECIMALS: usize>(
    shape: &Shape,
    window: &Window,
    [start, point, end]: [usize; 3],
    wrong: &mut Wrong,
) -> i64 {
    let decimals = if DECIMALS == ANY {
        shape.decimals
    } else {
        DECIMALS
    };
    let len = point.wrapping_sub(start);
    wrong.unless_equal(byte(window, point), b'.');
    wrong.unless_equal(end.wrapping_sub(point), decimals + 1);
    // At most 18 digits in all, which 64 bits hold.
    wrong.unless_number(byte(window, start), len, 4);
    wrong.differs |= usize::from(len > 18 - decimals.min(9));
    let mut fraction = digits(window, end, decimals.min(8));
    if decimals == 9 {
        let first = byte(window, end.wrapping_sub(9)).wrapping_sub(b'0');
        fraction += u64::from(first) * 100_000_000;
    }
    let unit = 10u64.pow(decimals.min(9) as u32);
    (whole(window, point, len).wrapping_mul(unit)).wrapping_add(fraction) as i64
}

/// A whole number of `len` digits that ends before `end`; of the last 19 if there are more.
#[inline(always)]
fn whole(window: &Window, end: usize, len: usize) -> u64 {
    // The length changes a few times in a recording, so this branch costs nothing.
    if len <= 8 {
        digits(window, end, len)
    } else {
        let high = digits(window, end.wrapping_sub(8), (len - 8).min(8));
        let value = digits(window, end, 8) + high * 100_000_000;
        if len <= 16 {
            return value;
        }
        let top = digits(window, end.wrapping_sub(16), (len - 16).min(3));
        value.wrapping_add(top.wrapping_mul(10_000_000_000_000_000))
    }
}

/// Where the next byte that is no digit stands, and the last place if there is none.
#[inline(always)]
fn next_mark<const WIDE: bool>(marks: u64) -> usize {
    // The bit set spares the compiler the case of no bit.
    if WIDE {
        (marks | 1 << 63).trailing_zeros() as usize
    } else {
        (marks as u32 | 1 << 31).trailing_zeros() as usize
    }
}

/// The byte at `i` of the line. The mask tells the compiler that it lies in the window.
#[inline(always)]
fn byte(window: &Window, i: usize) -> u8 {
    window[FRONT + (i & 127)]
}

/// The number of the `len` digits, at most 8 and at least 1, that end before `end`.
#[inline(always)]
fn digits(window: &Window, end: usize, len: usize) -> u64 {
    let from = FRONT - 8 + (end & 127);
    let Some(word) = window[from..].first_chunk::<8>() else {
        return 0;
    };
    let mask = 0x0f0f_0f0f_0f0f_0f0f_u64.wrapping_shl((len as u32).wrapping_mul(8).wrapping_neg());
    let word = u64::from_le_bytes(*word) & mask;
    // Pairs of digits, pairs of pairs, and the two halves.
    let word = (word.wrapping_mul(2561) >> 8) & 0x00ff_00ff_00ff_00ff;
    let word = (word.wrapping_mul(6_553_601) >> 16) & 0x0000_ffff_0000_ffff;
    word.wrapping_mul(42_949_672_960_001) >> 32
}

/// The 8 bytes from `start` on.
#[inline(always)]
fn bytes8(window: &Window, start: usize) -> u64 {
    let from = FRONT + (start & 127);
    window[from..]
        .first_chunk()
        .map_or(0, |word| u64::from_le_bytes(*word))
}

/// The digits, not yet made a number, of at most 4 that end before `end`.
#[inline(always)]
fn digits4(window: &Window, end: usize, len: usize) -> u32 {
    let from = FRONT - 4 + (end & 127);
    let Some(word) = window[from..].first_chunk::<4>() else {
        return 0;
    };
    let mask = 0x0f0f_0f0f_u32.wrapping_shl((len as u32).wrapping_mul(8).wrapping_neg());
    u32::from_le_bytes(*word) & mask
}

/// A bit for each of the first 32 (or 64) bytes of the line for which `is` says so.
#[inline(always)]
fn mask<const WIDE: bool>(window: &Window, is: impl Fn(i8x16) -> i8x16) -> u64 {
    let part = |i: usize| {
        window[FRONT + 16 * i..]
            .first_chunk::<16>()
            .map_or(0, |bytes| {
                let bytes = i8x16::new(bytes.map(|b| b as i8));
                u64::from(is(bytes).to_bitmask() as u16) << (16 * i)
            })
    };
    let low = part(0) | part(1);
    if WIDE { low | part(2) | part(3) } else { low }
}

#[inline(always)]
fn is_no_digit(bytes: i8x16) -> i8x16 {
    // Moves '0'..='9' to the bottom of the signed bytes, so that one comparison tells.
    let moved = bytes - i8x16::splat((b'0' ^ 0x80) as i8);
    moved.simd_gt(i8x16::splat(-128 + 9))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use evz_core::OnBadLine;

    use crate::parse::Parser;

    #[test]
    fn the_mask_is_right_for_every_byte() {
        for byte in 0..=255u8 {
            for place in 0..16 {
                let mut bytes = *b"0123456789012345";
                bytes[place] = byte;
                let mut window = [b'7'; WINDOW];
                window[FRONT..FRONT + 16].copy_from_slice(&bytes);
                let found = mask::<false>(&window, is_no_digit) as u16;
                let expected = u16::from(!byte.is_ascii_digit()) << place;
                assert_eq!(found, expected, "{byte} at {place}");
            }
        }
    }

    proptest! {
        #[test]
        fn fast_and_slow_agree(
            lines in prop::collection::vec(line_like(), 1..40),
            order in prop::sample::select(vec!["txyp", "xytp", "xypt", "tyxp"]),
            unit in prop::sample::select(vec!["s", "us", "ns"]),
            decimals in 0..=9u8,
            polarity in prop::sample::select(vec!["0/1", "-1/1", "False/True", "FALSE/TRUE"]),
            crlf in any::<bool>(),
            wide in any::<bool>(),
        ) {
            let end = if crlf { "\r\n" } else { "\n" };
            let order: ColumnOrder = order.parse().unwrap();
            let unit: evz_core::TimeUnit = unit.parse().unwrap();
            let decimals = decimals.min(unit.decimals_to_nanosecond());
            let mut format = crate::format::TextFormat::usual(evz_core::TimeBase::NANOSECONDS);
            format.columns = order;
            format.time_unit = unit.time_base();
            format.decimals = decimals;
            format.polarity = polarity.parse().unwrap();
            format.line_end = if crlf { LineEnd::CrLf } else { LineEnd::Lf };
            let ticks = unit.nanoseconds() / 10u64.pow(u32::from(decimals));
            let dialect = Dialect {
                polarities: Default::default(),
                format,
                split: crate::line::Split::Blanks,
                line: crate::line_columns::LineColumns::PLAIN,
                passed_over: Vec::new(),
                unused: None,
                time_base: evz_core::TimeBase::from_nanoseconds(ticks).unwrap(),
                size: None,
                header_len: 0,
                longest_line: if wide { 40 } else { 30 },
                summary: String::new(),
            };
            let text: String = lines.iter().map(|l| l.write(order, decimals) + end).collect();
            let mut buffer = vec![b'7'; FRONT];
            buffer.extend_from_slice(text.as_bytes());
            buffer.extend_from_slice(&[0; BACK]);
            let fast = Parser::new(&dialect, OnBadLine::Skip);
            let slow = Parser::new(&dialect, OnBadLine::Skip).without_fast();
            let (mut from_fast, mut from_slow) = (EventBatch::default(), EventBatch::default());
            let found_fast = fast.parse(&buffer, text.len(), &mut from_fast);
            let found_slow = slow.parse(&buffer, text.len(), &mut from_slow);
            prop_assert_eq!(from_fast, from_slow);
            prop_assert_eq!(format!("{found_fast:?}"), format!("{found_slow:?}"));
        }
    }

    /// Pieces of a line that is regular more often than not.
    #[derive(Debug, Clone)]
    struct LineLike {
        whole: u64,
        fraction: u64,
        decimals_off: i8,
        x: String,
        y: String,
        p: String,
        separator: String,
    }

    impl LineLike {
        fn write(&self, order: ColumnOrder, decimals: u8) -> String {
            let decimals = (decimals as i8 + self.decimals_off).max(0) as usize;
            let mut t = self.whole.to_string();
            if decimals > 0 {
                let fraction = self.fraction % 10u64.pow(decimals as u32);
                t += &format!(".{fraction:0decimals$}");
            }
            let columns = order.columns().map(|column| match column {
                Column::T => &t,
                Column::X => &self.x,
                Column::Y => &self.y,
                Column::P => &self.p,
            });
            let [a, b, c, d] = columns;
            format!("{a} {b}{}{c} {d}", self.separator)
        }
    }

    fn line_like() -> impl Strategy<Value = LineLike> {
        let side = || {
            prop_oneof![
                20 => (0..1300u32).prop_map(|n| n.to_string()),
                1 => any::<u32>().prop_map(|n| n.to_string()),
                1 => prop::sample::select(vec!["", "00", "012", "-3", "+3", "3.0", "1e2", "x", "65535", "65536"])
                    .prop_map(str::to_owned),
            ]
        };
        (
            prop_oneof![6 => 0..2_000_000_000u64, 3 => 0..12u64, 2 => any::<u64>()],
            any::<u64>(),
            prop_oneof![12 => Just(0i8), 1 => -1..=1i8],
            side(),
            side(),
            prop::sample::select(vec![
                "0", "1", "1", "1", "-1", "0", "2", "", "01", "1 ", "True", "False", "TRUE",
                "FALSE", "Trux",
            ]),
            prop::sample::select(vec![" ", " ", " ", " ", "  ", "\t", ",", " \n"]),
        )
            .prop_map(
                |(whole, fraction, decimals_off, x, y, p, separator)| LineLike {
                    whole,
                    fraction,
                    decimals_off,
                    x,
                    y,
                    p: p.to_owned(),
                    separator: separator.to_owned(),
                },
            )
    }
}
