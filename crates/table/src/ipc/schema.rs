//! The schema of a stream: what its columns are called and made of.

use std::collections::BTreeMap;

use arrow_ipc::{Endianness, MetadataVersion, Precision, TimeUnit as FbUnit, Type, UnionMode};
use arrow_schema::{DataType, TimeUnit};
use evz_core::{Error, Place, Result};

/// The columns of a stream and what is said about them.
#[derive(Debug, Clone)]
pub struct Schema {
    /// The columns, in the order of the stream.
    pub columns: Vec<Column>,
    /// Pairs of metadata.
    pub metadata: BTreeMap<String, String>,
}

/// A column of a stream.
#[derive(Debug, Clone)]
pub struct Column {
    /// What it is called.
    pub name: String,
    /// Its type, or what to call one that is not read here.
    pub data_type: Result<DataType, String>,
    /// Pairs of metadata.
    pub metadata: BTreeMap<String, String>,
    /// What of a record batch belongs to it.
    pub(super) parts: Parts,
}

/// What a column has in a record batch: nodes, buffers, and views, whose further buffers the batch
/// counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) nodes: usize,
    pub(super) buffers: usize,
    pub(super) views: usize,
}

impl Schema {
    /// The schema out of the head of the first message.
    ///
    /// # Errors
    /// If that message is none, or the numbers are big-endian.
    pub fn of_message(message: &arrow_ipc::Message<'_>) -> Result<Self> {
        let schema = message.header_as_schema().ok_or_else(|| {
            let what = "the first message is no schema; the file is damaged";
            Error::corrupt(Place::default(), what)
        })?;
        Self::of(&schema, message.version())
    }

    /// The schema in the footer of a file; none if there is none.
    ///
    /// # Errors
    /// If the numbers are big-endian.
    pub fn of_footer(footer: &arrow_ipc::Footer<'_>) -> Result<Option<Self>> {
        let Some(schema) = footer.schema() else {
            return Ok(None);
        };
        let mut schema = Self::of(&schema, footer.version())?;
        (schema.metadata).extend(pairs(footer.custom_metadata().into_iter().flatten()));
        Ok(Some(schema))
    }

    fn of(schema: &arrow_ipc::Schema<'_>, version: MetadataVersion) -> Result<Self> {
        if schema.endianness() == Endianness::Big {
            return Err(
                Error::unsupported(Place::default(), "its numbers are big-endian")
                    .advise("write it again on a little-endian machine"),
            );
        }
        let union_buffers = usize::from(version.0 < MetadataVersion::V5.0);
        let fields = schema.fields();
        let columns = fields
            .iter()
            .flatten()
            .map(|field| Column {
                name: field.name().unwrap_or_default().to_owned(),
                data_type: data_type(&field),
                metadata: pairs(field.custom_metadata().into_iter().flatten()),
                parts: parts(&field, union_buffers),
            })
            .collect();
        Ok(Self {
            columns,
            metadata: pairs(schema.custom_metadata().into_iter().flatten()),
        })
    }
}

/// Pairs of metadata, those that are whole.
fn pairs<'a>(all: impl Iterator<Item = arrow_ipc::KeyValue<'a>>) -> BTreeMap<String, String> {
    all.filter_map(|pair| Some((pair.key()?.to_owned(), pair.value()?.to_owned())))
        .collect()
}

/// The type of a column, or what to call it if it is none that is read here.
fn data_type(field: &arrow_ipc::Field<'_>) -> Result<DataType, String> {
    let kind = field.type_type();
    let other = || kind.variant_name().unwrap_or("unknown").to_lowercase();
    if field.dictionary().is_some() {
        return Err("dictionary".to_owned());
    }
    Ok(match kind {
        Type::Bool => DataType::Boolean,
        Type::Utf8 => DataType::Utf8,
        Type::LargeUtf8 => DataType::LargeUtf8,
        Type::Binary => DataType::Binary,
        Type::LargeBinary => DataType::LargeBinary,
        Type::Int => {
            let int = field.type_as_int().ok_or_else(other)?;
            match (int.is_signed(), int.bitWidth()) {
                (true, 8) => DataType::Int8,
                (true, 16) => DataType::Int16,
                (true, 32) => DataType::Int32,
                (true, 64) => DataType::Int64,
                (false, 8) => DataType::UInt8,
                (false, 16) => DataType::UInt16,
                (false, 32) => DataType::UInt32,
                (false, 64) => DataType::UInt64,
                (_, width) => return Err(format!("int of {width} bits")),
            }
        }
        Type::FloatingPoint => match field
            .type_as_floating_point()
            .ok_or_else(other)?
            .precision()
        {
            Precision::SINGLE => DataType::Float32,
            Precision::DOUBLE => DataType::Float64,
            _ => return Err("half-precision float".to_owned()),
        },
        Type::Timestamp => {
            let timestamp = field.type_as_timestamp().ok_or_else(other)?;
            let unit = unit(timestamp.unit()).ok_or_else(other)?;
            DataType::Timestamp(unit, timestamp.timezone().map(Into::into))
        }
        Type::Duration => {
            let unit = field.type_as_duration().and_then(|t| unit(t.unit()));
            DataType::Duration(unit.ok_or_else(other)?)
        }
        _ => return Err(other()),
    })
}

fn unit(unit: FbUnit) -> Option<TimeUnit> {
    Some(match unit {
        FbUnit::SECOND => TimeUnit::Second,
        FbUnit::MILLISECOND => TimeUnit::Millisecond,
        FbUnit::MICROSECOND => TimeUnit::Microsecond,
        FbUnit::NANOSECOND => TimeUnit::Nanosecond,
        _ => return None,
    })
}

/// What a column of any type has in a record batch ("RecordBatch message" and the layouts of the
/// types). `union_buffers` is 1 in the versions before 5, where unions had a buffer more.
fn parts(field: &arrow_ipc::Field<'_>, union_buffers: usize) -> Parts {
    let of = |nodes, buffers| Parts {
        nodes,
        buffers,
        views: 0,
    };
    if field.dictionary().is_some() {
        return of(1, 2);
    }
    let (own, nested) = match field.type_type() {
        Type::Null => (of(1, 0), false),
        Type::Utf8 | Type::Binary | Type::LargeUtf8 | Type::LargeBinary => (of(1, 3), false),
        Type::Utf8View | Type::BinaryView => (
            Parts {
                views: 1,
                ..of(1, 2)
            },
            false,
        ),
        Type::List | Type::LargeList | Type::Map => (of(1, 2), true),
        Type::ListView | Type::LargeListView => (of(1, 3), true),
        Type::FixedSizeList | Type::Struct_ => (of(1, 1), true),
        Type::RunEndEncoded => (of(1, 0), true),
        Type::Union => {
            let mode = field.type_as_union().map(|u| u.mode());
            let offsets = usize::from(mode == Some(UnionMode::Dense));
            (of(1, union_buffers + 1 + offsets), true)
        }
        _ => (of(1, 2), false),
    };
    let children = field.children();
    let children = children.iter().flatten().filter(|_| nested);
    children.fold(own, |sum, child| {
        let child = parts(&child, union_buffers);
        Parts {
            nodes: sum.nodes + child.nodes,
            buffers: sum.buffers + child.buffers,
            views: sum.views + child.views,
        }
    })
}
