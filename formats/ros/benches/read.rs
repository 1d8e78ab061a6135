//! How fast files of robots are read: `cargo bench -p evz-ros`.

use divan::Bencher;
use divan::counter::ItemsCount;
use evz_core::{EventBatch, Input, Next, OpenOptions};

fn main() {
    divan::main();
}

const MESSAGES: usize = 100;
const EVENTS: usize = 10_000;

fn field(name: &str, value: &[u8]) -> Vec<u8> {
    let len = (name.len() + 1 + value.len()) as u32;
    [&len.to_le_bytes()[..], name.as_bytes(), b"=", value].concat()
}

fn record(head: &[Vec<u8>], data: &[u8]) -> Vec<u8> {
    let head = head.concat();
    let (head_len, data_len) = (head.len() as u32, data.len() as u32);
    [
        &head_len.to_le_bytes()[..],
        &head,
        &data_len.to_le_bytes(),
        data,
    ]
    .concat()
}

/// A bag of lists of made-up events, a chunk each, that was not finished.
fn bag() -> Vec<u8> {
    let head = [field("op", &[3]), field("index_pos", &[0; 8])];
    let mut bag = [b"#ROSBAG V2.0\n".to_vec(), record(&head, &[b' '; 100])].concat();
    let connection = record(
        &[
            field("op", &[7]),
            field("conn", &[0; 4]),
            field("topic", b"/events"),
        ],
        &field("type", b"dvs_msgs/EventArray"),
    );
    for m in 0..MESSAGES {
        let mut message = vec![0; 4 + 8 + 4];
        for n in [480, 640, EVENTS as u32] {
            message.extend(n.to_le_bytes());
        }
        for i in 0..EVENTS {
            let (x, y) = ((i % 640) as u16, (i / 7 % 480) as u16);
            let nanoseconds = ((m * EVENTS + i) * 500) as u32;
            message.extend([x.to_le_bytes(), y.to_le_bytes()].concat());
            message.extend([1_700_000_000u32.to_le_bytes(), nanoseconds.to_le_bytes()].concat());
            message.push(i as u8 & 1);
        }
        let head = [
            field("op", &[2]),
            field("conn", &[0; 4]),
            field("time", &[0; 8]),
        ];
        let chunk = [connection.clone(), record(&head, &message)].concat();
        let size = (chunk.len() as u32).to_le_bytes();
        let head = [
            field("op", &[5]),
            field("compression", b"none"),
            field("size", &size),
        ];
        bag.extend(record(&head, &chunk));
    }
    bag
}

#[divan::bench]
fn lists_of_events(bencher: Bencher) {
    let bytes = bag();
    let mut batch = EventBatch::default();
    bencher
        .counter(ItemsCount::new(MESSAGES * EVENTS))
        .with_inputs(|| Input::from_bytes(bytes.clone(), "a.bag"))
        .bench_local_values(|input| {
            let mut source = evz_ros::open(input, &OpenOptions::new()).unwrap();
            let mut events = 0;
            while let Next::Events(_) = source.read_events(&mut batch).unwrap() {
                events += batch.len();
            }
            assert_eq!(events, MESSAGES * EVENTS);
        });
}
