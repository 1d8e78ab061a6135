//! The part of a table of contents that tells how its streams are coded: head, probabilities of
//! polarities, tables.

use super::axis::Axis;
use super::bits::{BitReader, BitWriter};
use super::encoder::Encoder;
use super::forever::{TOTAL, TOTAL_BITS};
use super::head::{HEAD_SIZE, Head, epochs};
use super::loops::Loops;
use super::polarity::{CONTEXTS, PolarityModel};
use super::predict::Shape;
use super::slots::{ALONE_SLOTS, ColumnSlots, FILL, SLOTS, Slot};
use super::tables::{CellWriter, Tables, cell_lanes};

/// Columns that have tables: t, the first axis, the second axis.
pub(super) const TABLED: usize = 3;
/// Their names, for messages.
const NAMES: [&str; TABLED] = ["t", "the first axis", "the second axis"];

/// How streams are coded.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) head: Head,
    pub(super) p: PolarityModel,
    /// Those of the first columns, as many as were asked for.
    pub(super) tables: Vec<Tables>,
}

impl Model {
    /// Sizes of the tables of t, the first axis and the second.
    fn shapes(head: &Head, segments: usize) -> [Shape; TABLED] {
        let axis = |axis: &Axis| Shape {
            epochs: epochs(segments, axis.span),
            tables: axis.tables(),
            symbols: axis.symbols,
        };
        [
            Shape {
                epochs: epochs(segments, head.t_span),
                tables: 1,
                symbols: head.t_symbols,
            },
            axis(&head.a),
            axis(&head.b),
        ]
    }

    /// Reads head and probabilities, and the tables of the first `columns` columns; of the last of
    /// them only what segments up to `last` need.
    pub(super) fn read(
        loops: Loops,
        bytes: &[u8],
        segments: usize,
        columns: usize,
        last: usize,
    ) -> Result<Self, String> {
        let short = || format!("{} bytes of head and tables", bytes.len());
        let (head, rest) = bytes.split_first_chunk::<HEAD_SIZE>().ok_or_else(short)?;
        let head = Head::read(head)?;
        let (bits, cells) = rest
            .split_at_checked(head.bits_len as usize)
            .ok_or_else(short)?;
        let mut bits = BitReader::new(bits);
        let mut p = [0; CONTEXTS];
        for p in &mut p {
            *p = bits.take(TOTAL_BITS).ok_or_else(short)? as u16;
            if *p == 0 {
                return Err("a polarity has no probability".to_owned());
            }
        }
        let mut lanes = cell_lanes(cells)?;
        let mut tables = Vec::with_capacity(columns);
        let spans = [head.t_span, head.a.span, head.b.span];
        let shapes = Self::shapes(&head, segments).into_iter().zip(spans);
        for (number, ((shape, span), name)) in shapes.zip(NAMES).take(columns).enumerate() {
            // A column can be read only when all tables of the columns before it are.
            let epochs = if number + 1 == columns {
                (last >> span) + 1
            } else {
                shape.epochs
            };
            let read = Tables::read(loops, shape, epochs, &mut bits, &mut lanes);
            let read = read.map_err(|what| format!("tables of {name}: {what}"))?;
            tables.push(read);
        }
        Ok(Self { head, p, tables })
    }

    /// Appends the head, whose `bits_len` is found here, and all else.
    pub(super) fn write(&self, encoder: &mut Encoder, out: &mut Vec<u8>) {
        let start = out.len();
        out.resize(start + HEAD_SIZE, 0);
        let mut bits = BitWriter::new(out);
        for &p in &self.p {
            debug_assert!((1..TOTAL).contains(&u32::from(p)));
            bits.put(p.into(), TOTAL_BITS);
        }
        let mut cells = CellWriter::default();
        for tables in &self.tables {
            tables.write(&mut bits, &mut cells);
        }
        bits.finish();
        let head = Head {
            bits_len: (out.len() - start - HEAD_SIZE) as u32,
            ..self.head
        };
        out[start..start + HEAD_SIZE].copy_from_slice(&head.write());
        cells.finish(encoder, out);
    }
}

/// The slots of a column's tables in one epoch.
#[derive(Debug)]
pub(super) struct EpochSlots {
    epoch: Option<usize>,
    /// Tables, and room for the slots that `fill_table` writes behind the last.
    several: Vec<Slot>,
    alone: Box<[Slot; ALONE_SLOTS + FILL]>,
}

impl EpochSlots {
    pub(super) fn new() -> Self {
        Self {
            epoch: None,
            several: Vec::new(),
            alone: Box::new([0; ALONE_SLOTS + FILL]),
        }
    }

    /// Forgets what tables these were.
    pub(super) fn clear(&mut self) {
        self.epoch = None;
    }

    /// The slots of an epoch.
    pub(super) fn of(&mut self, loops: Loops, tables: &Tables, epoch: usize) -> ColumnSlots<'_> {
        let n = tables.shape.tables;
        if self.epoch != Some(epoch) {
            self.epoch = Some(epoch);
            let slots = if n == 1 {
                &mut self.alone[..]
            } else {
                let len = n * SLOTS + FILL;
                if self.several.len() < len {
                    self.several.resize(len, 0);
                }
                &mut self.several[..len]
            };
            // In order, as each table is filled beyond its end, into the next one.
            for table in 0..n {
                let slots = &mut slots[table << tables.bits()..];
                let levels = tables.row(epoch, table);
                loops.fill_table(levels, tables.bits(), slots);
            }
        }
        if n == 1 {
            ColumnSlots::Alone(self.alone.first_chunk().expect("it is longer"))
        } else {
            ColumnSlots::Several(self.several[..n * SLOTS].as_chunks().0)
        }
    }
}
