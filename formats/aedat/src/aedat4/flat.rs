//! Flatbuffers, read without believing any offset in them.
//!
//! The `flatbuffers` crate would need code generated from the vendor's schemas, which is full of
//! unsafe blocks, and a pass of its verifier over all bytes before the first field. What these few
//! tables need is little: fields by number, and vectors of bytes, structs and tables. Every read
//! here is checked where it happens. <https://flatbuffers.dev/internals/> describes the layout.

/// What is wrong, or what was read.
pub(super) type Flat<T> = Result<T, &'static str>;

const OUTSIDE: &str = "an offset in it leads outside";

/// A table, or any place that an offset has led to.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the description of its fields begins.
    vtable: usize,
    /// Offsets of the fields, two bytes each.
    fields: &'a [u8],
}

/// A vector; of a buffer that was cut only its first elements are there.
pub(super) struct Vector<'a> {
    /// Elements that it claims to have.
    pub(super) claimed: usize,
    /// The elements that are there, whole ones.
    pub(super) bytes: &'a [u8],
    /// Bytes behind them in a buffer whose table comes before them, so that nothing leads there.
    pub(super) behind: Option<usize>,
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Flat<[u8; N]> {
    let rest = bytes.get(at..).ok_or(OUTSIDE)?;
    rest.first_chunk().copied().ok_or(OUTSIDE)
}

/// Where the offset at `at`, which counts from there, leads.
fn follow(bytes: &[u8], at: usize) -> Flat<usize> {
    let offset = u32::from_le_bytes(array(bytes, at)?);
    at.checked_add(offset as usize).ok_or(OUTSIDE)
}

/// The four characters that tell what the root is.
pub(super) fn identifier(bytes: &[u8]) -> Flat<[u8; 4]> {
    array(bytes, 4)
}

impl<'a> Table<'a> {
    /// The table that a buffer, without its size, begins with.
    pub(super) fn root(bytes: &'a [u8]) -> Flat<Self> {
        Self::new(bytes, follow(bytes, 0)?)
    }

    fn new(bytes: &'a [u8], at: usize) -> Flat<Self> {
        let back = i32::from_le_bytes(array(bytes, at)?);
        let vtable = i64::try_from(at).map_err(|_| OUTSIDE)? - i64::from(back);
        let vtable = usize::try_from(vtable).map_err(|_| OUTSIDE)?;
        let len = usize::from(u16::from_le_bytes(array(bytes, vtable)?));
        let described = bytes.get(vtable..).and_then(|rest| rest.get(..len));
        // Behind its own length and that of the table come the fields.
        let fields = described.and_then(|v| v.get(4..)).ok_or(OUTSIDE)?;
        Ok(Self {
            bytes,
            at,
            vtable,
            fields,
        })
    }

    /// Where a field lies, if it is there.
    fn field(&self, number: usize) -> Option<usize> {
        let offset = self.fields.get(2 * number..)?.first_chunk()?;
        let offset = usize::from(u16::from_le_bytes(*offset));
        (offset > 0).then(|| self.at + offset)
    }

    /// The bytes of a number; zeros if it is not there, which is what all numbers here default to.
    fn number<const N: usize>(&self, number: usize) -> Flat<[u8; N]> {
        self.field(number)
            .map_or(Ok([0; N]), |at| array(self.bytes, at))
    }

    pub(super) fn u8(&self, number: usize) -> Flat<u8> {
        self.number(number).map(u8::from_le_bytes)
    }

    pub(super) fn i16(&self, number: usize) -> Flat<i16> {
        self.number(number).map(i16::from_le_bytes)
    }

    pub(super) fn i32(&self, number: usize) -> Flat<i32> {
        self.number(number).map(i32::from_le_bytes)
    }

    pub(super) fn i64(&self, number: usize) -> Flat<i64> {
        self.number(number).map(i64::from_le_bytes)
    }

    pub(super) fn f32(&self, number: usize) -> Flat<f32> {
        self.number(number).map(f32::from_le_bytes)
    }

    /// A struct of the number of a stream and the length of a packet: two numbers of 32 bits.
    pub(super) fn packet_head(&self, number: usize) -> Flat<(i32, u32)> {
        let bytes: u64 = u64::from_le_bytes(self.number(number)?);
        Ok((bytes as i32, (bytes >> 32) as u32))
    }

    pub(super) fn has(&self, number: usize) -> bool {
        self.field(number).is_some()
    }

    /// Where the elements of a vector begin, each of `len` bytes, how many it claims to have and how
    /// many of those are there; none at all if the vector is not there.
    fn elements(&self, number: usize, len: usize) -> Flat<(usize, usize, usize)> {
        let Some(field) = self.field(number) else {
            return Ok((0, 0, 0));
        };
        let at = follow(self.bytes, field)?;
        let claimed = u32::from_le_bytes(array(self.bytes, at)?) as usize;
        let start = at + 4;
        Ok((
            start,
            claimed,
            claimed.min((self.bytes.len() - start) / len),
        ))
    }

    /// A vector of elements of `len` bytes.
    pub(super) fn vector(&self, number: usize, len: usize) -> Flat<Vector<'a>> {
        let (start, claimed, whole) = self.elements(number, len)?;
        let end = start + whole * len;
        let is_last = self.at.max(self.vtable) < start;
        Ok(Vector {
            claimed,
            bytes: &self.bytes[start..end],
            behind: is_last.then(|| self.bytes.len() - end),
        })
    }

    /// A vector of bytes, or those of a text.
    pub(super) fn bytes(&self, number: usize) -> Flat<&'a [u8]> {
        let vector = self.vector(number, 1)?;
        if vector.bytes.len() < vector.claimed {
            return Err(OUTSIDE);
        }
        Ok(vector.bytes)
    }

    /// The tables that a vector leads to, at most `limit`: many offsets may lead to the same one.
    pub(super) fn tables(&self, number: usize, limit: usize) -> Flat<Vec<Self>> {
        let (start, claimed, whole) = self.elements(number, 4)?;
        if whole < claimed {
            return Err(OUTSIDE);
        }
        if claimed > limit {
            return Err("it has more elements than are read");
        }
        (0..claimed)
            .map(|i| Self::new(self.bytes, follow(self.bytes, start + 4 * i)?))
            .collect()
    }
}
