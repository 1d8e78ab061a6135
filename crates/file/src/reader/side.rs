//! Side streams of an open file.

use std::ops::Range;

use evz_core::{Error, Memory, Place, Result, SideRows};

use super::Reader;
use crate::index::Sought;
use crate::packing::unpack;
use crate::wire::{
    BatchEntry, Kind, PACK_NONE, RecordRef, SideBatchHead, SideDeclaration, SideRoot,
};

impl Reader {
    /// The side streams of the file.
    pub fn side_streams(&self) -> &[SideRoot] {
        &self.root().side
    }

    /// The batches of the side stream at this place among [`Reader::side_streams`] that may hold rows
    /// with `time.start <= t < time.end`, all without a time; one at a time, in the order of the file,
    /// each an Arrow IPC stream.
    pub fn side_batches(
        &self,
        position: usize,
        time: Option<Range<i64>>,
    ) -> impl Iterator<Item = Result<Vec<u8>>> + use<> {
        let reader = self.clone();
        let mut declared = None;
        self.side_refs(position, time.as_ref()).map(move |entry| {
            let stream = &reader.side_streams()[position];
            let whole = entry.and_then(|entry| {
                let schema = &reader.declared_once(&mut declared, stream)?.schema;
                let batch = reader.side_batch(stream, &entry)?;
                Ok([&schema[..], &batch.rows].concat())
            });
            whole.map_err(|e| reader.blame(e))
        })
    }

    /// The batch that holds a row of the side stream at this place among [`Reader::side_streams`], and the
    /// number of the first row of the batch.
    ///
    /// # Errors
    /// If there is no such row, or the batch is damaged.
    pub fn side_rows_at(&self, position: usize, row: u64) -> Result<(u64, SideRows)> {
        let sought = Sought::new(None, Some(&(row..row.saturating_add(1))));
        let mut leaves = self.walk(&self.index().side[position], sought.clone());
        let leaf = leaves.next().transpose().map_err(|e| self.blame(e))?;
        let found = leaf.and_then(|leaf| leaf.entries[leaf.at(&sought)].first().copied());
        let Some(entry) = found else {
            let name = &self.side_streams()[position].name;
            let what = format!("side stream {name:?} has no row {row}");
            return Err(Error::invalid(what).within(self.name()));
        };
        let rows = self.side_rows_of(position, &entry, &mut None)?;
        Ok((entry.first_row, rows))
    }

    /// The declaration of a side stream, which has its schema.
    pub(crate) fn side_declaration(&self, stream: &SideRoot) -> Result<SideDeclaration> {
        let place = || Place::part("side stream").with_byte(stream.declared.offset);
        let body = self.record(Kind::SideStream, stream.declared, 0)?;
        let declaration = SideDeclaration::read_from(&body).map_err(|e| e.within(place()))?;
        match stream.is_of(&declaration) {
            true => Ok(declaration),
            false => Err(Error::corrupt(
                place(),
                "the index describes another stream",
            )),
        }
    }

    /// The declaration of a side stream, read when it is needed for the first time.
    pub(super) fn declared_once<'a>(
        &self,
        known: &'a mut Option<SideDeclaration>,
        stream: &SideRoot,
    ) -> Result<&'a SideDeclaration> {
        match known {
            Some(declaration) => Ok(declaration),
            None => Ok(known.insert(self.side_declaration(stream)?)),
        }
    }

    /// The side streams that are read beside the event stream, with their places.
    pub(super) fn side_streams_beside(&self) -> impl Iterator<Item = (usize, &SideRoot)> {
        let is_beside = move |side: &SideRoot| {
            let owner = side.stream.map(usize::from);
            self.scope.takes(owner, self.stream, self.is_first_stream())
        };
        let streams = self.side_streams().iter().enumerate();
        streams.filter(move |(_, side)| is_beside(side))
    }

    /// The places of the side streams of a name: rows of other columns are another stream.
    pub(super) fn side_streams_called(&self, name: &str) -> Vec<usize> {
        let named = self.side_streams_beside().filter(|(_, s)| s.name == name);
        named.map(|(at, _)| at).collect()
    }

    /// Where the batches of a side stream stand that may hold rows of this time. Those between which it
    /// begins or ends are asked whether the index lies.
    pub(super) fn side_refs(
        &self,
        position: usize,
        time: Option<&Range<i64>>,
    ) -> impl Iterator<Item = Result<BatchEntry>> + Send + use<> {
        let sought = Sought::new(time, None);
        let reader = self.clone();
        let leaves = self.walk(&self.index().side[position], sought.clone());
        leaves.flat_map(move |leaf| {
            let found = match leaf {
                Ok(leaf) => leaf.entries[leaf.at(&sought)]
                    .iter()
                    .filter(|e| leaf.wants(&sought, e))
                    .filter_map(|e| match sought.meets((e.t_min, e.t_max)) {
                        true => Some(Ok(*e)),
                        false => {
                            let stream = &reader.side_streams()[position];
                            reader.batch_body(stream, e).err().map(Err)
                        }
                    })
                    .collect(),
                Err(error) => vec![Err(error)],
            };
            found.into_iter()
        })
    }

    /// The rows of a batch of a stream, whose declaration is kept in `known`; an error names the file.
    pub(super) fn side_rows_of(
        &self,
        position: usize,
        entry: &BatchEntry,
        known: &mut Option<SideDeclaration>,
    ) -> Result<SideRows> {
        let stream = &self.side_streams()[position];
        let declared = self
            .declared_once(known, stream)
            .map_err(|e| self.blame(e))?;
        let rows = self.side_batch(stream, entry).and_then(|batch| {
            let (name, schema) = (&stream.name, &declared.schema);
            let rows = evz_table::from_ipc(name, schema, &batch.rows, declared.time_column);
            let rows = rows.and_then(|rows| match rows.len() as u64 == entry.rows {
                true => Ok(rows),
                false => {
                    let what = format!("{} rows where {} are told", rows.len(), entry.rows);
                    Err(Error::corrupt("", what))
                }
            });
            rows.map_err(|e| e.within(Place::byte(entry.offset)))
        });
        let mut rows = rows.map_err(|e| self.blame(e))?;
        rows.of = stream.stream;
        Ok(rows)
    }

    /// The rows of a batch.
    fn side_batch(&self, stream: &SideRoot, entry: &BatchEntry) -> Result<Unpacked> {
        let (head, packed) = self.batch_body(stream, entry)?;
        let place = || Place::part("side batch").with_byte(entry.offset);
        Unpacked::new(&stream.name, &head, &packed).map_err(|e| e.within(place()))
    }

    /// The head of a batch, which is what the index says, and its packed rows.
    fn batch_body(
        &self,
        stream: &SideRoot,
        entry: &BatchEntry,
    ) -> Result<(SideBatchHead, Vec<u8>)> {
        let place = || Place::part("side batch").with_byte(entry.offset);
        let record = RecordRef {
            offset: entry.offset,
            body_len: entry.body_len,
            body_crc: entry.body_crc,
        };
        let mut body = self.record(Kind::SideBatch, record, entry.first_row)?;
        let (head, packed) = SideBatchHead::read_from(&body).map_err(|e| e.within(place()))?;
        let found = (head.id, head.rows, head.t_min, head.t_max);
        if found != (stream.id, entry.rows, entry.t_min, entry.t_max) {
            return Err(Error::corrupt(place(), "the index describes another batch"));
        }
        let before = body.len() - packed.len();
        body.drain(..before);
        Ok((head, body))
    }
}

/// The rows of a batch as they were before they were packed, and the memory that they take.
pub(crate) struct Unpacked {
    pub(crate) rows: Vec<u8>,
    _memory: Memory,
}

impl Unpacked {
    /// The rows of a batch of the stream `name` with this head.
    pub(crate) fn new(name: &str, head: &SideBatchHead, packed: &[u8]) -> Result<Self> {
        // As they are, and as the table in which they are looked at.
        let takes = head.raw_len.saturating_mul(2);
        let memory = Memory::take(takes, &format!("a batch of {name:?}"), Place::default())?;
        let raw = match head.pack {
            PACK_NONE => (packed.len() as u64 == head.raw_len).then(|| packed.to_vec()),
            _ => unpack(packed, head.raw_len as usize),
        };
        match raw {
            Some(rows) => Ok(Self {
                rows,
                _memory: memory,
            }),
            None => Err(Error::corrupt(
                "",
                "its rows do not decompress to what it says",
            )),
        }
    }
}
