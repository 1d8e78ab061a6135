//! A recording in a terminal, moved by keys.

use std::io::Write;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use crossterm::event::{self, Event};
use evz::picture::Picture;

use super::asking::{self, Answers};
use super::drawing::Drawing;
use super::keys::{self, Action};
use super::player::{Player, Shot};
use super::screen::{Area, Screen};
use super::shown::Way;
use super::status;
use super::views::Views;
use crate::ending;

/// How long a picture stays, if the terminal takes the next one by then.
const REFRESH: Duration = Duration::from_nanos(1_000_000_000 / 30);
/// How long a signal, or another size of the terminal, may go without notice where nothing moves.
const LOOK: Duration = Duration::from_millis(100);

/// Plays until a key or a signal ends it; where there are no keys, until the end.
pub(crate) fn in_terminal(
    views: &mut Views,
    mut player: Player<'_>,
    way: Option<Way>,
) -> Result<()> {
    let ended = ending::by_signal();
    let mut screen = Screen::take().context("cannot take the terminal's screen")?;
    let answers = match way.is_none() && screen.has_keys {
        true => asking::ask().context("cannot ask the terminal what it knows")?,
        false => Answers::default(),
    };
    let mut show = Show {
        drawing: Drawing::new(way, &answers),
        picture: Picture::default(),
        out: Vec::new(),
    };
    let mut shown = None;
    player.clock.run(Instant::now());
    for action in answers.typed.chars().filter_map(keys::action_of) {
        if !act(action, &mut player, &screen, &mut shown)? {
            return Ok(());
        }
    }
    while !ended.load(Ordering::Relaxed) {
        screen.catch_up();
        let now = Instant::now();
        player.clock.stop_at_end(now);
        let runs = player.clock.runs();
        let area = screen.area().context("cannot tell the terminal's size")?;
        let shot = player.shot(views, now);
        let state = (shot, runs, player.clock.speed(), area);
        if shown != Some(state) {
            let is_new = shown.is_none_or(|(.., before)| before != area);
            show.draw(views, &player, shot, area, is_new)?;
            screen
                .write(&show.out)
                .context("cannot write to the terminal")?;
            shown = Some(state);
        }
        let wait = if runs { REFRESH } else { LOOK };
        let wait = wait.saturating_sub(now.elapsed());
        match screen.has_keys {
            true if !take_keys(&mut player, &screen, wait, &mut shown)? => break,
            true => {}
            false if !runs => break,
            false => std::thread::sleep(wait),
        }
    }
    show.out.clear();
    show.drawing.clear(&mut show.out);
    screen
        .write(&show.out)
        .context("cannot write to the terminal")
}

/// Does what keys ask for, once the first comes in time; whether to go on.
fn take_keys<T>(
    player: &mut Player<'_>,
    screen: &Screen,
    mut wait: Duration,
    shown: &mut Option<T>,
) -> Result<bool> {
    // Keys that wait are all taken before the next picture.
    while event::poll(wait).context("cannot read keys")? {
        wait = Duration::ZERO;
        let Event::Key(key) = event::read().context("cannot read keys")? else {
            continue;
        };
        let Some(action) = keys::action(key) else {
            continue;
        };
        if !act(action, player, screen, shown)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Does what a key asks for; whether to go on.
fn act<T>(
    action: Action,
    player: &mut Player<'_>,
    screen: &Screen,
    shown: &mut Option<T>,
) -> Result<bool> {
    player.act(action, Instant::now());
    match action {
        Action::Quit => return Ok(false),
        Action::Suspend => {
            screen
                .suspend()
                .context("cannot take the terminal's screen")?;
            *shown = None;
        }
        _ => {}
    }
    Ok(true)
}

/// What makes the bytes of a screen, in memory that is used again.
struct Show {
    drawing: Drawing,
    picture: Picture,
    out: Vec<u8>,
}

impl Show {
    /// Draws all that is seen now, on a screen that is new or holds what was drawn before.
    fn draw(
        &mut self,
        views: &mut Views,
        player: &Player<'_>,
        shot: Shot,
        area: Area,
        is_new: bool,
    ) -> Result<()> {
        let style = player.style();
        let n_events = views.draw(shot, &style, &mut self.picture)?;
        let (rows, out) = (area.rows, &mut self.out);
        out.clear();
        // The terminal shows what stands between the two at once, if it knows them.
        out.extend_from_slice(b"\x1b[?2026h");
        if is_new {
            self.drawing.clear(out);
        }
        // The last row is for words.
        let above = Area {
            rows: rows.saturating_sub(1),
            ..area
        };
        let palette = style.palette();
        self.drawing.draw(&self.picture, &palette, above, out)?;
        let line = status::line(&player.clock, &shot, n_events, area.columns);
        write!(out, "\x1b[{rows};1H{line}\x1b[K\x1b[?2026l")?;
        Ok(())
    }
}
