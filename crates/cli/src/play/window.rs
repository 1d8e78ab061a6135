//! A recording in a window of ffplay.

use std::time::{Duration, Instant};

use anyhow::Result;
use evz::picture::{DEFAULT_FRAME_RATE, Ffplay, MovieOptions, Picture, PictureFormat};

use super::player::Player;
use super::views::Views;
use crate::is_closed_pipe;

/// Shows all until the end, or until the window is closed.
pub(crate) fn in_window(views: &mut Views, player: Player<'_>, mut window: Ffplay) -> Result<()> {
    let shown = show(views, player, &mut window);
    // What a window that takes no more says itself counts for more: it was closed, or it failed.
    if !shown.as_ref().is_err_and(is_closed_pipe) {
        shown?;
    }
    Ok(window.finish()?)
}

/// Gives the window all pictures; it shows them by its clock.
fn show(views: &mut Views, mut player: Player<'_>, window: &mut Ffplay) -> Result<()> {
    let size = views.size();
    let palette = player.style().palette();
    let (width, height) = (size.width as usize, size.height as usize);
    let options = MovieOptions::new(PictureFormat::Y4m, width, height, palette);
    let encoder = options.encoder();
    let mut movie = options.create(window, "ffplay")?;
    let (mut picture, mut bytes) = (Picture::default(), Vec::new());
    let (start, rate) = (Instant::now(), DEFAULT_FRAME_RATE);
    player.clock.run(start);
    for frame in 0_u64.. {
        let gone = frame * u64::from(rate.seconds()) * 1_000_000_000 / u64::from(rate.frames());
        let now = start + Duration::from_nanos(gone);
        views.draw(player.shot(views, now), &player.style(), &mut picture)?;
        encoder.encode(&picture, &mut bytes)?;
        movie.push(&bytes)?;
        if player.clock.is_at_end(now) {
            break;
        }
    }
    movie.finish()?;
    Ok(())
}
