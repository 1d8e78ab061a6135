//! Reads a recording to its end, whole and byte by byte, and holds the two against each other.

use std::io::{Cursor, Read};

use evz_core::{EventBatch, Input, Next, OpenOptions, Report, SensorSize, SideRows};

/// Gives a byte at a time.
struct OneByte<R>(R);

impl<R: Read> Read for OneByte<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = buffer.len().min(1);
        self.0.read(&mut buffer[..n])
    }
}

/// The recording that follows a first line, with and without the size told.
pub(crate) fn read(first_line: &str, bytes: &[u8]) {
    let size = SensorSize {
        width: 346,
        height: 260,
    };
    for options in [
        OpenOptions::new(),
        OpenOptions::new().with_size(size).with_stream("0"),
    ] {
        let file = [first_line.as_bytes(), bytes].concat();
        let whole = read_all(Cursor::new(file.clone()), &options);
        let parts = read_all(OneByte(Cursor::new(file)), &options);
        assert_eq!(format!("{whole:?}"), format!("{parts:?}"));
    }
}

/// All that a reader gives, up to an error.
type Recording = (EventBatch, Vec<SideRows>, Option<String>, Option<Report>);

fn read_all(reader: impl Read + Send + 'static, options: &OpenOptions) -> Recording {
    let (mut events, mut batch, mut side) =
        (EventBatch::default(), EventBatch::default(), Vec::new());
    let source = Input::from_reader(reader, "-").and_then(|input| evz_aedat::open(input, options));
    let mut source = match source {
        Ok(source) => source,
        Err(error) => return (events, side, Some(error.to_string()), None),
    };
    let error = loop {
        match source.read_batch(&mut batch) {
            Ok(Next::End(_)) => break None,
            Ok(Next::Rows(rows)) => side.push(rows),
            Ok(Next::Events(n)) => {
                let columns = [batch.t.len(), batch.x.len(), batch.y.len(), batch.p.len()];
                assert_eq!(columns, [n; 4]);
                assert!(batch.p.iter().all(|&p| p < 2));
                events.extend(batch.as_slice());
            }
            Err(error) => break Some(error.to_string()),
        }
    };
    side.iter().for_each(check);
    (events, side, error, Some(source.report()))
}

/// Every column has a value for each time.
fn check(rows: &SideRows) {
    for column in &rows.columns {
        assert_eq!(column.values.len(), rows.len());
    }
}
