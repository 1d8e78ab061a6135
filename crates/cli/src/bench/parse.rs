//! A recording of another format to columns.

use std::path::Path;

use anyhow::{Context, Result};
use evz::{EventBatch, Next, OpenOptions};

use super::{Figures, repeat};

/// Parses a recording to columns that are thrown away; the first run warms the page cache.
pub(crate) fn parse(path: &Path, options: &OpenOptions) -> Result<Figures> {
    let size = std::fs::metadata(path)
        .with_context(|| path.display().to_string())?
        .len();
    let mut batch = EventBatch::default();
    let mut events = 0;
    let mut pass = || -> Result<()> {
        let mut source = evz::open(path, options)?.into_source();
        events = 0;
        while let Next::Events(_) = source.read_events(&mut batch)? {
            events += batch.len() as u64;
        }
        Ok(())
    };
    pass()?;
    let runs = repeat(&mut pass)?;
    Ok(Figures::new("parse", events, size, runs))
}
