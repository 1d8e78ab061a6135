//! Saving what is whole of a damaged file.

mod listing;
mod plan;
mod salvage;
mod sequence;

use std::io::Write;

use evz_core::{Input, Metadata, Output, ReadAt, Result, StreamInfo, Watched, read_range};

pub(crate) use plan::Plan;
use salvage::{Salvage, Salvaged};

use crate::scan::{Found, Scan, body_at};
use crate::wire::{FileHeader, Kind, Root};
use crate::writer::{Summary, WriteOptions, Writer};

/// What was saved, and what was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoverReport {
    /// What the new file holds.
    pub saved: Summary,
    /// What was left behind, one line each, with the place.
    pub lost: Vec<String>,
    /// What stood there twice or out of order, one line each, with the place; nothing is lost by that.
    pub moved: Vec<String>,
    /// Events that are known to be missing: gaps in the numbering of the chunks, and what a root counts
    /// beyond them. What stood behind the end of a cut file is not known.
    pub events_missing: u64,
    /// Rows of side streams that are known to be missing, in the same way.
    pub rows_missing: u64,
}

/// Copies every whole chunk, side record and metadata record of `input` into the new file `output`,
/// and gives it a new index. Chunks are copied as they are, in the order of their numbers; only the
/// numbering of their events closes up. If anything is lost, `if_lost` overrides metadata that is true of the whole recording alone.
///
/// # Errors
/// If `input` cannot be read or is no evz file, or `output` cannot be written.
#[cfg(feature = "files")]
pub fn recover(
    input: Input,
    output: impl AsRef<std::path::Path>,
    options: WriteOptions,
    if_lost: &Metadata,
) -> Result<RecoverReport> {
    let damaged = Damaged::new(input)?;
    let writer = options.create(output, &damaged.info)?;
    let (writer, found) = damaged.salvage(writer)?;
    let saved = writer.finish(found.closing(if_lost))?;
    Ok(found.report(saved))
}

/// As `recover`, into any output.
///
/// # Errors
/// As `recover`.
pub fn recover_into(input: Input, output: Output, if_lost: &Metadata) -> Result<RecoverReport> {
    let damaged = Damaged::new(input)?;
    let options = WriteOptions::new().with_name(output.name());
    let (writer, found) = damaged.salvage(options.write_to(output, &damaged.info)?)?;
    let (output, saved) = writer.finish_into(found.closing(if_lost))?;
    output.commit()?;
    Ok(found.report(saved))
}

/// A file that may be damaged.
struct Damaged {
    bytes: Watched,
    name: String,
    info: StreamInfo,
    /// What is wrong with its header.
    lost: Vec<String>,
}

impl Damaged {
    fn new(input: Input) -> Result<Self> {
        let name = input.name().to_owned();
        let bytes = Watched::new(input.into_read_at()?);
        let mut lost = Vec::new();
        let info = stream_info(&bytes, &mut lost);
        bytes.check().map_err(|e| e.within(&name))?;
        let info = info.map_err(|e| e.within(&name))?;
        Ok(Self {
            bytes,
            name,
            info,
            lost,
        })
    }

    /// Copies what is whole.
    fn salvage<W: Write>(&self, writer: Writer<W>) -> Result<(Writer<W>, Salvaged)> {
        let bytes = &self.bytes;
        let plan = Plan::new(bytes);
        let mut salvage = Salvage::new(bytes, &plan, (&self.name, &self.info), writer);
        salvage.found.lost.extend_from_slice(&self.lost);
        let end = plan.other.unwrap_or(bytes.len());
        for found in Scan::new(bytes) {
            let mut found = found.map_err(|e| e.within(&*self.name))?;
            if let Found::Gap { offset, len } | Found::Cut { offset, len, .. } = &mut found {
                *len = (*len).min(end.saturating_sub(*offset));
            }
            let behind = found.end() >= end && plan.other.is_some();
            salvage.take(found)?;
            if behind {
                break;
            }
        }
        let salvaged = salvage.finish()?;
        bytes.check().map_err(|e| e.within(&*self.name))?;
        Ok(salvaged)
    }
}

impl Salvaged {
    fn closing<'a>(&self, if_lost: &'a Metadata) -> &'a Metadata {
        static NOTHING: Metadata = Metadata::new();
        if self.lost.is_empty() && self.events_missing == 0 && self.rows_missing == 0 {
            &NOTHING
        } else {
            if_lost
        }
    }

    fn report(self, saved: Summary) -> RecoverReport {
        RecoverReport {
            saved,
            lost: self.lost,
            moved: self.moved,
            events_missing: self.events_missing,
            rows_missing: self.rows_missing,
        }
    }
}

/// Time base, clock and sensor, from the header or, where that is damaged, from the last root.
fn stream_info(bytes: &dyn ReadAt, lost: &mut Vec<String>) -> Result<StreamInfo> {
    let head_len = bytes.len().min(FileHeader::ENCODED_SIZE as u64);
    let head = read_range(bytes, 0, head_len)?;
    let header = match FileHeader::read_from(&head) {
        Ok(header) => header,
        Err(error) => {
            let Some(header) = last_root(bytes).map(|root| root.header) else {
                return Err(error);
            };
            let what = format!("{error}; time base, clock and sensor taken from the index");
            lost.push(what);
            header
        }
    };
    Ok(StreamInfo::new(header.time_base())
        .with_clock(header.clock())
        .with_size(header.size()))
}

fn last_root(bytes: &dyn ReadAt) -> Option<Root> {
    let roots = Scan::new(bytes).filter_map(|found| match found {
        Ok(Found::Record { offset, header }) if header.kind == Kind::Root as u16 => {
            let body = body_at(bytes, offset, &header).ok()?;
            header.check(&body).ok()?;
            Root::read_from(&body, offset).ok()
        }
        _ => None,
    });
    roots.last()
}
