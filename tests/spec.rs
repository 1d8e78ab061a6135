//! SPEC.md against the code: its byte tables decode a golden file to the same fields as the code,
//! and its numbers are the code's constants.

use std::collections::BTreeMap;

use evz_core::{StreamInfo, TimeBase};
use evz_file::wire::{
    ChunkEntry, FileHeader, NodeRef, RecordRef, Root, SideRoot, Span, StreamDeclaration, TreeId,
};
use evz_file::{LayoutBody, forever, layout, limits};
use serde_json::Value;

const SPEC: &str = include_str!("../SPEC.md");
const GOLDEN: &str = "fixtures/compat/v0_2_0_two-streams-unix.evz";

/// A row of a byte table.
struct Field {
    offset: usize,
    bytes: usize,
    name: String,
    kind: String,
}

/// The byte table that the spec marks with this name.
fn table(name: &str) -> Vec<Field> {
    let marker = format!("<!-- table: {name} -->\n");
    let start = SPEC
        .find(&marker)
        .unwrap_or_else(|| panic!("no table {name}"))
        + marker.len();
    SPEC[start..]
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            Field {
                offset: cells[1].parse().unwrap(),
                bytes: cells[2].parse().unwrap(),
                name: cells[3].to_owned(),
                kind: cells[4].to_owned(),
            }
        })
        .collect()
}

/// Decodes a struct by its table alone.
fn decode(table: &[Field], bytes: &[u8]) -> BTreeMap<String, Value> {
    let number = |b: &[u8]| {
        b.iter()
            .rev()
            .fold(0u64, |n, byte| n << 8 | u64::from(*byte))
    };
    table
        .iter()
        .map(|f| {
            let b = &bytes[f.offset..f.offset + f.bytes];
            let value = match f.kind.as_str() {
                "bytes" => Value::from(b.to_vec()),
                "i64" => Value::from(number(b) as i64),
                "u16" | "u32" | "u64" => Value::from(number(b)),
                list => {
                    let n: usize = list.split(' ').next().unwrap().parse().unwrap();
                    Value::from(b.chunks(f.bytes / n).map(number).collect::<Vec<_>>())
                }
            };
            (f.name.clone(), value)
        })
        .collect()
}

#[track_caller]
fn same(name: &str, bytes: &[u8], ours: impl serde::Serialize) {
    let table = table(name);
    let mut end = 0;
    for f in &table {
        assert_eq!(
            f.offset, end,
            "{name}.{} does not follow the field before it",
            f.name
        );
        end += f.bytes;
        let width = match f.kind.as_str() {
            "u16" => 2,
            "u32" => 4,
            "u64" | "i64" => 8,
            _ => f.bytes,
        };
        assert_eq!(f.bytes, width, "{name}.{}", f.name);
    }
    assert!(bytes.len() >= end, "{name} is longer than its bytes");
    let spec = decode(&table, bytes);
    let ours: BTreeMap<String, Value> =
        serde_json::from_value(serde_json::to_value(ours).unwrap()).unwrap();
    assert_eq!(spec, ours, "{name}");
}

#[test]
fn the_tables_decode_a_golden_file_to_the_fields_of_the_code() {
    let bytes = std::fs::read(GOLDEN).unwrap();
    let layout = layout(evz_core::Input::open(GOLDEN).unwrap()).unwrap();
    same("FileHeader", &bytes, layout.header);
    let mut kinds = Vec::new();
    for record in &layout.records {
        let at = record.offset as usize;
        same("RecordHeader", &bytes[at..], record.header);
        kinds.push(record.header.kind);
        let body = &bytes[at + 32..];
        match &record.body {
            LayoutBody::Chunk(head, _) => same("ChunkHead", body, head),
            LayoutBody::Root(root) => {
                let tail = &body[record.header.body_len as usize - 16..];
                same("Tail", tail, root.tail);
            }
            _ => {}
        }
    }
    for kind in [1, 2, 3, 4, 5, 8, 9] {
        assert!(
            kinds.contains(&kind),
            "the golden file has no record of kind {kind}"
        );
    }
}

/// Takes numbers of variable length, as the spec says they are.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn uint(&mut self) -> u64 {
        let len = self.0.iter().position(|b| b & 0x80 == 0).unwrap() + 1;
        let (head, tail) = self.0.split_at(len);
        self.0 = tail;
        let bits = head.iter().enumerate();
        bits.fold(0, |n, (i, b)| n | u64::from(b & 0x7f) << (7 * i))
    }

    /// A field of a type of the spec, as a number or bytes.
    fn field(&mut self, kind: &str) -> Value {
        match kind {
            "uint" => self.uint().into(),
            "sint" => {
                let n = self.uint();
                ((n >> 1) as i64 ^ -((n & 1) as i64)).into()
            }
            "u32" => {
                let (head, tail) = self.0.split_first_chunk().unwrap();
                self.0 = tail;
                u32::from_le_bytes(*head).into()
            }
            "text" | "bytes" => {
                let len = self.uint() as usize;
                let (head, tail) = self.0.split_at(len);
                self.0 = tail;
                match kind {
                    "text" => std::str::from_utf8(head).unwrap().into(),
                    _ => len.into(),
                }
            }
            other => panic!("a field of type {other}"),
        }
    }

    /// The fields of a table of the spec, of which those of other types are left to the caller.
    fn table(&mut self, name: &str) -> BTreeMap<String, Value> {
        let marker = format!("<!-- fields: {name} -->\n");
        let start = SPEC
            .find(&marker)
            .unwrap_or_else(|| panic!("no fields {name}"));
        let rows = SPEC[start + marker.len()..].lines().skip(2);
        let rows = rows.take_while(|line| line.starts_with('|'));
        rows.map(|line| line.split('|').map(str::trim).collect::<Vec<_>>())
            .take_while(|cells| ["uint", "sint", "u32", "text", "bytes"].contains(&cells[2]))
            .map(|cells| (cells[1].to_owned(), self.field(cells[2])))
            .collect()
    }
}

#[test]
fn the_fields_of_variable_length_are_those_of_the_code() {
    let bytes = std::fs::read(GOLDEN).unwrap();
    let layout = layout(evz_core::Input::open(GOLDEN).unwrap()).unwrap();
    let mut met = 0;
    for record in &layout.records {
        let mut body = Bytes(&bytes[record.offset as usize + 32..]);
        match &record.body {
            LayoutBody::Stream(s) => {
                let fields = body.table("StreamDeclaration");
                assert_eq!(fields["id"], s.id);
                assert_eq!(fields["name"], s.name);
                assert_eq!(
                    (&fields["width"], &fields["height"]),
                    (&s.width.into(), &s.height.into())
                );
                assert_eq!(fields["serial"], s.serial);
                assert_eq!(fields["clock_offset"], s.clock_offset);
                assert_eq!(fields["n_columns"], s.columns.len());
            }
            LayoutBody::SideStream(s) => {
                let fields = body.table("SideDeclaration");
                assert_eq!(fields["id"], s.id);
                assert_eq!(fields["name"], s.name);
                assert_eq!(fields["stream"], s.stream.map_or(0, |s| s + 1));
                assert_eq!(fields["time_column"], s.time_column);
                assert_eq!(fields["schema"], s.schema.len());
            }
            LayoutBody::SideBatch(s) => {
                let fields = body.table("SideBatchHead");
                assert_eq!(fields["id"], s.id);
                assert_eq!(fields["rows"], s.rows);
                assert_eq!(fields["t_min"], s.t_min);
                assert_eq!(fields["t_span"], s.t_max - s.t_min);
                assert_eq!(fields["pack"], s.pack);
                assert_eq!(fields["raw_len"], s.raw_len);
            }
            LayoutBody::Root(root) => {
                let fields = body.table("Root");
                let h = root.header;
                assert_eq!(fields["clock"], h.clock);
                assert_eq!(fields["width"], h.width);
                assert_eq!(fields["tick_denominator"], h.tick_denominator);
                assert_eq!(fields["epoch"], h.epoch);
                assert_eq!(fields["flags"], u64::from(root.checkpoint));
                assert_eq!(fields["n_streams"], root.streams.len());
            }
            _ => continue,
        }
        met += 1;
    }
    assert!(met > 4, "{met} records");
}

#[test]
fn a_side_stream_of_a_root_is_that_of_the_code() {
    let header = FileHeader::new(&StreamInfo::new(TimeBase::MICROSECONDS));
    let mut root = Root {
        header,
        streams: vec![Default::default()],
        ..Root::default()
    };
    let without = root.write_to(64_000).unwrap();
    root.side.push(SideRoot {
        name: "imu".to_owned(),
        stream: Some(6),
        declared: RecordRef {
            offset: 640,
            body_len: 41,
            body_crc: 99,
        },
        ..SideRoot::default()
    });
    let with = root.write_to(64_000).unwrap();
    // What differs first is the number of side streams, behind which they stand.
    let differs = without.iter().zip(&with).position(|(a, b)| a != b).unwrap();
    let fields = Bytes(&with[differs + 1..]).table("SideRoot");
    assert_eq!(fields["name"], "imu");
    assert_eq!(
        (&fields["stream"], &fields["offset"]),
        (&7.into(), &10.into())
    );
    assert_eq!(
        (&fields["body_len"], &fields["body_crc"]),
        (&41.into(), &99.into())
    );
}

#[test]
fn entries_and_references_are_those_of_the_code() {
    let tree = TreeId {
        side: false,
        stream: 3,
        n_columns: 1,
    };
    // Entries whose fields all differ.
    let entry = |k: u64| ChunkEntry {
        offset: 64 * k,
        body_len: 65 + k,
        head_crc: k as u32 + 2,
        first_event: 0,
        n_events: k as u32 + 3,
        t_first: (k + 9) as i64,
        t_min: (k + 4) as i64,
        t_max: (k + 30) as i64,
        t_divisor: k + 6,
        codec: k as u16 + 7,
        flags: k as u16 + 8,
        toc_len: k as u32 + 10,
        column_lens: vec![k as u32 + 11],
    };
    let leaf = evz_file::wire::Leaf {
        activity: None,
        entries: vec![entry(100), entry(20)],
    };
    let body = leaf.write_to(tree);
    let mut body = Bytes(&body);
    let head = body.table("Leaf");
    // The table says of further fields that they are there only if there is an activity.
    assert_eq!((&head["table"], &head["id"]), (&0.into(), &3.into()));
    let body = leaf.write_to(tree);
    let mut fields = Bytes(&body[3..]);
    assert_eq!(fields.uint(), 2);
    let (mut end, mut t_max) = (0i64, 0i64);
    for e in &leaf.entries {
        let found = fields.table("ChunkEntry");
        let number = |name: &str| found[name].as_i64().unwrap();
        assert_eq!(64 * number("offset") + end, e.offset as i64);
        assert_eq!(found["body_len"], e.body_len);
        assert_eq!(found["head_crc"], e.head_crc);
        assert_eq!(found["n_events"], e.n_events);
        assert_eq!(number("t_min") + t_max, e.t_min);
        assert_eq!(number("t_span"), e.t_max - e.t_min);
        assert_eq!(number("t_first"), e.t_first - e.t_min);
        assert_eq!(found["t_divisor"], e.t_divisor);
        assert_eq!(found["codec"], e.codec);
        assert_eq!(found["flags"], e.flags);
        assert_eq!(found["toc_len"], e.toc_len);
        assert_eq!(fields.uint(), u64::from(e.column_lens[0]));
        end = (e.offset + 32 + e.body_len).next_multiple_of(64) as i64;
        t_max = e.t_max;
    }
    assert!(fields.0.is_empty());

    let r = NodeRef {
        level: 1,
        record: RecordRef {
            offset: 640,
            body_len: 41,
            body_crc: 42,
        },
        first_item: 0,
        first_row: 0,
        span: Span {
            n_items: 43,
            n_rows: 144,
            t_min: -45,
            t_max: 46,
            t_end: 40,
        },
    };
    let node = evz_file::wire::write_node(&[r], tree, 2);
    let mut fields = Bytes(&node);
    let head = fields.table("Node");
    assert_eq!((&head["level"], &head["n"]), (&2.into(), &1.into()));
    let found = fields.table("NodeRef");
    for (name, value) in [
        ("level", 1),
        ("offset", 10),
        ("body_len", 41),
        ("body_crc", 42),
        ("n_items", 43),
        ("n_rows", 144),
        ("t_min", -45),
        ("t_span", 91),
        ("t_end", 6),
    ] {
        assert_eq!(found[name], value, "{name}");
    }
    assert!(fields.0.is_empty());
    assert!(StreamDeclaration::default().is_plain());
}

#[test]
fn the_numbers_in_the_text_are_the_constants_of_the_code() {
    let magic: Vec<String> = forever::FILE_MAGIC
        .iter()
        .map(|b| format!("{b:02X}"))
        .collect();
    let tail = std::str::from_utf8(&forever::TAIL_MAGIC).unwrap();
    let record = std::str::from_utf8(&forever::RECORD_MAGIC).unwrap();
    let (major, minor) = (forever::VERSION_MAJOR, forever::VERSION_MINOR);
    for expected in [
        format!("| 0 | 8 | magic | bytes | `{}` |", magic.join(" ")),
        format!("| 0 | 4 | magic | bytes | `{record}` |"),
        format!("| 8 | 8 | magic | bytes | `{tail}` |"),
        format!("Version {major}.{minor}."),
        format!("zeros up to a multiple of {}", forever::ALIGNMENT),
        format!(
            "| bins | uint | {}; a reader refuses others |",
            limits::ACTIVITY_BINS
        ),
        format!("| body of a record | {} bytes |", limits::MAX_BODY_LEN),
        format!("| bytes of a text or a key | {} |", limits::MAX_TEXT_LEN),
        format!(
            "| entries of metadata in one record or root, metadata records of a root | {} |",
            limits::MAX_METADATA
        ),
        format!("| event streams | {} |", limits::MAX_STREAMS),
        format!(
            "event stream), times the event streams where there are several | {} |",
            limits::MAX_SHARED_METADATA
        ),
        format!(
            "| bytes of the keys and values of these, times the event streams where there are several | {} |",
            limits::MAX_SHARED_METADATA_LEN
        ),
        format!("| further columns of a stream | {} |", limits::MAX_COLUMNS),
        format!("| side streams | {} |", limits::MAX_STREAMS),
        format!("| events of a chunk | {} |", limits::MAX_CHUNK_EVENTS),
        format!(
            "| entries of a leaf or in the tree of a root, references of a node or in the tree of a root | {} |",
            limits::MAX_LIST
        ),
        format!(
            "| levels of the index above the leaves | {} |",
            limits::MAX_LEVEL
        ),
        format!("| rows of a side batch | {} |", limits::MAX_BATCH_ROWS),
        format!(
            "| decompressed bytes of a side batch | {} |",
            limits::MAX_BODY_LEN
        ),
        format!("| denominator of a tick | {} |", limits::MAX_TICK),
        format!("| length of a tick | {} nanoseconds |", limits::MAX_TICK),
        format!("Chunks of {} events are", evz_file::DEFAULT_CHUNK_EVENTS),
    ] {
        assert!(SPEC.contains(&expected), "SPEC.md lacks: {expected}");
    }
    for kind in evz_file::wire::Kind::ALL {
        let critical = if kind.flags() == 1 { "yes" } else { "no" };
        assert!(SPEC.contains(&format!("| {} | {kind:?} | {critical} |", kind as u16)));
    }
    let codec = evz_codec::by_id(1).unwrap();
    assert!(SPEC.contains(&format!("| 1 | `{}` |", codec.name())));
}

#[test]
fn the_bytes_of_the_example_window_are_those_of_the_file() {
    let path = "fixtures/compat/v0_2_0_two-chunks-side.evz";
    let file = std::fs::read(path).unwrap();
    let start = SPEC.find("## A window byte by byte").unwrap();
    let section = &SPEC[start..start + SPEC[start..].find("## Writing").unwrap()];
    assert!(section.contains(&format!("has {} bytes", file.len())));
    let body = &file[4224 + 32..];
    let mut rows = 0;
    for line in section
        .lines()
        .filter(|l| l.starts_with("| ") && l.contains('`'))
    {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let at: usize = cells[1].split([' ', ',']).next().unwrap().parse().unwrap();
        let bytes = cells[2].split('`').nth(1).unwrap().split(' ');
        let bytes: Vec<u8> = bytes.map(|b| u8::from_str_radix(b, 16).unwrap()).collect();
        assert_eq!(body[at..at + bytes.len()], bytes, "byte {at} of the root");
        rows += 1;
    }
    assert!(rows >= 12, "{rows} rows");

    let reader = evz_file::ReadOptions::new().open(path).unwrap();
    let window = evz_core::Selection::default().with_time(600..602);
    let mut batch = evz_core::EventBatch::default();
    reader.read(&window, &mut batch).unwrap();
    let numbers = evz_core::Selection::default().with_events(1_800..1_806);
    let mut same = evz_core::EventBatch::default();
    reader.read(&numbers, &mut same).unwrap();
    assert_eq!((batch.len(), &batch), (6, &same));
    let entry = &reader.streams()[0].tree.latest.entries[1];
    assert_eq!(
        (entry.offset, entry.body_len, entry.t_min),
        (2_432, 1_584, 500)
    );
}
