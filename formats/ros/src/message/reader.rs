//! The fields of a message, one after the other.

use std::ops::Range;

use super::Layout;

/// What is wrong with a message.
pub(crate) type Wrong = &'static str;

const SHORT: Wrong = "it is shorter than its type says";

/// Bytes before the fields in CDR: which kind of CDR it is, and options.
const CDR_HEAD: usize = 4;

/// Bytes of a message, and where the next field begins.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    layout: Layout,
}

/// `std_msgs/Header`.
pub(crate) struct Header<'a> {
    /// Nanoseconds since 1970, or since whatever the clock of ROS counts from.
    pub(crate) stamp: i64,
    pub(crate) frame_id: &'a str,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(layout: Layout, bytes: &'a [u8]) -> Result<Self, Wrong> {
        let mut reader = Self {
            bytes,
            at: 0,
            layout,
        };
        if layout == Layout::Cdr {
            match reader.array::<CDR_HEAD>()? {
                // Big- and little-endian CDR; the others have lists of parameters, or other sizes of
                // alignment. ROS 2 writes the second.
                [0, 1, ..] => {}
                [0, 0, ..] => return Err("it is in big-endian CDR, which is not read"),
                _ => return Err("it is in a kind of CDR that is not read"),
            }
        }
        Ok(reader)
    }

    /// Where the next field begins, if that needs no alignment.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    fn align(&mut self, size: usize) {
        if self.layout == Layout::Cdr {
            self.at = (self.at - CDR_HEAD).next_multiple_of(size) + CDR_HEAD;
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Wrong> {
        let rest = self.bytes.get(self.at..).ok_or(SHORT)?;
        let value = rest.first_chunk().ok_or(SHORT)?;
        self.at += N;
        Ok(*value)
    }

    fn aligned<const N: usize>(&mut self) -> Result<[u8; N], Wrong> {
        self.align(N);
        self.array()
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Wrong> {
        self.array().map(u8::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Wrong> {
        self.aligned().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Wrong> {
        self.aligned().map(u64::from_le_bytes)
    }

    pub(crate) fn f64(&mut self) -> Result<f64, Wrong> {
        self.aligned().map(f64::from_le_bytes)
    }

    /// So many numbers.
    pub(crate) fn f64s<const N: usize>(&mut self) -> Result<[f64; N], Wrong> {
        let mut values = [0.0; N];
        for value in &mut values {
            *value = self.f64()?;
        }
        Ok(values)
    }

    /// `time` of ROS 1, `builtin_interfaces/Time` of ROS 2: in nanoseconds.
    pub(crate) fn time(&mut self) -> Result<i64, Wrong> {
        let seconds = self.u32()?;
        let nanoseconds = self.u32()?;
        Ok(nanoseconds_of(self.layout, seconds, nanoseconds))
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Wrong> {
        let range = self.sequence(1)?;
        let bytes = &self.bytes[range];
        // CDR has a zero behind it, which is counted.
        let bytes = match self.layout {
            Layout::Cdr => bytes.strip_suffix(&[0]).unwrap_or(bytes),
            Layout::Ros1 => bytes,
        };
        std::str::from_utf8(bytes).map_err(|_| "a text of it is no UTF-8")
    }

    /// A list of elements of this size, which need no alignment beyond that of their number: where they
    /// are.
    pub(crate) fn sequence(&mut self, size: usize) -> Result<Range<usize>, Wrong> {
        let n = self.u32()? as usize;
        self.elements(n.checked_mul(size).ok_or(SHORT)?)
    }

    /// So many bytes of elements.
    pub(crate) fn elements(&mut self, len: usize) -> Result<Range<usize>, Wrong> {
        let end = self
            .at
            .checked_add(len)
            .filter(|end| *end <= self.bytes.len());
        let range = self.at..end.ok_or(SHORT)?;
        self.at = range.end;
        Ok(range)
    }

    pub(crate) fn header(&mut self) -> Result<Header<'a>, Wrong> {
        if self.layout == Layout::Ros1 {
            // A number of the message, which ROS 2 has not.
            self.u32()?;
        }
        Ok(Header {
            stamp: self.time()?,
            frame_id: self.text()?,
        })
    }

    /// Whether this is the end, as it must be: otherwise it is a message of another type.
    pub(crate) fn end(self) -> Result<(), Wrong> {
        // Messages of CDR may be filled up to a multiple of what anything is aligned to.
        let slack = match self.layout {
            Layout::Ros1 => 0,
            Layout::Cdr => 7,
        };
        match self.bytes.len() - self.at <= slack {
            true => Ok(()),
            false => Err("it is longer than its type says"),
        }
    }
}

/// A time of ROS. Seconds have a sign in ROS 2 alone.
pub(crate) fn nanoseconds_of(layout: Layout, seconds: u32, nanoseconds: u32) -> i64 {
    let seconds = match layout {
        Layout::Ros1 => i64::from(seconds),
        Layout::Cdr => i64::from(seconds.cast_signed()),
    };
    seconds * 1_000_000_000 + i64::from(nanoseconds)
}
