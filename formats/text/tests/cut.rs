//! Text that was cut within its last number.

mod common;

use std::io::Cursor;

use common::{Recording, read_bytes, read_pipe};
use evz_core::{LossKind, OpenOptions};

fn is_cut(recording: &Recording) -> bool {
    let mut losses = recording.report.losses.iter();
    losses.any(|loss| loss.kind == LossKind::CutOff && !loss.agreed)
}

/// Times behind x, y and p, so that a cut within the last line leaves four numbers.
fn text(events: u32) -> String {
    let line = |i| {
        format!(
            "{} {} {} 0.{:06}\n",
            i * 7 % 240,
            i * 5 % 180,
            i % 2,
            1 + i * 137 % 999_999
        )
    };
    (0..events).map(line).collect()
}

#[test]
fn a_last_number_with_fewer_decimals_is_said_and_one_without_an_end_alone_is_not() {
    // One that is looked at whole, and one of which that is the start and two pieces.
    for events in [50, 200_000] {
        let text = text(events);
        let options = OpenOptions::default();
        let read = |len: usize| {
            let part = text[..len].to_owned();
            let piped = read_pipe(Cursor::new(part.clone().into_bytes()), &options).unwrap();
            let read = read_bytes(part, &options).unwrap();
            assert_eq!(is_cut(&read), is_cut(&piped), "{len}");
            read
        };
        // The end of the line, and then a digit after the other.
        for missing in 0..=7 {
            let recording = read(text.len() - missing);
            assert_eq!(recording.events.len(), events as usize);
            assert_eq!(is_cut(&recording), missing > 1, "{missing} of {events}");
        }
    }
}

/// What stands before the cut is there, and that there was one is said, wherever it is in the last line.
#[test]
fn a_last_line_that_is_not_all_of_an_event_loses_nothing_else() {
    for (events, columns) in [(50, "xypt"), (200_000, "xypt"), (50, "txyp")] {
        let text = match columns {
            "txyp" => text(events)
                .lines()
                .map(|line| {
                    let (rest, t) = line.rsplit_once(' ').unwrap();
                    format!("{t} {rest}\n")
                })
                .collect(),
            _ => text(events),
        };
        let last = text.trim_end().rfind('\n').unwrap() + 1;
        let whole = read_bytes(text.clone(), &OpenOptions::default()).unwrap();
        for len in last..text.len() - 1 {
            let read = read_bytes(&text[..len], &OpenOptions::default()).unwrap();
            let n_tokens = text[last..len]
                .split(' ')
                .filter(|token| !token.is_empty())
                .count();
            let n = if n_tokens == 4 { events } else { events - 1 };
            assert_eq!(
                read.events.len(),
                n as usize,
                "{len}: {:?}",
                &text[last..len]
            );
            assert_eq!(read.events.t[..49], whole.events.t[..49]);
            let some = n_tokens > 0 && n_tokens < 4;
            assert!(is_cut(&read) || !some, "{:?}", &text[last..len]);
            assert!(!is_cut(&read) || n_tokens > 0, "{:?}", &text[last..len]);
            let skipping = OpenOptions::default().with_on_bad_line(evz_core::OnBadLine::Skip);
            let skipped = read_bytes(&text[..len], &skipping).unwrap();
            assert_eq!(skipped.events.len(), n as usize);
            assert!(!some || !is_cut(&skipped));
        }
    }
    // Other words are no cut, and few lines are somebody's.
    let stops = |text: &str| read_bytes(text.to_owned(), &OpenOptions::default()).unwrap_err();
    stops(&(text(50) + "end of file"));
    let few = text(5);
    stops(few.trim_end().rsplit_once(' ').unwrap().0);
}

/// Decimals that vary are no cut, nor is a text of a few lines that somebody wrote.
#[test]
fn other_texts_are_not_taken_for_cut() {
    let vary: String = (0..50)
        .map(|i| format!("{} {} 1 {}\n", i % 9, i % 7, f64::from(i) * 0.25))
        .collect();
    let few = "1 2 1 0.000010\n3 4 0 0.000020\n5 6 1 0.5".to_owned();
    for text in [vary.trim_end().to_owned(), few] {
        let options = OpenOptions::default().with_columns("xypt".parse().unwrap());
        let options = options.with_time_unit(evz_core::TimeUnit::Seconds);
        assert!(!is_cut(&read_bytes(text, &options).unwrap()));
    }
}
