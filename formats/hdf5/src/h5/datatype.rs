//! Types of values. File format specification, IV.A.2.d.

use std::fmt;

use evz_core::Result;

use super::fields::Fields;

/// Types within types, and fields of a record, at most.
const MAX_DEPTH: usize = 8;
const MAX_FIELDS: usize = 4096;

/// The type of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scalar {
    pub(crate) kind: Kind,
    /// Bytes: 1, 2, 4 or 8; a float has 4 or 8.
    pub(crate) size: usize,
    pub(crate) big_endian: bool,
    pub(crate) names: Names,
}

/// What the names that an enumeration gives its numbers say of polarities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// There are none.
    None,
    /// Which number is on and which is off.
    Signs { on: i64, off: i64 },
    /// Nothing that is known.
    Others,
}

/// What kind of number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Uint,
    Float,
    /// Yes or no, as h5py writes it: an enumeration of FALSE and TRUE.
    Bool,
}

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    Number(Scalar),
    /// Named fields, and the bytes of all of them.
    Record(Vec<Field>, usize),
    /// Text of so many bytes.
    Text(usize),
    /// Text of any length, elsewhere.
    LongText,
    /// What is not read: what it is, and its bytes.
    Other(&'static str, usize),
}

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) offset: usize,
    pub(crate) of: Type,
}

impl Type {
    pub(crate) fn read(fields: &mut Fields<'_>) -> Result<Self> {
        read(fields, 0)
    }

    /// Bytes of a value.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Number(scalar) => scalar.size,
            Self::Record(_, size) | Self::Text(size) | Self::Other(_, size) => *size,
            // A length, an address and a number.
            Self::LongText => 16,
        }
    }
}

fn read(fields: &mut Fields<'_>, depth: usize) -> Result<Type> {
    if depth > MAX_DEPTH {
        return Err(fields.corrupt("types that are nested too deep"));
    }
    let class_and_version = fields.u8()?;
    let (class, version) = (class_and_version & 15, class_and_version >> 4);
    let bits = fields.uint(3)? as u32;
    let size = fields.u32()? as usize;
    match class {
        0 => {
            let (offset, precision) = (fields.u16()?, fields.u16()?);
            let whole = offset == 0 && usize::from(precision) == size * 8;
            let scalar = Scalar {
                kind: if bits & 8 != 0 { Kind::Int } else { Kind::Uint },
                size,
                big_endian: bits & 1 != 0,
                names: Names::None,
            };
            Ok(match size {
                1 | 2 | 4 | 8 if whole => Type::Number(scalar),
                _ => Type::Other("whole numbers of a part of their bits", size),
            })
        }
        1 => {
            fields.skip(12)?;
            let scalar = Scalar {
                kind: Kind::Float,
                size,
                big_endian: bits & 1 != 0,
                names: Names::None,
            };
            Ok(match size {
                // Bit 6 with bit 0 is the order of a VAX.
                4 | 8 if bits & 0x40 == 0 => Type::Number(scalar),
                2 => Type::Other("float16", size),
                _ => Type::Other("floats of an unusual size", size),
            })
        }
        3 => Ok(Type::Text(size)),
        6 => record(fields, depth, version, (bits & 0xffff) as usize, size),
        8 => enumeration(fields, depth, version, (bits & 0xffff) as usize),
        9 => {
            let is_text = bits & 15 == 1;
            read(fields, depth + 1)?;
            Ok(match is_text {
                true => Type::LongText,
                false => Type::Other("lists of any length", size),
            })
        }
        10 => {
            let rank = usize::from(fields.u8()?);
            fields.skip(if version < 3 { 3 } else { 0 })?;
            fields.skip(4 * rank)?;
            fields.skip(if version < 3 { 4 * rank } else { 0 })?;
            read(fields, depth + 1)?;
            Ok(Type::Other("arrays", size))
        }
        // A class without a type of its own behind it ends a record's fields: none of these is read.
        2 => Ok(skipped(fields, 2, "times", size)),
        4 => Ok(skipped(fields, 4, "bit fields", size)),
        5 => Ok(skipped(fields, (bits & 255) as usize, "bytes", size)),
        7 => Ok(Type::Other("references", size)),
        _ => Ok(Type::Other("an unknown type", size)),
    }
}

/// A type that is passed over, with its properties.
fn skipped(fields: &mut Fields<'_>, properties: usize, what: &'static str, size: usize) -> Type {
    // What is cut off there is noticed by whatever comes next.
    let _ = fields.skip(properties);
    Type::Other(what, size)
}

fn record(
    fields: &mut Fields<'_>,
    depth: usize,
    version: u8,
    n: usize,
    size: usize,
) -> Result<Type> {
    if n > MAX_FIELDS {
        return Err(fields.corrupt(format!("a record of {n} fields")));
    }
    let mut members = Vec::new();
    for _ in 0..n {
        let name = name(fields, version)?;
        let offset = match version {
            3.. => fields.size(bytes_for(size))?,
            _ => fields.size(4)?,
        };
        if version == 1 {
            // Dimensions, which version 2 gave up.
            fields.skip(28)?;
        }
        let of = read(fields, depth + 1)?;
        let end = offset.checked_add(of.size());
        if end.is_none_or(|end| end > size) {
            return Err(fields.corrupt(format!("the field {name:?} ends beyond its record")));
        }
        members.push(Field { name, offset, of });
    }
    Ok(Type::Record(members, size))
}

/// Bytes of the offset of a field in a record of this size.
fn bytes_for(size: usize) -> usize {
    let bits = usize::BITS - size.leading_zeros();
    (bits as usize).div_ceil(8).max(1)
}

/// A name, which the first versions filled up to a multiple of 8 bytes.
fn name(fields: &mut Fields<'_>, version: u8) -> Result<String> {
    let start = fields.position();
    let name = fields.text_to_0()?;
    if version < 3 {
        let len = fields.position() - start;
        fields.skip(len.next_multiple_of(8) - len)?;
    }
    Ok(name)
}

/// Numbers with names are numbers; FALSE and TRUE that are 0 and 1 are bools.
fn enumeration(fields: &mut Fields<'_>, depth: usize, version: u8, n: usize) -> Result<Type> {
    let base = read(fields, depth + 1)?;
    let mut names = Vec::new();
    for _ in 0..n.min(MAX_FIELDS) {
        names.push(name(fields, version)?.to_lowercase());
    }
    let Type::Number(scalar) = base else {
        fields.skip(n.saturating_mul(base.size()))?;
        return Ok(base);
    };
    let mut values = Vec::new();
    for _ in 0..n {
        values.push(whole(fields.take(scalar.size)?, scalar));
    }
    let kind = match scalar.size == 1 && names == ["false", "true"] && values == [0, 1] {
        true => Kind::Bool,
        false => scalar.kind,
    };
    let names = said_by(&names, &values);
    Ok(Type::Number(Scalar {
        kind,
        names,
        ..scalar
    }))
}

/// The whole number in some bytes, 8 at most.
fn whole(bytes: &[u8], scalar: Scalar) -> i64 {
    let mut high_first = bytes.to_vec();
    if !scalar.big_endian {
        high_first.reverse();
    }
    let is_below_0 = scalar.kind == Kind::Int && high_first.first().is_some_and(|b| b & 0x80 != 0);
    let start = if is_below_0 { -1 } else { 0 };
    (high_first.iter()).fold(start, |n: i64, byte| (n << 8) | i64::from(*byte))
}

/// What names, in lower case, say of these numbers.
fn said_by(names: &[String], values: &[i64]) -> Names {
    let value = |words: [&str; 4]| {
        let mut named = names.iter().zip(values);
        let (_, value) = named.find(|(name, _)| words.contains(&name.as_str()))?;
        Some(*value)
    };
    let on = value(["on", "positive", "pos", "true"]);
    let off = value(["off", "negative", "neg", "false"]);
    match (on, off) {
        (Some(on), Some(off)) if names.len() == 2 => Names::Signs { on, off },
        _ => Names::Others,
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = 8 * self.size;
        match self.kind {
            Kind::Int => write!(f, "int{bits}"),
            Kind::Uint => write!(f, "uint{bits}"),
            Kind::Float => write!(f, "float{bits}"),
            Kind::Bool => f.write_str("bool"),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(scalar) => scalar.fmt(f),
            Self::Record(fields, _) => {
                let names: Vec<String> = (fields.iter().take(12))
                    .map(|field| format!("{} {}", field.name, field.of))
                    .collect();
                write!(f, "{{{}}}", names.join(", "))
            }
            Self::Text(_) | Self::LongText => f.write_str("text"),
            Self::Other(what, _) => f.write_str(what),
        }
    }
}
