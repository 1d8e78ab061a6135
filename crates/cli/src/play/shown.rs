//! What shows the recording: the terminal, in one of several ways, or ffplay.

use std::ffi::OsStr;
use std::io::{IsTerminal, stdout};
use std::path::Path;

use anyhow::Result;
use evz::Error;
use evz::picture::{ColorDepth, Ffplay};

use crate::args::ShownAs;

/// How pictures get into a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    HalfBlocks(ColorDepth),
    Kitty,
    Sixel,
}

/// What shows the recording.
pub(crate) enum Shown {
    /// The terminal, which is asked what it knows if nothing says so.
    InTerminal(Option<Way>),
    InWindow(Ffplay),
}

impl Shown {
    /// What is asked for, or else what is there, for the recording of a file.
    pub(crate) fn new(asked: Option<ShownAs>, file: &Path, has_keys: bool) -> Result<Self> {
        let variable = |name: &str| std::env::var_os(name);
        let terminal =
            stdout().is_terminal() && variable("TERM").as_deref() != Some("dumb".as_ref());
        let way = match asked {
            Some(ShownAs::HalfBlocks) => Some(Way::HalfBlocks(color_depth(variable))),
            Some(ShownAs::Kitty) => Some(Way::Kitty),
            Some(ShownAs::Sixel) => Some(Way::Sixel),
            None => way_told(variable),
            Some(ShownAs::Ffplay) => None,
        };
        if asked == Some(ShownAs::Ffplay) || (asked.is_none() && !terminal) {
            let title = format!("evz play {}", file.display());
            let movie = format!("render it: evz render {} -o video.mp4", file.display());
            let window = Ffplay::open(&title, !has_keys);
            let window = window.map_err(|e| e.advise("play it in a terminal").advise(movie))?;
            return Ok(Self::InWindow(window));
        }
        if !terminal {
            let what = "standard output is no terminal that can show it; pass --as ffplay";
            return Err(Error::invalid(what).into());
        }
        Ok(Self::InTerminal(way))
    }
}

/// The half blocks that fit what the variables say of colours.
pub(super) fn half_blocks() -> Way {
    Way::HalfBlocks(color_depth(std::env::var_os))
}

fn color_depth<S: AsRef<OsStr>>(variable: impl Fn(&'static str) -> Option<S>) -> ColorDepth {
    let told = variable("COLORTERM");
    let told = told.as_ref().map(AsRef::as_ref);
    match told.is_some_and(|told| told == "truecolor" || told == "24bit") {
        true => ColorDepth::TrueColor,
        false => ColorDepth::Colors256,
    }
}

/// What the variables say of the terminal. tmux and screen hand on letters alone.
fn way_told<S: AsRef<OsStr>>(variable: impl Fn(&'static str) -> Option<S>) -> Option<Way> {
    let value = |name| variable(name).map(|value| value.as_ref().to_string_lossy().into_owned());
    let term = value("TERM").unwrap_or_default();
    let multiplexed = ["tmux", "screen"].iter().any(|name| term.starts_with(name));
    if multiplexed || value("TMUX").is_some() {
        return Some(Way::HalfBlocks(color_depth(variable)));
    }
    let program = value("TERM_PROGRAM").unwrap_or_default();
    let is_kitty = value("KITTY_WINDOW_ID").is_some()
        || term == "xterm-kitty"
        || ["ghostty", "WezTerm"].contains(&&*program);
    is_kitty.then_some(Way::Kitty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(variables: &'static [(&str, &str)]) -> Option<Way> {
        way_told(|name| {
            variables
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| *value)
        })
    }

    #[test]
    fn variables_say_which_terminal_it_is() {
        let letters = |depth| Some(Way::HalfBlocks(depth));
        assert_eq!(told(&[("TERM", "xterm-256color")]), None);
        assert_eq!(told(&[("TERM", "xterm-kitty")]), Some(Way::Kitty));
        assert_eq!(told(&[("KITTY_WINDOW_ID", "1")]), Some(Way::Kitty));
        assert_eq!(told(&[("TERM_PROGRAM", "WezTerm")]), Some(Way::Kitty));
        assert_eq!(told(&[("TERM_PROGRAM", "ghostty")]), Some(Way::Kitty));
        let tmux = told(&[("TMUX", "/tmp/tmux"), ("KITTY_WINDOW_ID", "1")]);
        assert_eq!(tmux, letters(ColorDepth::Colors256));
        let screen = told(&[("TERM", "screen"), ("COLORTERM", "truecolor")]);
        assert_eq!(screen, letters(ColorDepth::TrueColor));
    }
}
