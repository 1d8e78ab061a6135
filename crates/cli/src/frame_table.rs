//! What the window of each frame was, as a file beside the frames.

use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use anyhow::Result;
use evz::npy::NpyHeader;
use evz::render::Frame;
use evz::{Error, OutputFile};

/// What is told of a frame.
pub(crate) const COLUMNS: [&str; 4] = ["t_start", "t_end", "first", "n_events"];

/// The values of the columns. The first event is -1 where those of the window do not stand next to each other.
pub(crate) fn row(frame: &Frame) -> [i64; 4] {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let first = frame.first.map_or(-1, number);
    let window = &frame.window;
    [window.start, window.end, first, number(frame.n_events)]
}

/// Bytes of the head, of which a number of 64 bits changes none.
const HEADER_LEN: usize = 192;

/// A table being written.
pub(crate) struct FrameTable {
    out: OutputFile,
    name: String,
    is_csv: bool,
    n_frames: u64,
}

impl FrameTable {
    /// Begins a table, as `.npy` or `.csv`.
    pub(crate) fn create(path: &Path, force: bool) -> Result<Self> {
        let name = path.display().to_string();
        let extension = path.extension().unwrap_or_default();
        let is = |name: &str| extension.eq_ignore_ascii_case(name);
        if !is("csv") && !is("npy") {
            let what = format!(
                "{name}: its name does not say how the table is written: end it in .npy or .csv"
            );
            return Err(Error::invalid(what).into());
        }
        let mut out = OutputFile::create(path, force)?;
        let is_csv = is("csv");
        let head = match is_csv {
            true => format!("{}\n", COLUMNS.join(",")).into_bytes(),
            false => header(0),
        };
        out.write_all(&head)
            .map_err(|e| Error::io(&name, "cannot write", e))?;
        Ok(Self {
            out,
            name,
            is_csv,
            n_frames: 0,
        })
    }

    pub(crate) fn write(&mut self, frame: &Frame) -> Result<()> {
        let row = row(frame);
        self.n_frames += 1;
        let bytes = match self.is_csv {
            true => format!("{}\n", row.map(|value| value.to_string()).join(",")).into_bytes(),
            false => row.iter().flat_map(|value| value.to_le_bytes()).collect(),
        };
        let written = self.out.write_all(&bytes);
        Ok(written.map_err(|e| Error::io(&self.name, "cannot write", e))?)
    }

    /// Writes the number of frames, and gives the file its name.
    pub(crate) fn finish(mut self) -> Result<()> {
        if !self.is_csv {
            let counted = self.count();
            counted.map_err(|e| Error::io(&self.name, "cannot write", e))?;
        }
        Ok(self.out.commit()?)
    }

    fn count(&mut self) -> io::Result<()> {
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&header(self.n_frames))?;
        self.out.seek(SeekFrom::End(0)).map(drop)
    }
}

/// The head of an array of records.
fn header(n_frames: u64) -> Vec<u8> {
    let fields = COLUMNS.map(|name| format!("('{name}', '<i8')"));
    let header = NpyHeader {
        descr: &format!("[{}]", fields.join(", ")),
        fortran_order: false,
        shape: &[n_frames],
        remark: "",
    };
    header.to_bytes(HEADER_LEN)
}
