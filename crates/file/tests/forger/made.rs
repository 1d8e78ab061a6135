//! Files to be forged: two event streams, one with a further column, a side stream, and an index of all levels.

use evz_codec::{Codec, FAST, SMALL};
use evz_core::{ColumnType, EventBatch};
use evz_file::wire::StreamDeclaration;

use super::{Forgery, finished, options};
use crate::common::{Times, columns, events, info, side, side_messages, with_extra};

/// A file in its parts, how many fields these have, the events of a chunk, and those of its streams.
pub struct Made {
    pub forgery: Forgery,
    pub fields: usize,
    pub chunk: usize,
    pub streams: [EventBatch; 2],
}

/// Files of either codec, with times in order and not, and with so many events in the larger stream.
pub fn of_all_kinds(n: usize) -> Vec<Made> {
    let codecs = [&FAST as &dyn Codec, &SMALL];
    let times = [Times::Rising, Times::Scrambled];
    let all = codecs
        .into_iter()
        .flat_map(|codec| times.map(|times| (codec, times)));
    all.map(|(codec, times)| made(codec, times, n)).collect()
}

fn made(codec: &'static dyn Codec, times: Times, n: usize) -> Made {
    let (mut left, right) = (events(n, times, 5), events(n / 3, Times::Tied, 6));
    with_extra(&mut left, &[ColumnType::U16], 1);
    let declared = info().with_columns(columns(&[ColumnType::U16]));
    // Seven chunks and a shorter one.
    let chunk = n as u32 / 7;
    let mut writer = options(codec, chunk)
        .write_to(Vec::new(), &declared)
        .unwrap();
    let declared = StreamDeclaration {
        name: "right".to_owned(),
        width: 640,
        height: 480,
        ..StreamDeclaration::default()
    };
    let number = writer.add_stream(declared).unwrap();
    let imu = writer.add_side_stream(side("imu")).unwrap();
    for k in 0..5 {
        let rows = side_messages(&[10 * k, 10 * k + 3, 10 * k + 2]);
        let times = (10 * k, 10 * k + 3);
        writer.write_side_batch(imu, &rows, 3, times).unwrap();
    }
    writer.write_batch(left.as_slice()).unwrap();
    writer.write_events(number, right.as_slice()).unwrap();
    let mut forgery = Forgery::of(&finished(writer)).with_nodes();
    let mut fields = 0;
    forgery.each(&mut |_, _| fields += 1);
    Made {
        forgery,
        fields,
        chunk: chunk as usize,
        streams: [left, right],
    }
}
