//! `evz play` as a process, in a terminal and before ffplay.
#![cfg(unix)]

#[path = "cli_common/mod.rs"]
mod common;
mod pty;

use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{Folder, Run};
use pty::{PLAIN, Terminal};
use rustix::process::Signal;

/// A picture as rows of red, green, blue.
type Pixels = Vec<Vec<[u8; 3]>>;

fn png_pixels(bytes: &[u8]) -> Pixels {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().expect("a PNG");
    let mut rgb = vec![0; reader.output_buffer_size().expect("a size")];
    let shape = reader.next_frame(&mut rgb).expect("a picture");
    let (pixels, []) = rgb.as_chunks::<3>() else {
        panic!("no red, green, blue");
    };
    let rows = pixels.chunks(shape.width as usize);
    rows.map(<[_]>::to_vec).collect()
}

/// A folder with a copy of the recording of a moving scene, of 240x180.
fn moving() -> Folder {
    let folder = Folder::new();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/moving.evz");
    folder.write("moving.evz", &std::fs::read(fixture).expect("a fixture"));
    folder
}

fn play(folder: &Folder, args: &[&str]) -> Command {
    let mut command = folder.command(&["play"]);
    command.args(args).env("COLORTERM", "truecolor");
    command
}

/// Plays in a terminal of 100 by 31, of which one row is the status.
fn in_terminal(folder: &Folder, args: &[&str]) -> Terminal {
    Terminal::of(play(folder, args), (100, 31), PLAIN, true)
}

/// The moment on the screen once it is paused, as an option takes it.
fn paused_at(terminal: &mut Terminal) -> String {
    let status = terminal.says("paused");
    let seconds = status.split(' ').next().expect("the moment is first");
    format!("{seconds}s")
}

/// What `evz render` makes of a moment.
fn rendered(folder: &Folder, at: &str, args: &[&str]) -> Pixels {
    let mut all = vec![
        "render",
        "moving.evz",
        "-o",
        "one.png",
        "--force",
        "--upscale",
        "1",
        "--theme",
        "dark",
        "--at",
        at,
    ];
    all.extend(args);
    folder.run(&all).ends(0);
    png_pixels(&folder.read("one.png"))
}

/// The colours of the two pixels of every cell above the status.
fn half_blocks(terminal: &Terminal) -> Pixels {
    terminal.look(|screen| {
        let (rows, columns) = screen.size();
        let rgb = |colour| match colour {
            vt100::Color::Rgb(r, g, b) => [r, g, b],
            // What nothing was drawn on.
            _ => [1, 2, 3],
        };
        let mut pixels = Vec::new();
        for row in 0..rows.get() - 1 {
            let cell = |column| screen.cell(row, column).expect("a cell");
            let cells = || (0..columns.get()).map(cell);
            let lower = |cell: &vt100::Cell| rgb(cell.bgcolor());
            let upper = |cell: &vt100::Cell| match cell.contents() {
                "▀" => rgb(cell.fgcolor()),
                _ => lower(cell),
            };
            pixels.push(cells().map(upper).collect());
            pixels.push(cells().map(lower).collect());
        }
        pixels
    })
}

/// Asserts that each pixel of a smaller picture is the strongest of those that it stands for.
#[track_caller]
fn assert_shrunk(small: &Pixels, large: &Pixels) {
    let strength = |rgb: &[u8; 3]| *rgb.iter().max().expect("three");
    let (w, h) = (small[0].len(), small.len());
    let mut coloured = 0;
    for (y, row) in small.iter().enumerate() {
        for (x, pixel) in row.iter().enumerate() {
            let rows = y * large.len() / h..(y + 1) * large.len() / h;
            let columns = x * large[0].len() / w..(x + 1) * large[0].len() / w;
            let of = || {
                large[rows.clone()]
                    .iter()
                    .flat_map(|row| &row[columns.clone()])
            };
            let most = of().map(strength).max().expect("some");
            // Two strengths may have one value of 8 bits.
            let fits = of().any(|one| one == pixel && strength(one) >= most.saturating_sub(1));
            assert!(
                fits,
                "{pixel:?} at {x},{y} is not the strongest of {:?}",
                of().collect::<Vec<_>>()
            );
            coloured += usize::from(most > 25);
        }
    }
    assert!(coloured > 20, "{coloured} cells of {w}x{h} have colours");
}

#[test]
fn half_blocks_are_what_render_makes_of_the_moment() {
    let folder = moving();
    // 240x180 in 100x60 pixels is 80x60, with 10 columns left and right.
    let cases: [(&[&str], &[&str]); 4] = [
        (&[], &["--window", "33ms"]),
        (
            &["--window", "5ms", "--mode", "counts"],
            &["--window", "5ms", "--mode", "counts"],
        ),
        (
            &["--roi", "60,40,120,100"],
            &["--window", "33ms", "--roi", "60,40,120,100"],
        ),
        // Filters read from front to back, and there is no index of what they leave.
        (
            &["--flip", "x", "--polarity", "on"],
            &["--window", "33ms", "--flip", "x", "--polarity", "on"],
        ),
    ];
    for (options, same) in cases {
        let mut args = vec![
            "moving.evz",
            "--as",
            "half-blocks",
            "--speed",
            "0.05",
            "--at",
            "50ms",
        ];
        args.extend(options);
        let mut terminal = in_terminal(&folder, &args);
        terminal.says("events/s");
        terminal.press(" ");
        let at = paused_at(&mut terminal);
        let shown = half_blocks(&terminal);
        assert!(
            shown
                .iter()
                .all(|row| row[9] == [1, 2, 3] && row[90] == [1, 2, 3])
        );
        let shown: Pixels = shown.iter().map(|row| row[10..90].to_vec()).collect();
        assert_shrunk(&shown, &rendered(&folder, &at, same));
        terminal.press("q");
        terminal.ends(0);
    }
}

#[test]
fn the_last_picture_is_that_of_the_end_of_what_is_selected() {
    let folder = moving();
    let mut terminal = in_terminal(&folder, &["moving.evz", "--from", "20ms", "--to", "80ms"]);
    assert_eq!(paused_at(&mut terminal), "0.080000s");
    let shown: Pixels = half_blocks(&terminal)
        .iter()
        .map(|row| row[10..90].to_vec())
        .collect();
    assert_shrunk(&shown, &rendered(&folder, "80ms", &["--window", "33ms"]));
    // It plays again from the start, and a moment outside is none.
    terminal.press("0");
    assert_eq!(paused_at(&mut terminal).len(), "0.020000s".len());
    terminal.says("0.020000 / 0.080000 s paused");
    terminal.press("\x1b");
    terminal.ends(0);
    let mut outside = in_terminal(&folder, &["moving.evz", "--at", "5s"]);
    outside.ends(2);
    let said = outside.look(|screen| screen.contents().replace('\n', ""));
    assert!(
        said.contains("there are events from 0.000000 s to 0.119998 s"),
        "{said}"
    );
}

#[test]
fn colours_are_of_256_where_the_terminal_says_no_more() {
    let folder = moving();
    let mut command = play(&folder, &["moving.evz"]);
    command.env_remove("COLORTERM");
    let mut terminal = Terminal::of(command, (100, 31), PLAIN, true);
    terminal.says("paused");
    let colours = terminal.look(|screen| {
        let cells = (0..30 * 80).map(|i| screen.cell(i / 80, 10 + i % 80).expect("a cell"));
        cells.map(vt100::Cell::bgcolor).collect::<Vec<_>>()
    });
    assert!(
        colours
            .iter()
            .all(|colour| matches!(colour, vt100::Color::Idx(16..)))
    );
    assert!(colours.iter().any(|colour| *colour != colours[0]));
    terminal.press("q");
    terminal.ends(0);
}

#[test]
fn keys_move_it() {
    let folder = moving();
    let mut terminal = in_terminal(&folder, &["moving.evz", "--as", "half-blocks"]);
    terminal.says("0.119998 / 0.119998 s paused  x1  33 ms signed");
    terminal.press("5");
    terminal.says("0.059999 / ");
    terminal.press(".");
    terminal.says("0.092999 / ");
    terminal.press(",,");
    terminal.says("0.026999 / ");
    terminal.press("\x1b[A\x1b[A+");
    terminal.says(" x8 ");
    terminal.press("-\x1b[B-----");
    terminal.says(" x0.0625 ");
    // A second of the screen.
    terminal.press("\x1b[C");
    terminal.says("0.089499 / ");
    terminal.press("\x1b[D");
    terminal.says("0.026999 / ");
    terminal.press("]]");
    terminal.says(" 132 ms ");
    terminal.press("[[[");
    terminal.says(" 16.5 ms ");
    terminal.press("m");
    terminal.says(" counts ");
    terminal.press("m");
    terminal.says(" total ");
    terminal.press("\x1b[F");
    terminal.says("0.119998 / ");
    terminal.press("\x1b[H");
    terminal.says("0.000000 / ");
    for _ in 0..6 {
        terminal.press("-");
    }
    terminal.says(" x0.000977 ");
    // It runs again, and is not at the end within minutes.
    terminal.press(" ");
    terminal.says("0.0000");
    terminal.waits(|terminal| !terminal.status().contains("paused"));
    terminal.press("\x03");
    terminal.ends(0);
}

/// Letters of the last image of Kitty, put together, and what its first part says.
fn last_image(bytes: &[u8]) -> (String, Vec<u8>) {
    let text = String::from_utf8_lossy(bytes);
    let parts = text.split("\x1b_G").skip(1);
    let parts = parts.filter_map(|part| part.split_once("\x1b\\")?.0.split_once(';'));
    let (mut says, mut letters) = (String::new(), String::new());
    for (keys, part) in parts {
        if keys.starts_with("a=T") {
            (says, letters) = (keys.to_owned(), String::new());
        }
        letters += part;
    }
    (says, STANDARD.decode(letters).expect("base64"))
}

#[test]
fn kitty_gets_the_pixels() {
    let folder = moving();
    let answer = "\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t\x1b[?62;c";
    for (args, answer) in [
        (&["moving.evz"][..], answer),
        (&["moving.evz", "--as", "kitty"], PLAIN),
    ] {
        let mut terminal = Terminal::of(play(&folder, args), (100, 31), answer, true);
        let at = paused_at(&mut terminal);
        let (says, png) = last_image(&terminal.bytes());
        // 240x180 pixels, three times as large, in cells of 10x20.
        assert!(says.contains(",c=72,r=27,"), "{says}");
        assert!(png_pixels(&png) == rendered(&folder, &at, &["--window", "33ms"]));
        terminal.press("q");
        terminal.ends(0);
    }
    // What is larger than the terminal is made smaller here: 240x180 in 100x120 is 100x75.
    let command = play(&folder, &["moving.evz", "--as", "kitty"]);
    let mut small = Terminal::of(command, (10, 7), PLAIN, true);
    small.says("0.119998 /");
    let (says, png) = last_image(&small.bytes());
    assert!(says.contains(",c=10,r=4,"), "{says}");
    assert_shrunk(
        &png_pixels(&png),
        &rendered(&folder, "119.998ms", &["--window", "33ms"]),
    );
    small.press("q");
    small.ends(0);
}

/// The pixels of the last picture in Sixel.
fn last_sixel(bytes: &[u8]) -> Pixels {
    let text = String::from_utf8_lossy(bytes);
    let (_, last) = text.rsplit_once("\x1bP0;1;0q\"1;1;").expect("a picture");
    let (last, _) = last.split_once("\x1b\\").expect("its end");
    let number = |text: &mut &str| -> usize {
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (digits, rest) = text.split_at(end);
        *text = rest;
        digits.parse().expect("a number")
    };
    let mut rest = last;
    let width = number(&mut rest);
    rest = &rest[1..];
    let height = number(&mut rest);
    let mut pixels = vec![vec![[1, 2, 3]; width]; height];
    let (mut colours, mut colour) = (vec![[0; 3]; 256], 0);
    let (mut x, mut y) = (0, 0);
    while let Some(letter) = rest.chars().next() {
        rest = &rest[1..];
        let run = match letter {
            '#' => {
                colour = number(&mut rest);
                if rest.starts_with(";2;") {
                    rest = &rest[2..];
                    for part in &mut colours[colour] {
                        rest = &rest[1..];
                        *part = (number(&mut rest) * 255 / 100) as u8;
                    }
                }
                continue;
            }
            '$' => {
                x = 0;
                continue;
            }
            '-' => {
                (x, y) = (0, y + 6);
                continue;
            }
            '!' => number(&mut rest),
            _ => 1,
        };
        let bits = match letter {
            '!' => {
                let letter = rest.as_bytes()[0];
                rest = &rest[1..];
                letter - 63
            }
            letter => letter as u8 - 63,
        };
        for _ in 0..run {
            for row in (0..6).filter(|row| bits >> row & 1 == 1) {
                pixels[y + row][x] = colours[colour];
            }
            x += 1;
        }
    }
    pixels
}

#[test]
fn sixel_gets_the_pixels() {
    let folder = moving();
    for (args, answer) in [
        (&["moving.evz"][..], "\x1b[?62;4;22c"),
        (&["moving.evz", "--as", "sixel"], PLAIN),
    ] {
        let mut terminal = Terminal::of(play(&folder, args), (100, 31), answer, true);
        let at = paused_at(&mut terminal);
        let shown = last_sixel(&terminal.bytes());
        let expected = rendered(&folder, &at, &["--window", "33ms"]);
        // Three times as large.
        assert_eq!((shown.len(), shown[0].len()), (540, 720));
        for (y, row) in shown.iter().enumerate() {
            for (x, pixel) in row.iter().enumerate() {
                let expected = expected[y / 3][x / 3];
                // Colours are told in percent.
                let near = pixel.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 3);
                assert!(near, "{pixel:?} at {x},{y} is {expected:?}");
            }
        }
        terminal.press("q");
        terminal.ends(0);
    }
}

#[test]
fn any_size_of_terminal_and_recording_is_drawn() {
    let folder = Folder::new();
    let synth = [
        "synth",
        "large.evz",
        "--size",
        "1280x720",
        "--events",
        "50k",
    ];
    folder.run(&synth).ends(0);
    for way in ["half-blocks", "kitty", "sixel"] {
        for size in [(1, 1), (20, 5), (2, 300), (300, 2)] {
            let command = play(&folder, &["large.evz", "--as", way]);
            let mut terminal = Terminal::of(command, size, PLAIN, true);
            terminal.says("0");
            terminal.press("5m[q");
            terminal.ends(0);
        }
    }
    let mut terminal = in_terminal(&folder, &["large.evz", "--as", "half-blocks"]);
    terminal.says("paused");
    terminal.resize(20, 5);
    // 1280x720 in 20x8 is 14x8.
    let fits = |row: &Vec<[u8; 3]>| row[2] == [1, 2, 3] && row[3] != [1, 2, 3];
    terminal.waits(|terminal| half_blocks(terminal).iter().all(fits));
    terminal.press("q");
    terminal.ends(0);
}

#[test]
fn the_terminal_is_given_back_after_a_signal_and_after_an_error() {
    let folder = moving();
    for paused in [true, false] {
        let mut terminal = in_terminal(&folder, &["moving.evz", "--speed", "0.001"]);
        terminal.says("events/s");
        if paused {
            terminal.press(" ");
            terminal.says("paused");
        }
        terminal.signal(Signal::TERM);
        terminal.ends(0);
    }
    let folder = Folder::with_events(300_000);
    let mut bytes = folder.read("events.evz");
    let (start, end) = (bytes.len() / 2, bytes.len() / 2 + 2_000);
    bytes[start..end].iter_mut().for_each(|byte| *byte ^= 0x55);
    folder.write("damaged.evz", &bytes);
    let mut terminal = in_terminal(&folder, &["damaged.evz", "--as", "half-blocks"]);
    terminal.ends(1);
    let said = terminal.look(|screen| screen.contents());
    assert!(said.contains("evz: damaged.evz: "), "{said}");
    let taken = terminal.bytes();
    let taken = String::from_utf8_lossy(&taken);
    assert!(
        taken.contains("events/s") && taken.contains("\x1b[?1049h"),
        "while it played"
    );
}

#[test]
fn keys_count_while_a_terminal_that_says_nothing_is_asked() {
    let folder = moving();
    let command = play(&folder, &["moving.evz", "--speed", "0.001"]);
    let mut terminal = Terminal::of(command, (80, 24), "", true);
    let asked = |terminal: &Terminal| terminal.bytes().windows(5).any(|part| part == b"\x1b[16t");
    terminal.waits(asked);
    terminal.press("q");
    terminal.ends(0);
}

#[test]
fn ctrl_z_stops_it_and_it_goes_on_paused() {
    let folder = moving();
    let mut terminal = in_terminal(&folder, &["moving.evz", "--speed", "0.001"]);
    terminal.says("events/s");
    terminal.press("\x1a");
    terminal.waits(|terminal| !terminal.look(vt100::Screen::alternate_screen));
    // It may be about to stop: it is told until it goes on.
    terminal.waits(|terminal| {
        terminal.signal(Signal::CONT);
        terminal.status().contains("paused")
    });
    terminal.press("q");
    terminal.ends(0);
}

#[test]
fn without_keys_it_ends_by_itself() {
    let folder = Folder::with_events(200_000);
    for args in [
        &["events.evz", "--speed", "4"][..],
        &["events.txt", "--speed", "4", "--as", "half-blocks"],
    ] {
        let mut terminal = Terminal::of(play(&folder, args), (80, 24), PLAIN, false);
        terminal.ends(0);
        let bytes = String::from_utf8_lossy(&terminal.bytes()).into_owned();
        assert!(bytes.contains("0.200000 / 0.200000 s") && bytes.contains('▀'));
    }
}

#[test]
fn no_more_is_under_way_to_the_terminal_than_it_answers() {
    let folder = moving();
    let slow = ["moving.evz", "--as", "sixel", "--speed", "0.02"];
    let mut terminal = in_terminal(&folder, &slow);
    terminal.waits(|terminal| terminal.bytes().len() > 1 << 20);
    // Answers are no keys.
    assert!(!terminal.status().contains("paused"));
    terminal.press("q");
    terminal.ends(0);
    let bytes = terminal.bytes();
    let text = String::from_utf8_lossy(&bytes);
    let picture = text.split("\x1b[?2026h").map(str::len).max();
    let longest = text.split("\x1b[6n").map(str::len).max();
    let most = (128 << 10) + picture.expect("there are pictures");
    assert!(
        longest.is_some_and(|longest| longest <= most),
        "{longest:?}"
    );
}

/// Where nothing is a terminal, with a script in the place of ffplay.
fn before_ffplay(folder: &Folder, args: &[&str], script: Option<&str>) -> Command {
    let programs = folder.path("programs");
    std::fs::create_dir_all(&programs).expect("a folder");
    if let Some(script) = script {
        folder.write_program("programs/ffplay", script);
    }
    let mut command = play(folder, args);
    command.stdin(Stdio::null()).env("PATH", &programs);
    command.env_remove("IMAGEIO_FFMPEG_EXE");
    command
}

fn in_window(folder: &Folder, args: &[&str], script: Option<&str>) -> Run {
    let mut command = before_ffplay(folder, args, script);
    Run::of(command.output().expect("it runs"))
}

#[test]
fn ffplay_gets_a_movie_of_the_speed() {
    let folder = Folder::with_events(200_000);
    let keep = "echo \"$@\" > told; /bin/cat > movie.y4m";
    for (speed, frames) in [("1", 7), ("0.5", 13), ("4", 3)] {
        in_window(&folder, &["events.evz", "--speed", speed], Some(keep)).ends(0);
        let movie = folder.read("movie.y4m");
        let line = movie.iter().position(|b| *b == b'\n').expect("a header") + 1;
        let header = String::from_utf8_lossy(&movie[..line]).into_owned();
        assert!(header.starts_with("YUV4MPEG2 W320 H240 F30:1 "), "{header}");
        // A picture at 0 s, and one every thirtieth of a second until 0.2 s are shown.
        let picture = "FRAME\n".len() + 3 * 320 * 240;
        assert_eq!(movie.len(), line + frames * picture, "{speed}");
        // Dark grey: 16 + 219 * 25 / 255.
        let ground = 37;
        let luma = |n: usize| &movie[line + n * picture + 6..][..320 * 240];
        assert!(
            luma(0).iter().all(|y| *y == ground),
            "nothing is before the start"
        );
        assert!(luma(frames - 1).iter().any(|y| *y != ground));
    }
    let told = String::from_utf8(folder.read("told")).expect("text");
    assert!(
        told.contains("-window_title evz play events.evz -autoexit"),
        "{told}"
    );
}

#[test]
fn a_window_that_is_closed_ends_it_and_one_that_fails_says_why() {
    let folder = Folder::with_events(200_000);
    let args = ["events.evz", "--as", "ffplay", "--speed", "0.1"];
    in_window(&folder, &args, Some("exit 0")).ends(0);
    in_window(&folder, &args, Some("echo no display >&2; exit 1"))
        .ends(1)
        .says("ffplay failed; it said: no display");
}

/// The program is there, and what it says has no place.
#[test]
fn a_missing_folder_for_temporary_files_is_no_missing_program() {
    let folder = Folder::with_events(10);
    let mut command = before_ffplay(&folder, &["events.evz"], Some("exit 0"));
    command.env("TMPDIR", folder.path("nowhere"));
    let run = Run::of(command.output().expect("it runs")).ends(1);
    let run = run
        .says("a temporary file for what ffplay says")
        .says("TMPDIR");
    assert!(!run.err.contains("install"), "{}", run.err);
}

#[test]
fn what_is_lost_of_what_was_shown_is_said_and_ends_with_3() {
    let folder = Folder::with_events(200_000);
    let text = folder.read("events.txt");
    folder.write("cut.txt", &text[..text.len() - 6]);
    let keep = Some("/bin/cat > movie.y4m");
    let told = ["--size", "320x240", "--speed", "4"];
    for (file, code) in [("events.txt", 0), ("cut.txt", 3)] {
        let run = in_window(&folder, &[&[file], &told[..]].concat(), keep).ends(code);
        assert_eq!(
            run.err.contains("lost: 1 last line"),
            code == 3,
            "{}",
            run.err
        );
        assert!(folder.read("movie.y4m").starts_with(b"YUV4MPEG2 "));
    }
}

/// The size of frames is said where only the events tell it.
#[test]
fn a_size_that_nothing_says_is_said() {
    let folder = Folder::with_events(200_000);
    let keep = Some("/bin/cat > movie.y4m");
    for (size, header) in [
        (&[][..], "W320 H240 "),
        (&["--size", "640x480"], "W640 H480 "),
    ] {
        let run = in_window(&folder, &[&["events.txt"], size].concat(), keep).ends(0);
        let said = "events.txt: 320x240 from the largest coordinates; --size settles it";
        assert_eq!(run.err.contains(said), size.is_empty(), "{}", run.err);
        let movie = folder.read("movie.y4m");
        assert!(movie.starts_with(format!("YUV4MPEG2 {header}").as_bytes()));
    }
}

#[test]
fn what_settles_it_is_said_where_nothing_shows_it() {
    let folder = Folder::with_events(10);
    in_window(&folder, &["events.evz"], None)
        .ends(1)
        .says("install ffmpeg")
        .says("play it in a terminal")
        .says("evz render events.evz -o video.mp4");
    in_window(&folder, &["events.evz", "--as", "sixel"], None)
        .ends(2)
        .says("no terminal")
        .says("--as ffplay");
}
