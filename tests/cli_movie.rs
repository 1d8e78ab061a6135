//! What movies of `evz render` show and when, as a process. Their pixels are read out of y4m, whose planes are
//! the pictures, and compared with what the events of a text file make of them.

#[path = "cli_common/mod.rs"]
mod common;

use common::{Folder, Run};

const WIDTH: usize = 32;
const HEIGHT: usize = 8;

/// A recording of 20 ms, with an event half a millisecond after each whole one, in the column of its
/// millisecond: ON where that is even.
fn one_a_millisecond() -> Folder {
    let folder = Folder::new();
    let event = |ms: usize| {
        format!(
            "{}.{:03}500 {ms} 3 {}\n",
            ms / 1_000,
            ms % 1_000,
            1 - ms % 2
        )
    };
    // The first event is that times count from.
    let start = format!("{WIDTH} {HEIGHT}\n0.000000 31 7 1\n");
    let text = start + &(0..20).map(event).collect::<String>();
    folder.write("events.txt", text.as_bytes());
    folder
}

/// Renders a movie as y4m, at the size of the sensor.
fn movie(folder: &Folder, options: &[&str]) -> (Run, Vec<Vec<u8>>) {
    let (run, size, frames) = rendered(folder, &[options, &["--upscale", "1"]].concat());
    assert_eq!(size, (WIDTH, HEIGHT));
    (run, frames)
}

/// Renders a movie as y4m; its size, and the planes of its pictures.
fn rendered(folder: &Folder, options: &[&str]) -> (Run, (usize, usize), Vec<Vec<u8>>) {
    let render = ["render", "events.txt", "-o", "out.y4m", "--force"];
    let run = folder.run(&[&render[..], options].concat()).ends(0);
    let bytes = folder.read("out.y4m");
    let end = bytes.iter().position(|b| *b == b'\n').expect("a header");
    let header = String::from_utf8_lossy(&bytes[..end]);
    let side = |letter| {
        let mut words = header.split(' ').skip(1);
        let word = words.find_map(|word| word.strip_prefix(letter));
        word.expect("a size").parse().expect("a number")
    };
    let (width, height) = (side('W'), side('H'));
    let frames = bytes[end + 1..].chunks(6 + 3 * width * height);
    let frames = frames.map(|frame| {
        assert_eq!(&frame[..6], b"FRAME\n");
        frame[6..].to_vec()
    });
    (run, (width, height), frames.collect())
}

/// The columns of the milliseconds that a picture shows.
fn milliseconds(frame: &[u8]) -> Vec<usize> {
    let row = &frame[3 * WIDTH..4 * WIDTH];
    let ground = frame[4 * WIDTH];
    let lit = |x: &usize| row[*x] != ground;
    (0..20).filter(lit).collect()
}

#[test]
fn a_movie_goes_on_by_its_rate_however_long_its_windows_are() {
    let folder = one_a_millisecond();
    // Milliseconds of a window, those from one frame to the next, and the options that say so.
    let cases: [(usize, usize, &[&str]); 6] = [
        (1, 1, &["--fps", "1000", "--mode", "signed"]),
        (3, 1, &["--fps", "1000", "--window", "3ms"]),
        (3, 2, &["--fps", "1000", "--window", "3ms", "--speed", "2"]),
        (2, 4, &["--fps", "250", "--window", "2ms"]),
        (5, 4, &["--fps", "50", "--window", "5ms", "--stride", "4ms"]),
        // Rates of 60 a second, of which no millisecond is a part, at a third of a tenth.
        (5, 1, &["--fps", "60", "--speed", "0.06", "--window", "5ms"]),
    ];
    for (window, stride, options) in cases {
        let (_, frames) = movie(&folder, options);
        // The last event is in the last frame, and there is none of a time behind it.
        assert_eq!(frames.len(), 20_usize.div_ceil(stride), "{options:?}");
        for (k, frame) in frames.iter().enumerate() {
            let end = (k + 1) * stride;
            let expected: Vec<usize> = (end.saturating_sub(window)..end.min(20)).collect();
            assert_eq!(milliseconds(frame), expected, "{options:?}: frame {k}");
        }
    }
}

#[test]
fn what_follows_from_the_options_is_said() {
    let folder = one_a_millisecond();
    let said = |options: &[&str]| movie(&folder, options).0.err;
    let stride = said(&["--window", "5ms", "--stride", "5ms"]);
    assert!(
        stride.contains("--stride makes the speed 0.15 of real time"),
        "{stride}"
    );
    let gaps = said(&["--window", "5ms"]);
    let expected =
        "each frame shows 5 ms of 33.333 ms; --speed 0.15 or a longer --window shows all";
    assert!(gaps.contains(expected), "{gaps}");
    // As it says, nothing is left out.
    let (run, frames) = movie(&folder, &["--window", "5ms", "--speed", "0.15"]);
    assert!(!run.err.contains("note"), "{}", run.err);
    let shown: Vec<usize> = frames
        .iter()
        .flat_map(|frame| milliseconds(frame))
        .collect();
    assert_eq!(shown, (0..20).collect::<Vec<_>>());
    // The first of 11 events of ten frames each, of the others one less each.
    let seen = said(&["--fps", "1000", "--window", "10ms"]);
    let expected = format!("20 frames of 32x8, {} events in all frames", 10 + 110 + 45);
    assert!(seen.contains(&expected), "{seen}");
    let options = ["--stride", "5ms", "--speed", "2", "-o", "no.gif"];
    folder
        .run(&[&["render", "events.txt"], &options[..]].concat())
        .ends(2)
        .says("--speed");
}

#[test]
fn frames_of_a_rate_are_the_same_in_an_array() {
    let folder = one_a_millisecond();
    let rate = ["--fps", "1000", "--window", "3ms", "--mode", "signed"];
    let (_, frames) = movie(&folder, &rate);
    let render = ["render", "events.txt", "-o", "out.npy", "--force"];
    folder.run(&[&render[..], &rate].concat()).ends(0);
    let array = folder.read("out.npy");
    let values = &array[array.len() - frames.len() * 2 * WIDTH * HEIGHT..];
    for (frame, values) in frames.iter().zip(values.chunks(2 * WIDTH * HEIGHT)) {
        let row = values[2 * 3 * WIDTH..].chunks(2).take(20);
        let lit = row.enumerate().filter(|(_, value)| *value != [0, 0]);
        assert_eq!(milliseconds(frame), lit.map(|(x, _)| x).collect::<Vec<_>>());
    }
}

#[test]
fn a_decay_leaves_a_trail_over_frames() {
    let folder = one_a_millisecond();
    for (mode, until) in [("exp-decay", 10.0), ("linear-decay", 2.0)] {
        let decay = [
            "--fps", "1000", "--mode", mode, "--tau", "2ms", "--scale", "1",
        ];
        let (_, frames) = movie(&folder, &decay);
        assert_eq!(frames.len(), 20);
        for (k, frame) in frames.iter().enumerate() {
            let seen = milliseconds(frame);
            assert!(
                seen.is_sorted() && seen.last() == Some(&k),
                "{mode}, frame {k}: {seen:?}"
            );
            // An event stands half a millisecond before the end of its own frame.
            let age = k as f64 + 0.5 - seen[0] as f64;
            let reach = (k as f64 + 0.5).min(until - 0.5);
            assert!(
                age <= until && age > reach - 2.0,
                "{mode}, frame {k}: {seen:?}"
            );
        }
    }
}

#[test]
fn a_small_sensor_is_shown_large() {
    let folder = one_a_millisecond();
    let window = ["--fps", "1000", "--window", "5ms"];
    let (_, small) = movie(&folder, &window);
    for (told, factor) in [(&[][..], 60), (&["--upscale", "3"], 3)] {
        let (run, size, frames) = rendered(&folder, &[&window, told].concat());
        assert_eq!(size, (WIDTH * factor, HEIGHT * factor));
        run.says(&format!("drawn as {}x{}, in", size.0, size.1));
        assert_eq!(frames.len(), small.len());
        for (frame, small) in frames.iter().zip(&small) {
            // Each plane, row by row; a row of the sensor stands in so many of the picture.
            for (y, row) in frame.chunks(size.0).enumerate() {
                let from = &small[y / factor * WIDTH..][..WIDTH];
                let same = row.iter().enumerate().all(|(x, v)| *v == from[x / factor]);
                assert!(same, "{factor}: row {y}");
            }
        }
    }
    let render = ["render", "events.txt", "-o", "no.gif", "--upscale"];
    let refused = |n| folder.run(&[&render[..], &[n]].concat()).ends(2);
    refused("0").says("0 is not in 1..=1024");
    folder.write("wide.txt", b"1280 720\n0.000001 5 5 1\n");
    let wide = ["render", "wide.txt", "-o", "no.png", "--upscale", "9"];
    folder.run(&wide).ends(2).says("pass 8 or less");
    assert_eq!(folder.names(), ["events.txt", "out.y4m", "wide.txt"]);
}

#[test]
fn single_events_of_a_large_sensor_are_made_larger() {
    let folder = Folder::new();
    folder.write("events.txt", b"1280 720\n0.000001 5 5 1\n");
    let cases: [(&[&str], usize); 4] = [
        (&[], 9),
        (&["--no-dilate"], 1),
        (&["--upscale", "2"], 4),
        (&["--upscale", "2", "--dilate"], 36),
    ];
    for (options, expected) in cases {
        let (_, (width, height), frames) = rendered(&folder, options);
        let plane = &frames[0][..width * height];
        let lit = plane.iter().filter(|y| **y != plane[0]).count();
        assert_eq!(lit, expected, "{options:?}");
    }
}

/// The luma of a colour, in the limited range of BT.601.
fn luma([r, g, b]: [f64; 3]) -> f64 {
    16.0 + 219.0 * (0.299 * r + 0.587 * g + 0.114 * b) / 255.0
}

#[test]
fn a_movie_has_trails_on_dark_grey_that_last_as_long_on_the_screen_at_any_speed() {
    let folder = one_a_millisecond();
    let ground = [25.0; 3];
    // A speed, and the milliseconds of the recording after which 1 / e is left.
    for (speed, tau) in [("1", 100.0), ("0.5", 50.0), ("0.1", 10.0)] {
        let (_, frames) = movie(&folder, &["--fps", "1000", "--speed", speed]);
        let step: f64 = speed.parse().expect("a number");
        // Until the last event, at 19.5 ms.
        assert_eq!(frames.len(), (19.501 / step).ceil() as usize);
        for (k, frame) in frames.iter().enumerate() {
            let moment = (k + 1) as f64 * step;
            for ms in 0..20 {
                let age = moment - (ms as f64 + 0.5);
                let full = match ms % 2 {
                    0 => [255.0, 72.0, 56.0],
                    _ => [72.0, 136.0, 255.0],
                };
                // What comes later is not seen, nor what has faded to less than a step of colour.
                let share = match age > 0.0 && age <= 5.0 * tau {
                    true => (-age / tau).exp(),
                    false => 0.0,
                };
                let color = std::array::from_fn(|i| ground[i] + share * (full[i] - ground[i]));
                let found = f64::from(frame[3 * WIDTH + ms]);
                let away = (found - luma(color)).abs();
                assert!(
                    away <= 1.5,
                    "x{speed}, frame {k}, {ms} ms: {found} for {color:?}"
                );
            }
        }
    }
}

#[test]
fn a_still_is_for_paper_and_counts_events() {
    let folder = one_a_millisecond();
    let still = |options: &[&str]| {
        let render = [
            "render",
            "events.txt",
            "-o",
            "one.png",
            "--force",
            "--upscale",
            "1",
        ];
        folder.run(&[&render[..], options].concat()).ends(0);
        let bytes = folder.read("one.png");
        let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().expect("a PNG");
        let mut rgb = vec![0; reader.output_buffer_size().expect("a size")];
        reader.next_frame(&mut rgb).expect("a picture");
        let at = |x: usize, y: usize| {
            let at = 3 * (y * WIDTH + x);
            [rgb[at], rgb[at + 1], rgb[at + 2]]
        };
        [at(0, 0), at(4, 3), at(5, 3)]
    };
    let white = [255; 3];
    let expected = [white, [208, 16, 24], [24, 72, 216]];
    assert_eq!(still(&[]), expected);
    let dark = [[25; 3], [255, 72, 56], [72, 136, 255]];
    assert_eq!(still(&["--theme", "dark"]), dark);
    let pair = [white, [213, 94, 0], [0, 114, 178]];
    assert_eq!(still(&["--colors", "orange-blue"]), pair);
    let black = [0; 3];
    assert_eq!(still(&["--mode", "total"]), [white, black, black]);
    let last = [253, 231, 37];
    assert_eq!(
        still(&["--mode", "total", "--colors", "viridis"]),
        [white, last, last]
    );
    for (mode, colors, said) in [
        (
            "signed",
            "viridis",
            "mode signed has polarities; pass red-blue",
        ),
        (
            "total",
            "red-blue",
            "mode total has no polarities; pass grey or viridis",
        ),
        (
            "signed",
            "pink",
            "there are red-blue, orange-blue, grey, viridis",
        ),
    ] {
        let render = [
            "render",
            "events.txt",
            "-o",
            "no.png",
            "--mode",
            mode,
            "--colors",
            colors,
        ];
        folder.run(&render).ends(2).says(said);
    }
}

/// Of a recording with an event a millisecond.
#[test]
fn one_moment_of_a_decay_shows_all_that_has_not_faded() {
    let folder = Folder::new();
    let event = |ms: usize| format!("{}.{:03} {} 3 1\n", ms / 1_000, ms % 1_000, ms % 32);
    let text = "32 8\n".to_owned() + &(0..1_000).map(event).collect::<String>();
    folder.write("events.txt", text.as_bytes());
    let cases: [(&[&str], usize); 6] = [
        (&["--mode", "exp-decay"], 150),
        (&["--mode", "exp-decay", "--tau", "100ms"], 500),
        (&["--mode", "linear-decay", "--tau", "100ms"], 100),
        (&["--mode", "exp-decay", "--tau", "1ms"], 33),
        (&["--mode", "exp-decay", "--window", "20ms"], 20),
        (&["--mode", "signed"], 33),
    ];
    for (options, events) in cases {
        let render = [
            "render",
            "events.txt",
            "-o",
            "one.png",
            "--force",
            "--at",
            "900ms",
        ];
        let run = folder.run(&[&render[..], options].concat()).ends(0);
        run.says(&format!("1 frame of 32x8, {events} events, drawn"));
    }
}
