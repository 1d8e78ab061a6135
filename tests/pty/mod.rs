//! The command in a terminal that a test looks at.

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process, setsid};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Termios, Winsize, tcgetattr, tcsetwinsize};

/// How long a slow machine may take for anything.
const PATIENCE: Duration = Duration::from_secs(120);

/// What every terminal answers to the last question.
pub(crate) const PLAIN: &str = "\x1b[?62;22c";

/// The command in a terminal.
pub(crate) struct Terminal {
    child: Child,
    keyboard: File,
    /// The other end, as the command has it.
    device: OwnedFd,
    before: Termios,
    seen: Arc<Mutex<Seen>>,
}

/// What came to the screen.
struct Seen {
    screen: vt100::Parser,
    bytes: Vec<u8>,
}

fn size(columns: u16, rows: u16) -> (NonZeroU16, NonZeroU16) {
    let side = |n| NonZeroU16::new(n).expect("a terminal has a size");
    (side(rows), side(columns))
}

/// Cells of 10 by 20 pixels.
fn winsize((columns, rows): (u16, u16)) -> Winsize {
    Winsize {
        ws_col: columns,
        ws_row: rows,
        ws_xpixel: 10 * columns,
        ws_ypixel: 20 * rows,
    }
}

impl Terminal {
    /// Runs a command in a terminal of so many columns and rows that answers so when it is asked what it is.
    /// Without a keyboard the command's standard input is empty.
    pub(crate) fn of(
        mut command: Command,
        (columns, rows): (u16, u16),
        answer: &'static str,
        has_keys: bool,
    ) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&keyboard).expect("it is ours");
        unlockpt(&keyboard).expect("it is ours");
        let name = ptsname(&keyboard, Vec::new()).expect("it has a name");
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let device = rustix::fs::open(name, flags, Mode::empty()).expect("it opens");
        tcsetwinsize(&device, winsize((columns, rows))).expect("it has a size");
        let before = tcgetattr(&device).expect("it is a terminal");
        let same = || device.try_clone().expect("it is open");
        match has_keys {
            true => command.stdin(same()),
            false => command.stdin(std::process::Stdio::null()),
        };
        command.stdout(same()).stderr(same());
        for variable in ["TMUX", "KITTY_WINDOW_ID", "TERM_PROGRAM", "COLUMNS"] {
            command.env_remove(variable);
        }
        command.env("TERM", "xterm-256color");
        let terminal = same();
        // SAFETY: between fork and exec two system calls are made, and no memory is allocated.
        unsafe {
            command.pre_exec(move || {
                setsid()?;
                Ok(rustix::process::ioctl_tiocsctty(&terminal)?)
            });
        }
        let child = command.spawn().expect("the command starts");
        let (rows, columns) = size(columns, rows);
        let seen = Arc::new(Mutex::new(Seen {
            screen: vt100::Parser::new(rows, columns, 0),
            bytes: Vec::new(),
        }));
        let keyboard = File::from(keyboard);
        let screen = keyboard.try_clone().expect("it is open");
        std::thread::spawn({
            let seen = seen.clone();
            move || read(screen, &seen, answer)
        });
        Self {
            child,
            keyboard,
            device,
            before,
            seen,
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("keys");
    }

    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        let (r, c) = size(columns, rows);
        self.seen.lock().expect("no panic").screen.set_size(r, c);
        tcsetwinsize(&self.device, winsize((columns, rows))).expect("it has a size");
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).expect("a number of a process");
        let pid = Pid::from_raw(pid).expect("it is one");
        kill_process(pid, signal).expect("it is there");
    }

    /// Looks at the screen.
    pub(crate) fn look<T>(&self, at: impl FnOnce(&vt100::Screen) -> T) -> T {
        at(self.seen.lock().expect("no panic").screen.screen())
    }

    /// All that came so far.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.seen.lock().expect("no panic").bytes.clone()
    }

    /// The last row of the screen.
    pub(crate) fn status(&self) -> String {
        self.look(|screen| {
            let (_, columns) = screen.size();
            screen.rows(0, columns.into()).last().unwrap_or_default()
        })
    }

    /// Waits until something is so.
    #[track_caller]
    pub(crate) fn waits(&mut self, is_so: impl Fn(&Self) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !is_so(self) {
            let ended = self.child.try_wait().expect("it is ours").is_some();
            let text = || self.look(vt100::Screen::contents);
            assert!(Instant::now() < until && !ended, "waited for: {}", text());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until the last row of the screen has these words, and gives all of it.
    #[track_caller]
    pub(crate) fn says(&mut self, words: &str) -> String {
        self.waits(|terminal| terminal.status().contains(words));
        self.status()
    }

    /// Waits for the end: its code, with the terminal as it was before.
    #[track_caller]
    pub(crate) fn ends(&mut self, code: i32) {
        let until = Instant::now() + PATIENCE;
        let status = loop {
            match self.child.try_wait().expect("it is ours") {
                Some(status) => break status,
                None => assert!(Instant::now() < until, "it goes on: {}", self.status()),
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        // What it wrote last.
        let quiet = || self.bytes().len();
        let mut n = usize::MAX;
        while std::mem::replace(&mut n, quiet()) != n {
            std::thread::sleep(Duration::from_millis(50));
        }
        let text = self.look(|screen| screen.contents());
        assert_eq!(status.code(), Some(code), "{text}");
        let (alternate, hidden) = self.look(|s| (s.alternate_screen(), s.hide_cursor()));
        assert!(
            !alternate && !hidden,
            "the screen is not given back: {text}"
        );
        let after = tcgetattr(&self.device).expect("it is a terminal");
        assert_eq!(after.local_modes, self.before.local_modes);
        assert_eq!(after.input_modes, self.before.input_modes);
        assert_eq!(after.output_modes, self.before.output_modes);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads what comes to the screen, and answers what it is and where its cursor stands.
fn read(mut screen: File, seen: &Mutex<Seen>, answer: &str) {
    let mut part = [0; 1 << 16];
    let mut looked_at = 0;
    while let Ok(n @ 1..) = screen.read(&mut part) {
        let mut seen = seen.lock().expect("no panic");
        seen.screen.process(&part[..n]);
        seen.bytes.extend_from_slice(&part[..n]);
        let mut answers = String::new();
        for at in looked_at..seen.bytes.len() {
            match &seen.bytes[..=at] {
                [.., b'\x1b', b'[', b'c'] => answers += answer,
                [.., b'\x1b', b'[', b'6', b'n'] => answers += "\x1b[1;1R",
                _ => {}
            }
        }
        looked_at = seen.bytes.len();
        drop(seen);
        screen.write_all(answers.as_bytes()).expect("it takes keys");
    }
}
