//! Any bytes as a section of a further column: an error or some values, never a panic. A part agrees
//! with the whole. The first bytes are the type, the codec, the number of values and a range.
#![no_main]

use evz_codec::extra::{ColumnType, PCO, RAW, Section};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&[number, codec, n0, n1, from, to], bytes)) = bytes.split_first_chunk() else {
        return;
    };
    let Some(column_type) = ColumnType::from_number(number % 11) else {
        return;
    };
    let n_events = usize::from(u16::from_le_bytes([n0, n1])) % 5_000;
    let section = Section {
        codec: if codec == 0 { RAW } else { PCO },
        column_type,
        n_events,
        bytes,
    };
    let size = column_type.size();
    let [a, b] = [from, to].map(|at| n_events * usize::from(at) / 255);
    let range = a.min(b)..a.max(b);
    let mut part = vec![0; range.len() * size];
    let partly = section.decode(range.clone(), &mut part);
    let mut whole = vec![0; n_events * size];
    if section.decode(0..n_events, &mut whole).is_ok() {
        assert!(partly.is_ok());
        assert_eq!(part, whole[range.start * size..range.end * size]);
    }
});
