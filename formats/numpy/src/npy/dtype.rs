//! Types of values: numbers, and records of them.

use evz_core::{ColumnType, TimeBase};

use super::literal::Literal;

/// The type of the values of an array.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Dtype {
    Scalar(Scalar),
    Record {
        fields: Vec<Field>,
        size: usize,
    },
    /// Another type, as it is written.
    Other(String),
}

/// A field of a record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// A second name, which nobody needs to know.
    pub(crate) title: Option<String>,
    pub(crate) offset: usize,
    /// Its type, or how one that is no number is written.
    pub(crate) scalar: Result<Scalar, String>,
}

/// A number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scalar {
    pub(crate) kind: Kind,
    /// Bytes: 1, 2, 4 or 8.
    pub(crate) size: usize,
    pub(crate) big_endian: bool,
    /// How the type is written.
    pub(crate) spelled: String,
}

impl Scalar {
    /// The type of a further column that holds these numbers as they are, if there is one.
    pub(crate) fn column_type(&self) -> Option<ColumnType> {
        Some(match (self.kind, self.size) {
            (Kind::Bool, _) => ColumnType::Bool,
            (Kind::Int, 1) => ColumnType::I8,
            (Kind::Int, 2) => ColumnType::I16,
            (Kind::Int, 4) => ColumnType::I32,
            (Kind::Int, _) => ColumnType::I64,
            (Kind::Uint, 1) => ColumnType::U8,
            (Kind::Uint, 2) => ColumnType::U16,
            (Kind::Uint, 4) => ColumnType::U32,
            (Kind::Uint, _) => ColumnType::U64,
            (Kind::Float, 4) => ColumnType::F32,
            (Kind::Float, _) => ColumnType::F64,
            (Kind::Time(_), _) => return None,
        })
    }
}

/// What kind of number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    Int,
    Uint,
    Float,
    /// A time or a duration as a whole number, in this unit where there is one.
    Time(Option<TimeBase>),
}

/// Why a type cannot be used at all.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// Python objects, which only Python can make.
    Objects,
    /// It makes no sense.
    Nonsense,
    /// A value has more bytes than one needs.
    Large,
}

/// Bytes that a value may have.
const MAX_SIZE: usize = 1 << 16;

impl Dtype {
    /// The type that a `descr` says.
    pub(crate) fn parse(descr: &Literal) -> Result<Self, Unusable> {
        match descr {
            Literal::Text(text) => match simple(text)? {
                (Some(scalar), _) => Ok(Self::Scalar(scalar)),
                (None, _) => Ok(Self::Other(text.clone())),
            },
            Literal::List(list) => {
                let (fields, size) = record(list)?;
                Ok(Self::Record { fields, size })
            }
            _ => Err(Unusable::Nonsense),
        }
    }
}

impl Dtype {
    /// Gives the field that `second` begins with, `t` for `t_us` and `x` for `x@346`, this as its title.
    pub(super) fn name_again(&mut self, second: &str) {
        let first = second.split(['_', '@']).next().unwrap_or_default();
        if let Self::Record { fields, .. } = self
            && let Some(field) = fields
                .iter_mut()
                .find(|f| f.name == first && f.title.is_none())
        {
            field.title = Some(second.to_owned());
        }
    }
}

/// The fields of a record, and the bytes that they take.
fn record(list: &[Literal]) -> Result<(Vec<Field>, usize), Unusable> {
    let (mut fields, mut offset) = (Vec::new(), 0);
    for item in list {
        let Literal::Tuple(item) = item else {
            return Err(Unusable::Nonsense);
        };
        let (names, descr, shape) = match item.as_slice() {
            [names, descr] => (names, descr, None),
            [names, descr, shape] => (names, descr, Some(shape)),
            _ => return Err(Unusable::Nonsense),
        };
        let (title, name) = match names {
            Literal::Text(name) => (None, name),
            Literal::Tuple(both) => match both.as_slice() {
                [Literal::Text(title), Literal::Text(name)] => (Some(title.clone()), name),
                _ => return Err(Unusable::Nonsense),
            },
            _ => return Err(Unusable::Nonsense),
        };
        let (scalar, size) = match (descr, shape) {
            (Literal::Text(text), None) => {
                let (scalar, size) = simple(text)?;
                (scalar.ok_or_else(|| text.clone()), size)
            }
            (Literal::Text(text), Some(shape)) => {
                let (_, size) = simple(text)?;
                let what = format!("an array of {text}");
                (
                    Err(what),
                    size.checked_mul(count(shape)?).ok_or(Unusable::Large)?,
                )
            }
            (Literal::List(list), shape) => {
                let (_, size) = record(list)?;
                let n = shape.map_or(Ok(1), count)?;
                let what = "a record".to_owned();
                (Err(what), size.checked_mul(n).ok_or(Unusable::Large)?)
            }
            _ => return Err(Unusable::Nonsense),
        };
        // Nameless fields are padding.
        if !name.is_empty() {
            fields.push(Field {
                name: name.clone(),
                title,
                offset,
                scalar,
            });
        }
        offset = size
            .checked_add(offset)
            .filter(|size| *size <= MAX_SIZE)
            .ok_or(Unusable::Large)?;
    }
    Ok((fields, offset))
}

/// How many values a field of this shape has.
fn count(shape: &Literal) -> Result<usize, Unusable> {
    let one = |n: &Literal| match n {
        Literal::Int(n) => usize::try_from(*n).map_err(|_| Unusable::Large),
        _ => Err(Unusable::Nonsense),
    };
    match shape {
        Literal::Tuple(sides) => sides.iter().try_fold(1usize, |n, side| {
            n.checked_mul(one(side)?).ok_or(Unusable::Large)
        }),
        side => one(side),
    }
}

/// A type that is one word: the number that it is, if it is one, and its bytes.
fn simple(text: &str) -> Result<(Option<Scalar>, usize), Unusable> {
    let mut chars = text.chars();
    let order = chars.next().ok_or(Unusable::Nonsense)?;
    let letter = chars.next().ok_or(Unusable::Nonsense)?;
    let rest = chars.as_str();
    if letter == 'O' {
        return Err(Unusable::Objects);
    }
    let big_endian = match order {
        '<' | '|' => false,
        '>' => true,
        _ => return Err(Unusable::Nonsense),
    };
    let (digits, unit) = match rest.split_once('[') {
        Some((digits, unit)) => (digits, unit.strip_suffix(']')),
        None => (rest, None),
    };
    let size: usize = digits.parse().map_err(|_| Unusable::Nonsense)?;
    let kind = match (letter, size) {
        ('b', 1) => Some(Kind::Bool),
        ('i', 1 | 2 | 4 | 8) => Some(Kind::Int),
        ('u', 1 | 2 | 4 | 8) => Some(Kind::Uint),
        ('f', 4 | 8) => Some(Kind::Float),
        ('m' | 'M', 8) => match unit {
            None => Some(Kind::Time(None)),
            Some(unit) => time_unit(unit).map(|unit| Kind::Time(Some(unit))),
        },
        ('f' | 'c' | 'S' | 'a' | 'U' | 'V', _) => None,
        _ => return Err(Unusable::Nonsense),
    };
    let scalar = kind.map(|kind| Scalar {
        kind,
        size,
        big_endian,
        spelled: text.to_owned(),
    });
    // Characters have 4 bytes.
    let bytes = size.checked_mul(if letter == 'U' { 4 } else { 1 });
    Ok((scalar, bytes.ok_or(Unusable::Large)?))
}

/// A unit of time as numpy writes it, `us` or `25us`, if it is some nanoseconds.
fn time_unit(text: &str) -> Option<TimeBase> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = text.split_at(digits);
    let count: u64 = if count.is_empty() {
        1
    } else {
        count.parse().ok()?
    };
    let nanoseconds = match unit {
        "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "D" => 86_400_000_000_000,
        _ => return None,
    };
    TimeBase::from_nanoseconds(count.checked_mul(nanoseconds)?)
}

#[cfg(test)]
mod tests {
    use super::super::literal::parse;
    use super::*;

    fn dtype(text: &str) -> Result<Dtype, Unusable> {
        Dtype::parse(&parse(text).unwrap())
    }

    fn fields(text: &str) -> (Vec<(String, usize, bool)>, usize) {
        let Ok(Dtype::Record { fields, size }) = dtype(text) else {
            panic!("{text}")
        };
        let named = fields.into_iter();
        let named = named.map(|f| (f.name, f.offset, f.scalar.is_ok()));
        (named.collect(), size)
    }

    #[test]
    fn records_with_padding_and_what_is_no_number() {
        let field = |name: &str, offset, number| (name.to_owned(), offset, number);
        assert_eq!(
            fields(
                "[('t', '<i8'), ('x', '|u1'), ('', '|V1'), ('y', '>u2'), ('p', '|b1'), ('', '|V3')]"
            ),
            (
                vec![
                    field("t", 0, true),
                    field("x", 8, true),
                    field("y", 10, true),
                    field("p", 12, true)
                ],
                16
            )
        );
        assert_eq!(
            fields(
                "[('a', '<i8', (2, 3)), ('b', [('c', '|u1')], (5,)), ('d', '<U3'), ('e', '<f2')]"
            ),
            (
                vec![
                    field("a", 0, false),
                    field("b", 48, false),
                    field("d", 53, false),
                    field("e", 65, false)
                ],
                67
            )
        );
    }

    #[test]
    fn times_with_a_unit() {
        let time = |text: &str| match dtype(text).unwrap() {
            Dtype::Scalar(Scalar {
                kind: Kind::Time(unit),
                ..
            }) => Ok(unit.and_then(TimeBase::whole_nanoseconds)),
            other => Err(other),
        };
        assert_eq!(time("'<m8[us]'"), Ok(Some(1_000)));
        assert_eq!(time("'>M8[25ns]'"), Ok(Some(25)));
        assert_eq!(time("'<m8'"), Ok(None));
        for text in ["'<M8[Y]'", "'<m8[ps]'", "'<m8[us'"] {
            assert!(time(text).is_err() || text.ends_with("us'"), "{text}");
        }
    }

    #[test]
    fn what_is_no_type() {
        assert_eq!(dtype("'|O'"), Err(Unusable::Objects));
        assert_eq!(dtype("[('a', '|O8')]"), Err(Unusable::Objects));
        assert_eq!(dtype("[('a', '|V99999999')]"), Err(Unusable::Large));
        let product = "[('a', '<i8', (4294967296, 4294967296, 4294967296))]";
        assert_eq!(dtype(product), Err(Unusable::Large));
        for text in [
            "'<i3'", "'=i8'", "''", "'<'", "'<i'", "3", "[3]", "[('a',)]",
        ] {
            assert_eq!(dtype(text), Err(Unusable::Nonsense), "{text}");
        }
    }
}
