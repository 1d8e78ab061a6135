//! Side streams: triggers, IMU, frames; tables with a time column.

use evz_core::{Error, Result};
use serde::Serialize;

use super::fields::{Fields, Put};
use crate::limits::{MAX_BATCH_ROWS, MAX_BODY_LEN, MAX_STREAMS};

/// Not compressed.
pub const PACK_NONE: u8 = 0;
/// A zstd frame.
pub const PACK_ZSTD: u8 = 1;

/// A side stream.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SideDeclaration {
    /// Number that its batches carry.
    pub id: u16,
    /// Name by which users ask for it: `triggers`, `imu`, `frames`.
    pub name: String,
    /// The event stream that it belongs to; none if to the recording.
    pub stream: Option<u16>,
    /// Number of the column with the times.
    pub time_column: u32,
    /// The schema, an Arrow IPC message.
    #[serde(serialize_with = "super::len_of")]
    pub schema: Vec<u8>,
}

impl SideDeclaration {
    /// Refuses what would not be read.
    pub(crate) fn check(&self) -> Result<()> {
        let read = Self::read_from(&self.write_to());
        read.map(drop).map_err(|e| {
            let what = format!("side stream {}: {}", self.id, e.what());
            Error::invalid(what)
        })
    }

    /// The bytes.
    pub fn write_to(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.put_uint(self.id.into());
        out.put_bytes(self.name.as_bytes());
        put_owner(self.stream, &mut out);
        out.put_uint(self.time_column.into());
        out.put_bytes(&self.schema);
        out
    }

    /// The stream declared in a body.
    ///
    /// # Errors
    /// Where the body is damaged or claims more than the limits allow.
    pub fn read_from(body: &[u8]) -> Result<Self> {
        let mut fields = Fields::new(body);
        let declaration = Self {
            id: fields.at_most(MAX_STREAMS - 1, "number of a side stream")? as u16,
            name: take_side_name(&mut fields)?,
            stream: take_owner(&mut fields)?,
            time_column: fields.at_most(u32::MAX.into(), "number of the time column")? as u32,
            schema: fields.bytes()?.to_vec(),
        };
        fields.end().map(|()| declaration)
    }
}

/// The name of a side stream.
pub(super) fn take_side_name(fields: &mut Fields<'_>) -> Result<String> {
    let name = fields.text("name of a side stream")?;
    match name.is_empty() {
        true => Err(Error::corrupt("", "a side stream without a name")),
        false => Ok(name),
    }
}

/// The event stream that a side stream belongs to; none if to the recording.
pub(super) fn take_owner(fields: &mut Fields<'_>) -> Result<Option<u16>> {
    let stream = fields.at_most(MAX_STREAMS, "number of an event stream")?;
    Ok(stream.checked_sub(1).map(|s| s as u16))
}

pub(super) fn put_owner(stream: Option<u16>, out: &mut Vec<u8>) {
    out.put_uint(stream.map_or(0, |s| u64::from(s) + 1));
}

/// Stands before the rows of a side batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SideBatchHead {
    /// Number of the side stream.
    pub id: u16,
    /// Rows, at least 1.
    pub rows: u64,
    /// Earliest time of a row, in ticks.
    pub t_min: i64,
    /// Latest time of a row.
    pub t_max: i64,
    /// [`PACK_NONE`] or [`PACK_ZSTD`].
    pub pack: u8,
    /// Bytes of the rows before compression.
    pub raw_len: u64,
}

impl SideBatchHead {
    /// The bytes.
    pub fn write_to(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.put_uint(self.id.into());
        out.put_uint(self.rows);
        out.put_sint(self.t_min);
        out.put_uint(self.t_max.wrapping_sub(self.t_min) as u64);
        out.put_uint(self.pack.into());
        out.put_uint(self.raw_len);
        out
    }

    /// The head at the start of a body, and the packed rows behind it.
    ///
    /// # Errors
    /// Where the body is damaged or claims more than the limits allow.
    pub fn read_from(body: &[u8]) -> Result<(Self, &[u8])> {
        let mut fields = Fields::new(body);
        let head = Self {
            id: fields.at_most(MAX_STREAMS - 1, "number of a side stream")? as u16,
            rows: fields.at_most(MAX_BATCH_ROWS, "rows of a batch")?,
            t_min: 0,
            t_max: 0,
            pack: 0,
            raw_len: 0,
        };
        if head.rows == 0 {
            return Err(Error::corrupt("", "a batch without rows"));
        }
        let t_min = fields.sint()?;
        let t_max = later(t_min, fields.uint()?)?;
        let pack = fields.uint()?;
        let Some(pack) = u8::try_from(pack).ok().filter(|pack| *pack <= PACK_ZSTD) else {
            let what = format!("rows packed in way {pack}");
            return Err(Error::unsupported("", what).advise("get a newer evz"));
        };
        let head = Self {
            t_min,
            t_max,
            pack,
            raw_len: fields.at_most(MAX_BODY_LEN, "bytes of a batch")?,
            ..head
        };
        Ok((head, fields.take(fields.left())?))
    }
}

/// The time that is `span` later.
pub(super) fn later(t: i64, span: u64) -> Result<i64> {
    t.checked_add_unsigned(span)
        .ok_or_else(|| Error::corrupt("", format!("times from {t} on over {span} ticks")))
}
