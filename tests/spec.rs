//! SPEC.md against the code: its byte tables decode a golden file to the same fields as the code,
//! and its numbers are the code's constants.

use std::collections::BTreeMap;

use evz_file::{LayoutBody, forever, layout, limits};
use serde_json::Value;

const SPEC: &str = include_str!("../SPEC.md");
const GOLDEN: &str = "fixtures/compat/v0_1_0_two-chunks-side.evz";

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
            LayoutBody::Chunk(head) => same("ChunkHead", body, head),
            LayoutBody::SideBatch(head) => same("SideBatchHead", body, head),
            LayoutBody::Tail(tail) => same("Tail", body, tail),
            LayoutBody::IndexRoot(root) => {
                same("RootHead", body, root.head);
                let mut at = 128;
                for leaf in &root.leaves {
                    same("LeafRef", &body[at..], leaf);
                    at += 64;
                }
                for metadata in &root.metadata {
                    same("MetadataRef", &body[at..], metadata);
                    at += 16;
                }
                for side in &root.side {
                    same("SideRef", &body[at..], side);
                    at += 48;
                }
                assert_eq!(at as u64, record.header.body_len);
            }
            LayoutBody::IndexLeaf(_) | LayoutBody::SideStream(_) | LayoutBody::Opaque(_) => {}
        }
    }
    for kind in 1..=7 {
        assert!(
            kinds.contains(&kind),
            "the golden file has no record of kind {kind}"
        );
    }
}

#[test]
fn the_columns_of_a_leaf_are_those_of_the_code() {
    let start = SPEC.find("<!-- columns: ChunkEntry -->").unwrap();
    let sizes: Vec<usize> = SPEC[start..]
        .lines()
        .skip(3)
        .take_while(|l| l.starts_with('|'))
        .map(|l| l.split('|').nth(1).unwrap().trim().parse().unwrap())
        .collect();
    let row: usize = sizes.iter().sum();
    assert!(SPEC.contains(&format!("`n_chunks` times {row}")));

    // Two entries whose fields all differ, column by column.
    let entry = |k: u64| evz_file::wire::ChunkEntry {
        offset: k,
        body_len: k + 1,
        first_event: k + 2,
        t_first: (k + 3) as i64,
        t_min: (k + 4) as i64,
        t_max: (k + 5) as i64,
        n_events: (k + 6) as u32,
        n_on: (k + 7) as u32,
        column_bytes: [8, 9, 10, 11].map(|i| (k + i) as u32),
        x_min: (k + 12) as u16,
        x_max: (k + 13) as u16,
        y_min: (k + 14) as u16,
        y_max: (k + 15) as u16,
        codec: (k + 16) as u16,
        flags: (k + 17) as u16,
        activity: [(k + 18) as u32; 32],
    };
    let body = evz_file::wire::write_leaf(&[entry(100), entry(200)]);
    let raw = zstd::decode_all(&body[16..]).unwrap();
    assert_eq!(raw.len(), 2 * row);
    let mut at = 0;
    for (column, size) in sizes.iter().enumerate() {
        for k in [100, 200] {
            assert_eq!(u64::from(raw[at]), k + column as u64, "column {column}");
            at += size;
        }
    }
}

#[test]
fn the_numbers_in_the_text_are_the_constants_of_the_code() {
    let magic: Vec<String> = forever::FILE_MAGIC
        .iter()
        .map(|b| format!("{b:02X}"))
        .collect();
    let tail = std::str::from_utf8(&forever::TAIL_MAGIC).unwrap();
    let record = std::str::from_utf8(&forever::RECORD_MAGIC).unwrap();
    for expected in [
        format!("| 0 | 8 | magic | bytes | `{}` |", magic.join(" ")),
        format!("| 0 | 4 | magic | bytes | `{record}` |"),
        format!("| 24 | 8 | magic | bytes | `{tail}` |"),
        format!(
            "Version {}.{}.",
            forever::VERSION_MAJOR,
            forever::VERSION_MINOR
        ),
        format!("zeros up to a multiple of {}", forever::ALIGNMENT),
        format!(
            "| 8 | 4 | n_events | u32 | 1 to {} |",
            limits::MAX_CHUNK_EVENTS
        ),
        format!("Lists up to {} chunks", limits::MAX_LEAF_CHUNKS),
        format!(
            "| 4 | bins | u32 | {}; a reader refuses others |",
            limits::ACTIVITY_BINS
        ),
        format!("at most {} |", limits::MAX_BODY_LEN),
        format!("Chunks of {} events are", evz_file::DEFAULT_CHUNK_EVENTS),
    ] {
        assert!(SPEC.contains(&expected), "SPEC.md lacks: {expected}");
    }
    for kind in evz_file::wire::Kind::ALL {
        assert!(SPEC.contains(&format!("| {} | {kind:?} | yes |", kind as u16)));
    }
    let codec = evz_codec::by_id(1).unwrap();
    assert!(SPEC.contains(&format!("| 1 | `{}` |", codec.name())));
}
