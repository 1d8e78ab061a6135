//! Files that must be refused, each with the exact text of its error.

#[path = "cli_common/mod.rs"]
mod cli_common;

use std::path::Path;

use cli_common::Folder;
use evz_core::{Metadata, SideColumn, SideRows, SideValues, StreamInfo, TimeBase};
use evz_file::WriteOptions;
use evz_file::wire::{
    CRITICAL, ChunkEntry, ChunkHead, FileHeader, Kind, PACK_NONE, PACK_ZSTD, RecordHeader, Root,
    SideBatchHead, SideDeclaration, Tail,
};

/// Name, what is wrong with it, and what `verify` says behind the file's name.
type Invalid = (&'static str, fn(&mut Made), &'static str);

const INVALID: [Invalid; 35] = [
    (
        "activity-unreferred.evz",
        |f| f.before_root(Kind::Activity as u16, b"\0\x20\0"),
        "byte 4160: nothing refers to this Activity record; `evz recover IN OUT` saves what is whole",
    ),
    (
        "block-bit-flipped.evz",
        |f| f.bytes[f.chunks[1] + 1_500] ^= 4,
        "chunk 1 at byte 1984: CRC 33672f5e, expected 16147b9c; `evz recover IN OUT` saves what is whole",
    ),
    (
        "chunk-cut.evz",
        |f| f.bytes.truncate(f.chunks[1] + 500),
        "byte 2484: the file ends without its index: it was cut or never finished; 700 events in 1 chunk have checksums that hold; `evz recover IN OUT` saves what is whole",
    ),
    (
        "chunk-doubled.evz",
        |f| f.entry(1, |e| e.offset = 64),
        "index root: entry 1 at byte 4160: its record does not stand behind that of the one before; 1400 events in 2 chunks have checksums that hold; `evz recover IN OUT` saves what is whole",
    ),
    (
        "chunk-head-bit-flipped.evz",
        |f| f.bytes[f.chunks[0] + 32 + 30] ^= 1,
        "chunk 0 at byte 192: CRC 135015f6, expected 828ff75d; `evz recover IN OUT` saves what is whole",
    ),
    (
        "codec-77.evz",
        |f| f.head(1, |h| h.codec = 77),
        "chunk 1 at byte 1984: codec 77 is unknown to evz 0.2.0; get a newer evz",
    ),
    (
        "empty.evz",
        |f| f.bytes.clear(),
        "it is empty; nothing can be saved",
    ),
    (
        "entry-outside.evz",
        |f| f.entry(0, |e| e.offset = 1 << 50),
        "index root: entry 1 at byte 4160: its record does not stand behind that of the one before; 1400 events in 2 chunks have checksums that hold; `evz recover IN OUT` saves what is whole",
    ),
    (
        "entry-huge.evz",
        |f| f.entry(0, |e| e.body_len = 1 << 60),
        "index root: entry 0 at byte 4160: bytes of a chunk: 1152921504606846976 are claimed; at most 268435456",
    ),
    (
        "entry-of-another-time.evz",
        |f| f.entry(0, |e| e.t_first += 5),
        "chunk 0 at byte 192: the index describes it otherwise; `evz recover IN OUT` saves what is whole",
    ),
    (
        "feature-unknown.evz",
        |f| f.header(|h| h.features_read = 2),
        "file header at byte 0: features 0x0002 are unknown; get a newer evz",
    ),
    (
        "file-header-bit-flipped.evz",
        |f| f.bytes[17] ^= 64,
        "file header at byte 0: CRC dd07c90f, expected 18f12b14; `evz recover IN OUT` saves what is whole",
    ),
    (
        "frame-bit-unused.evz",
        |f| f.frame_bit(),
        "record of kind 5 at byte 448: its rows do not decompress to what it says; `evz recover IN OUT` saves what is whole",
    ),
    (
        "header-cut.evz",
        |f| f.bytes.truncate(40),
        "file header at byte 0: the file ends after 40 of 64 bytes; nothing can be saved",
    ),
    (
        "header-of-another-tick.evz",
        |f| f.header(|h| h.tick_denominator = 7),
        "index root at byte 4160: it is of a file with another header; 1400 events in 2 chunks have checksums that hold; `evz recover IN OUT` saves what is whole",
    ),
    (
        "kind-0.evz",
        |f| f.before_root(0, b""),
        "record of kind 0 at byte 4160: it is no kind; `evz recover IN OUT` saves what is whole",
    ),
    (
        "kind-private-critical.evz",
        |f| f.before_root(40_000, b"mine"),
        "record of kind 40000 at byte 4160: a private kind that must be understood, which none is; `evz recover IN OUT` saves what is whole",
    ),
    (
        "kind-99.evz",
        |f| f.kind_99(),
        "record of kind 99 at byte 4160: a kind of record that must be understood and is not; get a newer evz",
    ),
    (
        "kind-99-flags-2.evz",
        |f| f.before_root_with(99, 2, b"of a later version"),
        "record of kind 99 at byte 4160: flags that are unknown; `evz recover IN OUT` saves what is whole",
    ),
    (
        "kind-99-bit-flipped.evz",
        |f| f.kind_99_flipped(),
        "record of kind 99 at byte 4160: CRC 376a4003, expected d838f6e2; `evz recover IN OUT` saves what is whole",
    ),
    (
        "metadata-unreferred.evz",
        |f| f.before_root(Kind::Metadata as u16, b"\x01\x01k\x00\x01a"),
        "byte 4160: nothing refers to this Metadata record; `evz recover IN OUT` saves what is whole",
    ),
    (
        "metadata-twice.evz",
        |f| f.metadata_twice(),
        "record of kind 1 at byte 4160: the key \"k\" twice or empty; `evz recover IN OUT` saves what is whole",
    ),
    (
        "padding-not-zero.evz",
        |f| f.padding(),
        "byte 4131: padding that is not zero; `evz recover IN OUT` saves what is whole",
    ),
    (
        "root-claims-events.evz",
        |f| f.root(|r| r.streams[0].summary.span.n_rows = 1 << 60),
        "index root at byte 4160: it holds 1400 events in 2 chunks, times -300 to 712; expected 1152921504606846976 in 2, -300 to 712; 1400 events in 2 chunks have checksums that hold; `evz recover IN OUT` saves what is whole",
    ),
    (
        "root-of-another-time.evz",
        |f| f.root(|r| r.streams[0].summary.t_last += 1),
        "record of kind 9 at byte 4160: its sums are not those of what stands before it; `evz recover IN OUT` saves what is whole",
    ),
    (
        "root-before-of-another-time.evz",
        |f| f.root_before(),
        "record of kind 9 at byte 4160: its sums are not those of what stands before it; `evz recover IN OUT` saves what is whole",
    ),
    (
        "root-outside.evz",
        |f| f.tail(1 << 50),
        "byte 4372: the file ends without its index: it was cut or never finished; 1400 events in 2 chunks have checksums that hold; `evz recover IN OUT` saves what is whole",
    ),
    (
        "side-batch-with-an-end.evz",
        |f| f.side_batch_with_an_end(),
        "record of kind 5 at byte 448: not one message of Arrow with a record batch, and nothing else; `evz recover IN OUT` saves what is whole",
    ),
    (
        "stream-0-undeclared.evz",
        |f| f.root(|r| r.streams[0].declaration.name = "left".to_owned()),
        "chunk 0 at byte 192: no record before declares event stream 0; `evz recover IN OUT` saves what is whole",
    ),
    (
        "tag-without-meaning.evz",
        |f| f.tag_bit(),
        "chunk 0 at byte 192: block 0: bits of the tag of x that have no meaning are not 0; `evz recover IN OUT` saves what is whole",
    ),
    (
        "tail-missing.evz",
        |f| f.bytes.truncate(f.bytes.len() - 16),
        "byte 4356: the file ends without its index: it was cut or never finished; 1400 events in 2 chunks have checksums that hold; `evz recover IN OUT` saves what is whole",
    ),
    (
        "tail-of-another-root.evz",
        |f| f.tail(64),
        "index root at byte 64: no whole Root record of 4276 bytes; 1400 events in 2 chunks have checksums that hold; `evz recover IN OUT` saves what is whole",
    ),
    (
        "text.evz",
        |f| f.bytes = b"0.003811 96 133 0\n".repeat(8),
        "not an evz file; convert the recording to one",
    ),
    (
        "tick-not-reduced.evz",
        |f| f.header(|h| (h.tick_numerator, h.tick_denominator) = (2, 8)),
        "file header at byte 0: a tick of 2/8 seconds, no fraction that is reduced and within the limits; `evz recover IN OUT` saves what is whole",
    ),
    (
        "version-9.evz",
        |f| f.header(|h| h.version_major = 9),
        "file header at byte 0: format version 9.2; this evz reads 0.2; get a newer evz",
    ),
];

/// A golden file, to be made invalid.
struct Made {
    bytes: Vec<u8>,
    /// Where the records of its chunks start.
    chunks: Vec<usize>,
}

impl Made {
    fn new() -> Self {
        Self::of(std::fs::read("fixtures/compat/v0_2_0_unsorted.evz").unwrap())
    }

    fn of(bytes: Vec<u8>) -> Self {
        let mut chunks = Vec::new();
        let mut at = 64;
        while let Some(header) = bytes.get(at..).and_then(RecordHeader::read_from) {
            if header.kind == Kind::Chunk as u16 {
                chunks.push(at);
            }
            at += header.record_len().unwrap() as usize;
        }
        Self { bytes, chunks }
    }

    /// Changes the file header, under a right checksum.
    fn header(&mut self, change: impl FnOnce(&mut FileHeader)) {
        let mut header = FileHeader::read_from(&self.bytes).unwrap();
        change(&mut header);
        self.bytes[..64].copy_from_slice(&header.write_to());
        let crc = crc32fast::hash(&self.bytes[..60]);
        self.bytes[60..64].copy_from_slice(&crc.to_le_bytes());
    }

    /// Changes the head of a chunk, under right checksums.
    fn head(&mut self, chunk: usize, change: impl FnOnce(&mut ChunkHead)) {
        let at = self.chunks[chunk];
        let header = RecordHeader::read_from(&self.bytes[at..]).unwrap();
        let body = &mut self.bytes[at + 32..][..header.body_len as usize];
        let (mut head, _) = ChunkHead::read_from(body, header.body_len).unwrap();
        change(&mut head);
        head.write_to(body);
        let crc = crc32fast::hash(body);
        let header = RecordHeader::new(Kind::Chunk, header.number, header.body_len, crc);
        self.bytes[at..at + 32].copy_from_slice(&header.write_to());
        self.entry(chunk, |e| {
            e.head_crc = head.head_crc;
            e.codec = head.codec;
        });
    }

    /// Changes the entry of a chunk.
    fn entry(&mut self, chunk: usize, change: impl FnOnce(&mut ChunkEntry)) {
        self.root(|root| change(&mut root.streams[0].tree.latest.entries[chunk]));
    }

    /// Changes the root, under right checksums.
    fn root(&mut self, change: impl FnOnce(&mut Root)) {
        let tail = Tail::read_from(self.bytes.last_chunk::<16>().unwrap()).unwrap();
        let at = tail.root_offset as usize;
        let mut root = Root::read_from(&self.bytes[at + 32..], tail.root_offset).unwrap();
        change(&mut root);
        self.bytes.truncate(at);
        self.add(Kind::Root as u16, &root.write_to(tail.root_offset).unwrap());
    }

    /// Adds a record where the file ends.
    fn add(&mut self, kind: u16, body: &[u8]) {
        self.add_with(kind, flags_of(kind), body);
    }

    fn add_with(&mut self, kind: u16, flags: u16, body: &[u8]) {
        let crc = crc32fast::hash(body);
        let mut header = RecordHeader::new(Kind::Root, 0, body.len() as u64, crc).write_to();
        header[4..6].copy_from_slice(&kind.to_le_bytes());
        header[6..8].copy_from_slice(&flags.to_le_bytes());
        let crc = crc32fast::hash(&header[..28]);
        header[28..].copy_from_slice(&crc.to_le_bytes());
        self.bytes.extend(header);
        self.bytes.extend(body);
    }

    /// A record before the root.
    fn before_root(&mut self, kind: u16, body: &[u8]) {
        self.before_root_with(kind, flags_of(kind), body);
    }

    fn before_root_with(&mut self, kind: u16, flags: u16, body: &[u8]) {
        let tail = Tail::read_from(self.bytes.last_chunk::<16>().unwrap()).unwrap();
        let at = tail.root_offset;
        let root = Root::read_from(&self.bytes[at as usize + 32..], at).unwrap();
        self.bytes.truncate(at as usize);
        self.add_with(kind, flags, body);
        let at = self.bytes.len().next_multiple_of(64);
        self.bytes.resize(at, 0);
        self.add(Kind::Root as u16, &root.write_to(at as u64).unwrap());
    }

    /// The last byte before the root.
    fn padding(&mut self) {
        let tail = Tail::read_from(self.bytes.last_chunk::<16>().unwrap()).unwrap();
        self.bytes[tail.root_offset as usize - 1] = 1;
    }

    /// A root whose sums are wrong, and the right one behind it.
    fn root_before(&mut self) {
        let right = Tail::read_from(self.bytes.last_chunk::<16>().unwrap()).unwrap();
        let body = &self.bytes[right.root_offset as usize + 32..];
        let right = Root::read_from(body, right.root_offset).unwrap();
        let previous = Some(right.tail.root_offset);
        self.root(|root| root.streams[0].summary.t_last += 1);
        let at = self.bytes.len().next_multiple_of(64);
        self.bytes.resize(at, 0);
        let right = Root { previous, ..right };
        self.add(Kind::Root as u16, &right.write_to(at as u64).unwrap());
    }

    /// Bit 7 of the tag of x in a block, where x has no exceptions, under right checksums.
    fn tag_bit(&mut self) {
        let payload = self.chunks[0] + 32 + 96;
        let u32_at = |bytes: &[u8], at: usize| {
            u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
        };
        let start = payload + u32_at(&self.bytes, payload);
        let header = RecordHeader::read_from(&self.bytes[self.chunks[0]..]).unwrap();
        let end = self.chunks[0] + 32 + header.body_len as usize;
        let mini = (start..)
            .step_by(12)
            .find(|at| self.bytes[at + 1] == 0)
            .unwrap();
        self.bytes[mini] |= 0x80;
        let crc = crc32fast::hash(&self.bytes[start..end]);
        self.bytes[payload + 4..payload + 8].copy_from_slice(&crc.to_le_bytes());
        // The body was changed: its head is written again over it.
        let mut head = self.bytes[self.chunks[0] + 32..][..96].to_vec();
        let covered = [&head[..92], &self.bytes[payload..payload + 16]].concat();
        head[92..].copy_from_slice(&crc32fast::hash(&covered).to_le_bytes());
        self.bytes[payload - 96..payload].copy_from_slice(&head);
        self.head(0, |_| {});
    }

    /// A file whose only side batch has these bytes, in this way packed.
    fn side_batch(&mut self, pack: u8, change: impl FnOnce(&mut Vec<u8>)) {
        let rows = SideRows::new("imu", vec![SideColumn::new("n", SideValues::U8(vec![7]))]);
        let rows = SideRows { t: vec![5], ..rows };
        let base = TimeBase::MICROSECONDS;
        let info = StreamInfo::new(base);
        let mut writer = WriteOptions::new().write_to(Vec::new(), &info).unwrap();
        let imu = SideDeclaration {
            name: "imu".to_owned(),
            schema: evz_table::schema_to_ipc(&rows, base).unwrap(),
            ..SideDeclaration::default()
        };
        let imu = writer.add_side_stream(imu).unwrap();
        let messages = evz_table::rows_to_ipc(&rows, base).unwrap();
        writer.write_side_batch(imu, &messages, 1, (5, 5)).unwrap();
        *self = Self::of(writer.finish_into(&Metadata::new()).unwrap().0);

        let tail = Tail::read_from(self.bytes.last_chunk::<16>().unwrap()).unwrap();
        let body = &self.bytes[tail.root_offset as usize + 32..];
        let mut root = Root::read_from(body, tail.root_offset).unwrap();
        let entry = &mut root.side[0].tree.latest.entries[0];
        let at = entry.offset as usize;
        let body = &self.bytes[at + 32..][..entry.body_len as usize];
        let (head, packed) = SideBatchHead::read_from(body).unwrap();
        let mut rows = if pack == PACK_NONE {
            messages
        } else {
            packed.to_vec()
        };
        change(&mut rows);
        let raw_len = if pack == PACK_NONE {
            rows.len() as u64
        } else {
            head.raw_len
        };
        let head = SideBatchHead {
            pack,
            raw_len,
            ..head
        };
        let body = [head.write_to(), rows].concat();
        (entry.body_len, entry.body_crc) = (body.len() as u64, crc32fast::hash(&body));
        self.bytes.truncate(at);
        self.add(Kind::SideBatch as u16, &body);
        let at = self.bytes.len().next_multiple_of(64);
        self.bytes.resize(at, 0);
        self.add(Kind::Root as u16, &root.write_to(at as u64).unwrap());
    }

    /// A bit of the frame that no library looks at.
    fn frame_bit(&mut self) {
        self.side_batch(PACK_ZSTD, |frame| frame[4] |= 0x10);
    }

    fn side_batch_with_an_end(&mut self) {
        self.side_batch(PACK_NONE, |rows| {
            rows.extend([255, 255, 255, 255, 0, 0, 0, 0])
        });
    }

    fn kind_99(&mut self) {
        self.before_root(99, b"of a later version");
    }

    /// One that may be skipped, and a bit of its body flipped.
    fn kind_99_flipped(&mut self) {
        let tail = Tail::read_from(self.bytes.last_chunk::<16>().unwrap()).unwrap();
        self.before_root_with(99, 0, b"of a later version");
        // The record stands where the root did.
        self.bytes[tail.root_offset as usize + 32] ^= 1;
    }

    fn metadata_twice(&mut self) {
        self.before_root(Kind::Metadata as u16, b"\x02\x01k\x00\x01a\x01k\x00\x01b");
    }

    /// A tail that says that the root starts there.
    fn tail(&mut self, root_offset: u64) {
        let at = self.bytes.len() - 16;
        self.bytes[at..].copy_from_slice(&Tail::new(root_offset).write_to());
    }
}

/// Those of a kind, and of one that is not known that it must be understood.
fn flags_of(kind: u16) -> u16 {
    Kind::from_number(kind).map_or(CRITICAL, Kind::flags)
}

#[test]
fn invalid_files_are_refused_in_these_words() {
    let folder = Folder::new();
    let fixtures = Path::new("fixtures/invalid").canonicalize().unwrap();
    for (name, change, error) in INVALID {
        let mut made = Made::new();
        change(&mut made);
        let path = fixtures.join(name);
        if !path.exists() {
            std::fs::write(&path, &made.bytes).unwrap();
        }
        assert_eq!(std::fs::read(&path).unwrap(), made.bytes, "{name}");
        folder.write(name, &std::fs::read(fixtures.join(name)).unwrap());
        let run = folder.run(&["verify", name]).ends(1);
        assert_eq!(run.err, format!("evz: {name}: {error}\n"));
    }
}

#[test]
fn every_invalid_file_is_listed() {
    for entry in std::fs::read_dir("fixtures/invalid").unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            INVALID.iter().any(|(listed, ..)| *listed == name),
            "{name} is in no test"
        );
    }
}
