//! The screen of the terminal, which is given back as it was.

use std::io::{self, IsTerminal, Write, stdin, stdout};

use crossterm::cursor::{Hide, Show, position};
use crossterm::execute;
use crossterm::terminal::{
    DisableLineWrap, EnableLineWrap, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode, size, window_size,
};

/// Bytes that may be under way to the terminal: on a slow line more of them would be late pictures.
const UNDER_WAY: usize = 128 << 10;

/// The screen, taken; dropped, it is as it was before.
pub(super) struct Screen {
    /// Whether keys come from the terminal.
    pub(super) has_keys: bool,
    /// Bytes that were sent since the terminal last answered.
    under_way: usize,
    /// Whether it answers.
    answers: bool,
}

/// A part of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// Width and height of a cell, in pixels.
    pub(super) cell: Option<(usize, usize)>,
}

impl Screen {
    pub(super) fn take() -> io::Result<Self> {
        let has_keys = stdin().is_terminal();
        let screen = Self {
            has_keys,
            under_way: 0,
            answers: has_keys,
        };
        // What panics on any thread says so once its words can be read.
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            before(panic);
        }));
        screen.enter()?;
        Ok(screen)
    }

    fn enter(&self) -> io::Result<()> {
        if self.has_keys {
            enable_raw_mode()?;
        }
        execute!(stdout(), EnterAlternateScreen, DisableLineWrap, Hide)
    }

    /// The size of the screen in columns and rows, and that of a cell in pixels, where that is known.
    pub(super) fn area(&self) -> io::Result<Area> {
        let (columns, rows) = size()?;
        let (columns, rows) = (usize::from(columns), usize::from(rows));
        let pixels = window_size().ok();
        let cell = pixels.map(|of| {
            let (width, height) = (usize::from(of.width), usize::from(of.height));
            (width / columns.max(1), height / rows.max(1))
        });
        Ok(Area {
            columns,
            rows,
            cell: cell.filter(|(width, height)| *width > 0 && *height > 0),
        })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.under_way += bytes.len();
        let mut out = stdout().lock();
        out.write_all(bytes)?;
        out.flush()
    }

    /// Waits until the terminal has drawn what is under way, if that is much: it answers a question that stands
    /// behind it. One that does not answer, for which this waits two seconds, is not asked again.
    pub(super) fn catch_up(&mut self) {
        if self.answers && self.under_way > UNDER_WAY {
            self.answers = position().is_ok();
            self.under_way = 0;
        }
    }

    /// Stops the process, as Ctrl-Z does elsewhere, until it is told to go on.
    #[cfg(unix)]
    pub(super) fn suspend(&self) -> io::Result<()> {
        give_back();
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
        self.enter()
    }

    #[cfg(not(unix))]
    pub(super) fn suspend(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
        if !std::thread::panicking() {
            drop(std::panic::take_hook());
        }
    }
}

/// A terminal that is gone takes nothing back.
fn give_back() {
    let _ = execute!(stdout(), Show, EnableLineWrap, LeaveAlternateScreen);
    let _ = disable_raw_mode();
}
