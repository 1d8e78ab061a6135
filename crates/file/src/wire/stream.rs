//! Declarations of event streams.

use evz_core::{ColumnType, Error, ExtraColumn, Result, SensorSize, StreamInfo};
use serde::Serialize;

use super::fields::{Fields, Put};
use super::file_header::sensor;
use crate::limits::{MAX_COLUMNS, MAX_STREAMS};

/// An event stream: a sensor, and the columns that its events have beside t, x, y and p.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StreamDeclaration {
    /// Number of the stream.
    pub id: u16,
    /// Name, which may be empty.
    pub name: String,
    /// Sensor width in pixels, 0 if unknown.
    pub width: u32,
    /// Sensor height in pixels, 0 if unknown.
    pub height: u32,
    /// Serial number of the camera, which may be empty.
    pub serial: String,
    /// Ticks that were added to the times of the camera's own clock to get those of the file.
    pub clock_offset: i64,
    /// Further columns.
    pub columns: Vec<ColumnDeclaration>,
}

/// A column that events have beside t, x, y and p.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ColumnDeclaration {
    /// Name.
    pub name: String,
    /// Number of its type.
    #[serde(rename = "type")]
    pub kind: u8,
    /// Unit, which may be empty.
    pub unit: String,
    /// What it is, which may be empty.
    pub description: String,
}

impl ColumnDeclaration {
    /// The type of its values.
    pub fn column_type(&self) -> ColumnType {
        // A declaration with another number is refused where it is read.
        ColumnType::from_number(self.kind).unwrap_or(ColumnType::U8)
    }
}

impl From<&ExtraColumn> for ColumnDeclaration {
    fn from(column: &ExtraColumn) -> Self {
        Self {
            name: column.name.clone(),
            kind: column.column_type.number(),
            unit: column.unit.clone(),
            description: column.description.clone(),
        }
    }
}

impl From<&ColumnDeclaration> for ExtraColumn {
    fn from(column: &ColumnDeclaration) -> Self {
        ExtraColumn::new(&column.name, column.column_type())
            .with_unit(&column.unit)
            .with_description(&column.description)
    }
}

/// A stream of which this is known; who writes it gives it its number.
impl From<&StreamInfo> for StreamDeclaration {
    fn from(info: &StreamInfo) -> Self {
        Self {
            name: info.name.clone(),
            serial: info.serial.clone(),
            clock_offset: info.clock_offset,
            columns: info.columns.iter().map(ColumnDeclaration::from).collect(),
            ..Self::plain(0, info.size)
        }
    }
}

impl StreamDeclaration {
    /// A stream of which nothing is known but its sensor.
    pub fn plain(id: u16, size: Option<SensorSize>) -> Self {
        Self {
            id,
            width: size.map_or(0, |s| s.width),
            height: size.map_or(0, |s| s.height),
            ..Self::default()
        }
    }

    /// The types of the further columns.
    pub fn column_types(&self) -> impl Iterator<Item = ColumnType> {
        self.columns.iter().map(ColumnDeclaration::column_type)
    }

    /// Whether stream 0 of a file can be this without a record that says so.
    pub fn is_plain(&self) -> bool {
        *self == Self::plain(0, self.size())
    }

    /// The sensor, if known.
    pub fn size(&self) -> Option<SensorSize> {
        sensor(self.width, self.height)
    }

    /// Refuses what would not be read.
    pub(crate) fn check(&self) -> Result<()> {
        let read = Self::read_from(&self.write_to());
        read.map(drop).map_err(|e| {
            let what = format!("event stream {}: {}", self.id, e.what());
            Error::invalid(what)
        })
    }

    /// The bytes.
    pub fn write_to(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.put(&mut out);
        out
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        out.put_uint(self.id.into());
        out.put_bytes(self.name.as_bytes());
        out.put_uint(self.width.into());
        out.put_uint(self.height.into());
        out.put_bytes(self.serial.as_bytes());
        out.put_sint(self.clock_offset);
        out.put_uint(self.columns.len() as u64);
        for column in &self.columns {
            out.put_bytes(column.name.as_bytes());
            out.put_uint(column.kind.into());
            out.put_bytes(column.unit.as_bytes());
            out.put_bytes(column.description.as_bytes());
        }
    }

    /// The stream declared in a body.
    ///
    /// # Errors
    /// Where the body is damaged or claims more than the limits allow.
    pub fn read_from(body: &[u8]) -> Result<Self> {
        let mut fields = Fields::new(body);
        let declaration = Self::take(&mut fields)?;
        fields.end().map(|()| declaration)
    }

    pub(super) fn take(fields: &mut Fields<'_>) -> Result<Self> {
        let id = fields.at_most(MAX_STREAMS - 1, "number of an event stream")? as u16;
        let name = fields.text("name of an event stream")?;
        let width = fields.at_most(u32::MAX.into(), "sensor width")? as u32;
        let height = fields.at_most(u32::MAX.into(), "sensor height")? as u32;
        if (width == 0) != (height == 0) {
            let what = format!("a sensor of {width}x{height} pixels");
            return Err(Error::corrupt("", what));
        }
        let serial = fields.text("serial number")?;
        let clock_offset = fields.sint()?;
        let n = fields.count(MAX_COLUMNS.into(), 4, "further columns")?;
        let mut columns: Vec<ColumnDeclaration> = Vec::with_capacity(n);
        for _ in 0..n {
            let name = fields.text("name of a further column")?;
            let taken = ["", "t", "x", "y", "p"].contains(&name.as_str());
            if taken || columns.iter().any(|c| c.name == name) {
                let what = format!("a further column called {name:?}");
                return Err(Error::corrupt("", what));
            }
            columns.push(ColumnDeclaration {
                name,
                kind: fields.at_most(ColumnType::ALL.len() as u64 - 1, "type of a column")? as u8,
                unit: fields.text("unit of a further column")?,
                description: fields.text("description of a further column")?,
            });
        }
        Ok(Self {
            id,
            name,
            width,
            height,
            serial,
            clock_offset,
            columns,
        })
    }
}
