//! A recording in a terminal, moved by keys.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use crossterm::event::{self, Event};
use crossterm::terminal;
use evz::picture::{ColorDepth, HalfBlocks, Picture};

use super::keys::{self, Action};
use super::player::Player;
use super::screen::Screen;
use super::shown::Way;
use super::status;
use super::views::Views;
use crate::ending;

/// How long a picture stays, if the terminal takes the next one by then.
const REFRESH: Duration = Duration::from_nanos(1_000_000_000 / 30);
/// How long a signal, or another size of the terminal, may go without notice where nothing moves.
const LOOK: Duration = Duration::from_millis(100);

/// Plays until the end, where there are no keys, or until a key or a signal ends it.
pub(crate) fn in_terminal(views: &mut Views, mut player: Player<'_>, _way: Way) -> Result<()> {
    let ended = ending::by_signal()?;
    let screen = Screen::take().context("cannot take the terminal's screen")?;
    let mut drawn = None;
    let (mut picture, mut cells, mut before, mut out) = (
        Picture::default(),
        Picture::default(),
        None::<Picture>,
        Vec::new(),
    );
    player.clock.run(Instant::now());
    while !ended.load(Ordering::Relaxed) {
        let now = Instant::now();
        player.clock.stop_at_end(now);
        let (shot, runs) = (player.shot(now), player.clock.runs());
        let size = terminal::size().context("cannot tell the size of the terminal")?;
        let (columns, rows) = (usize::from(size.0), usize::from(size.1));
        let wanted = Some((shot, runs, player.clock.speed(), size));
        if drawn != wanted {
            let style = player.style();
            let n = views.draw(shot.moment, shot.window, shot.mode, &style, &mut picture)?;
            let (width, height) = picture.fitted(columns, 2 * rows.saturating_sub(1));
            out.clear();
            out.extend_from_slice(b"\x1b[?2026h");
            if drawn.is_none_or(|(_, _, _, before)| before != size) {
                out.extend_from_slice(b"\x1b[2J");
                before = None;
            }
            picture.resample(width, height, &mut cells);
            let blocks = HalfBlocks::new(&style.palette(), ColorDepth::TrueColor);
            let at = (
                (columns - width) / 2,
                (rows.saturating_sub(1) - height.div_ceil(2)) / 2,
            );
            blocks.encode(&cells, before.as_ref(), at, &mut out);
            before = Some(cells.clone());
            let line = status::line(&player.clock, &shot, n, columns);
            out.extend_from_slice(format!("\x1b[{rows};1H{line}\x1b[K\x1b[?2026l").as_bytes());
            screen.write(&out).context("cannot write to the terminal")?;
            drawn = wanted;
        }
        if !runs && !screen.has_keys {
            break;
        }
        let wait = if runs { REFRESH } else { LOOK };
        if !screen.has_keys {
            std::thread::sleep(wait.saturating_sub(now.elapsed()));
            continue;
        }
        // Keys that wait are all taken before the next picture.
        let mut wait = wait.saturating_sub(now.elapsed());
        while event::poll(wait).context("cannot read keys")? {
            wait = Duration::ZERO;
            let Event::Key(key) = event::read().context("cannot read keys")? else {
                continue;
            };
            let Some(action) = keys::action(key) else {
                continue;
            };
            player.act(action, Instant::now());
            match action {
                Action::Quit => return Ok(()),
                Action::Suspend => {
                    screen
                        .suspend()
                        .context("cannot take the terminal's screen")?;
                    drawn = None;
                }
                _ => {}
            }
        }
    }
    Ok(())
}
