//! What a GPU decodes when it is opened, to see that it decodes right: that the chunks are those of
//! today's encoders, and hold what could be decoded wrongly.

#[path = "../../src/self_test/events.rs"]
mod events;

use std::collections::BTreeSet;
use std::path::Path;

use events::{N_EVENTS, SIZE, events};
use evz_codec::{ChunkTime, Codec};

/// Makes the files again, where it is set.
const BLESS: &str = "EVZ_BLESS";

#[test]
fn chunks_are_those_of_the_encoders() {
    let events = events();
    let time = ChunkTime::of(&events.t);
    assert_eq!((time.first, time.divisor), (events.t[0], 1));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/self_test");
    let codecs: [(&str, &dyn Codec); 3] = [
        ("fast", &evz_codec::FAST),
        ("small", &evz_codec::SMALL),
        ("small-gpu", &evz_codec::SMALL_GPU),
    ];
    for (profile, codec) in codecs {
        let mut file = vec![0; 4];
        let encoded = codec.encode(events.as_slice(), time, &mut file);
        file[..4].copy_from_slice(&encoded.toc_len.to_le_bytes());
        // Bit 7 of the head: whether polarities are told by the event before, or by cells of pixels.
        let head_at = 4 + events.t.len().div_ceil(8_192) * 28;
        assert!(profile == "fast" || (file[head_at] >> 7 == 1) == (profile == "small-gpu"));
        let path = folder.join(format!("{profile}.chunk"));
        if std::env::var_os(BLESS).is_some() {
            std::fs::write(&path, &file).unwrap();
        }
        assert!(
            std::fs::read(&path).unwrap() == file,
            "{} is not what the encoder makes; run this with {BLESS}=1",
            path.display()
        );
    }
}

/// As the kernels tell polarities by the event before, in `context_before`.
fn context_before((dx, dy): (i32, i32)) -> i32 {
    match dx.abs().max(dy.abs()) {
        0..=2 => 5 * (dy + 2) + dx + 2,
        _ if dy == 0 => 25 + i32::from(dx > 0),
        3..=8 => 27,
        _ => 28,
    }
}

#[test]
fn neighbours_have_every_difference_that_matters() {
    let events = events();
    assert_eq!(events.t.len(), N_EVENTS as usize);
    let places: Vec<(i32, i32)> = (0..events.t.len())
        .map(|i| (events.x[i].into(), events.y[i].into()))
        .collect();
    let inside = |(x, y): &(i32, i32)| *x < SIZE.0.into() && *y < SIZE.1.into();
    assert!(places.iter().all(inside));
    // The last 512 polarities have no context.
    let coded = &places[..places.len() - 512];
    let steps: Vec<(i32, i32)> = coded
        .windows(2)
        .map(|w| (w[1].0 - w[0].0, w[1].1 - w[0].1))
        .collect();
    let contexts: BTreeSet<i32> = steps.iter().map(|s| context_before(*s)).collect();
    assert_eq!(contexts, (0..29).collect());
    // What became of it where a compiler lost the minus of -dx: it would be seen.
    let wrong = |(dx, dy): &&(i32, i32)| (*dx).max(dy.abs()) <= 2 && *dx < -2;
    assert!(steps.iter().filter(wrong).count() > 100);
    // Both signs of both, at every distance that matters and beyond.
    for distance in [1..=2, 3..=8, 9..=20, 21..=63] {
        for (sx, sy) in [(1, 1), (1, -1), (-1, 1), (-1, -1)] {
            let has = |(dx, dy): &(i32, i32)| {
                let (dx, dy) = (sx * dx, sy * dy);
                dx > 0 && dy > 0 && distance.contains(&dx.max(dy))
            };
            assert!(steps.iter().any(has), "{distance:?}, {sx}, {sy}");
        }
    }
    let waits = events.t.windows(2).map(|w| w[1] - w[0]);
    assert!(waits.clone().all(|w| w >= 0) && waits.max() > Some(1 << 16));
}
