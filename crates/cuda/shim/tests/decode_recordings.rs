//! Real recordings, where the variable EVZ_RECORDINGS names the folder that holds them.

mod decode;

use std::path::PathBuf;

use decode::cases::{Case, Chunk, FAST, SMALL, SMALL_GPU};
use decode::{Batch, decode_fast, decode_small};
use evz_core::{Columns, Event, EventBatch};

/// Prophesee DAT 2: lines that start with a percent sign, two bytes, events of eight bytes.
fn dat(bytes: &[u8]) -> EventBatch {
    let mut rest = bytes;
    while rest.first() == Some(&b'%') {
        let end = rest.iter().position(|&b| b == b'\n').expect("lines end");
        rest = &rest[end + 1..];
    }
    let (events, _) = rest[2..].as_chunks::<8>();
    events
        .iter()
        .map(|event| {
            let [t, place] =
                [0, 4].map(|at| u32::from_le_bytes(event[at..at + 4].try_into().unwrap()));
            Event {
                t: t.into(),
                x: place as u16 & 0x3fff,
                y: (place >> 14) as u16 & 0x3fff,
                p: (place >> 28) as u8 & 1,
            }
        })
        .collect()
}

/// Text: `t`, `x`, `y`, `p`, the time with six decimals or none.
fn text(bytes: &[u8]) -> EventBatch {
    let text = std::str::from_utf8(bytes).expect("text");
    let fields = |line: &str| -> Vec<i64> {
        let numbers = line
            .split([',', ' '])
            .map(|field| field.replace('.', "").parse());
        numbers.map_while(Result::ok).collect()
    };
    let events = text.lines().map(fields).filter(|fields| fields.len() == 4);
    events
        .map(|fields| Event {
            t: fields[0],
            x: fields[1] as u16,
            y: fields[2] as u16,
            p: fields[3] as u8,
        })
        .collect()
}

fn assert_all_chunks(case: &'static Case, events: &EventBatch) {
    // The shim is slow: every chunk of a short recording, some of a long one.
    let starts = (0..events.len()).step_by(65_536);
    let all = starts.len();
    for start in starts.step_by(all.div_ceil(5)) {
        let end = events.len().min(start + 65_536);
        let mut part = EventBatch::default();
        part.extend(events.as_slice().slice(start..end));
        let chunk = Chunk::new(case, &part);
        let batch = Batch::new([&chunk]);
        let decoded = match case.codec.id() {
            1 => decode_fast(&batch, Columns::ALL, 0),
            _ => decode_small(&batch, Columns::ALL, 0),
        };
        assert!(decoded == Ok(part), "{} from {start}", case.codec.name());
    }
}

#[test]
fn recordings_come_back() {
    let Some(folder) = std::env::var_os("EVZ_RECORDINGS").map(PathBuf::from) else {
        eprintln!("skipped: EVZ_RECORDINGS does not name a folder of recordings");
        return;
    };
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    for (events, n) in [
        (dat(&read("gen4.dat")), 1_218_618),
        (text(&read("davis346_seconds.txt")), 78_830),
        (text(&read("dvs.csv")), 473_225),
    ] {
        assert_eq!(events.len(), n);
        for case in [&FAST, &SMALL_GPU, &SMALL] {
            assert_all_chunks(case, &events);
        }
    }
}
