//! Real recordings. As text: to a file with the digest that independent decoders gave, and back to
//! the same bytes. In any format that can be read: through the codec `small` and back.

#[path = "cli_common/mod.rs"]
mod cli_common;
mod common;

use std::io::{Cursor, Read};
use std::path::Path;

use cli_common::Folder;
use evz::file::DEFAULT_CHUNK_EVENTS;
use evz::{
    Columns, EventBatch, EventSlice, Metadata, Next, OpenOptions, ReadOptions, Selection,
    StreamInfo, WriteOptions,
};
use evz_codec::{ChunkTime, Codec, Decoder, Payload, SMALL, SMALL_GPU, Small};
use evz_core::ColumnsMut;
use serde_json::Value;

/// Name of the text and of the entry of truth.json with the same events.
const RECORDINGS: [(&str, &str); 3] = [
    ("davis346_seconds.txt", "davis346_seconds.txt"),
    ("dvs.csv", "dvs.es"),
    ("evt2_metavision.csv.gz", "evt2_metavision.csv.gz"),
];

#[test]
fn text_recordings_have_their_digest_and_come_back() {
    let Some(recordings) = common::recordings() else {
        return;
    };
    let truth = std::fs::read_to_string(recordings.join("truth.json")).unwrap();
    let truth: Value = serde_json::from_str(&truth).unwrap();
    let folder = Folder::new();
    for (name, entry) in RECORDINGS {
        let input = recordings.join(name);
        let input = input.to_str().unwrap();
        let truth = &truth[entry];
        let made = folder
            .run(&["convert", input, "out.evz", "--force"])
            .ends(0);
        made.says("read as: ")
            .says("converted back to text, it gives the same bytes");

        let digest = folder.run(&["digest", "out.evz"]).ends(0);
        assert_eq!(
            digest.text().split(' ').next().unwrap(),
            truth["sha256"],
            "{name}"
        );
        folder.run(&["verify", "out.evz"]).ends(0);

        let info = folder.run(&["info", "out.evz", "--json"]).ends(0);
        let info: Value = serde_json::from_str(info.text()).unwrap();
        for key in ["events", "t_first_us", "t_last_us", "on", "sorted"] {
            assert_eq!(info[key], truth[key], "{key} of {name}");
        }
        assert_eq!(info["x_max"], truth["x_max"], "{name}");
        assert_eq!(info["y_max"], truth["y_max"], "{name}");

        folder
            .run(&["convert", "out.evz", "back.txt", "--force"])
            .ends(0);
        let mut text = std::fs::read(input).unwrap();
        if name.ends_with(".gz") {
            let packed = std::mem::take(&mut text);
            flate2::read::MultiGzDecoder::new(packed.as_slice())
                .read_to_end(&mut text)
                .unwrap();
        }
        assert!(
            folder.read("back.txt") == text,
            "{name} comes back with other bytes"
        );
    }
}

/// Every recording that can be read, by its name.
fn readable(folder: &Path) -> Vec<(String, StreamInfo, EventBatch)> {
    let mut all = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        let Ok(mut source) =
            evz::open(file.path(), &OpenOptions::new()).map(evz::Recording::into_source)
        else {
            continue;
        };
        let (mut events, mut batch) = (EventBatch::default(), EventBatch::default());
        while let Next::Events(_) = source.read_events(&mut batch).unwrap() {
            events.extend(batch.as_slice());
        }
        let name = file.file_name().to_string_lossy().into_owned();
        all.push((name, source.info().clone(), events));
    }
    all
}

#[test]
fn small_gives_every_recording_back() {
    let Some(recordings) = common::recordings() else {
        return;
    };
    let all = readable(&recordings);
    for (name, _) in RECORDINGS {
        assert!(all.iter().any(|(other, ..)| other == name), "{name}");
    }
    for (name, info, events) in all {
        for codec in [&SMALL, &SMALL_GPU] {
            assert_chunks_come_back(codec, &events, &name);
            assert_windows_come_back(codec, &info, &events, &name);
        }
    }
}

/// With vectors and without, chunk by chunk.
fn assert_chunks_come_back(codec: &Small, events: &EventBatch, name: &str) {
    let n = events.len();
    for start in (0..n).step_by(DEFAULT_CHUNK_EVENTS as usize) {
        let chunk = events
            .as_slice()
            .slice(start..n.min(start + DEFAULT_CHUNK_EVENTS as usize));
        // The codec of an event; further columns have their own.
        let chunk = EventSlice {
            extra: Default::default(),
            ..chunk
        };
        let time = ChunkTime::of(chunk.t);
        let mut bytes = Vec::new();
        let encoded = codec.encode(chunk, time, &mut bytes);
        let payload = Payload {
            bytes: &bytes,
            toc_len: encoded.toc_len as usize,
            n_events: chunk.len(),
            time,
            sorted: chunk.t.is_sorted(),
        };
        for portable in [false, true] {
            let mut decoded = EventBatch::default();
            decoded.resize(chunk.len(), Columns::TXYP);
            let out = ColumnsMut {
                t: Some(&mut decoded.t),
                x: Some(&mut decoded.x),
                y: Some(&mut decoded.y),
                p: Some(&mut decoded.p),
            };
            let done = if portable {
                codec.decode_portable(payload, 0..chunk.len(), out)
            } else {
                codec.decode(payload, 0..chunk.len(), out)
            };
            done.unwrap();
            assert!(
                decoded.as_slice() == chunk,
                "{name} from event {start} on, portable: {portable}"
            );
        }
    }
}

/// Out of a file: all, and windows from and to where a decoder can start, an event before or behind.
fn assert_windows_come_back(
    codec: &'static Small,
    info: &StreamInfo,
    events: &EventBatch,
    name: &str,
) {
    let options = WriteOptions::new().with_codec(codec);
    let mut writer = options.write_to(Vec::new(), info).unwrap();
    writer.write_batch(events.as_slice()).unwrap();
    let bytes = writer.finish_into(&Metadata::new()).unwrap().0;
    let reader = ReadOptions::new().open_stream(Cursor::new(bytes)).unwrap();
    let mut decoded = EventBatch::default();
    reader.read(&Selection::default(), &mut decoded).unwrap();
    assert!(decoded == *events, "{name}");
    if events.is_empty() {
        return;
    }

    let mut state = 1u64;
    let mut border = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let entries = events.len() / codec.entry_len() + 1;
        let at = (state >> 40) as usize % entries * codec.entry_len();
        (at + (state >> 33) as usize % 3)
            .saturating_sub(1)
            .min(events.len() - 1)
    };
    let these = |positions: Vec<u32>| {
        let mut these = EventBatch::default();
        these.clear_for(&info.columns);
        these.gather(events.as_slice(), &positions);
        these
    };
    for _ in 0..20 {
        let (a, b) = (border(), border());
        let (a, b) = (a.min(b), a.max(b));
        let by_number = Selection::default().with_events(a as u64..b as u64);
        reader.read(&by_number, &mut decoded).unwrap();
        assert!(
            decoded == these((a as u32..b as u32).collect()),
            "{name}: {a}..{b}"
        );

        let time = events.t[a]..events.t[b];
        reader
            .read(&Selection::default().with_time(time.clone()), &mut decoded)
            .unwrap();
        let inside = |i: &u32| time.contains(&events.t[*i as usize]);
        let expected = (0..events.len() as u32).filter(inside).collect();
        assert!(decoded == these(expected), "{name}: {time:?}");
    }
}
