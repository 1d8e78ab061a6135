//! A recording in a window of ffplay.

use std::time::{Duration, Instant};

use anyhow::Result;
use evz::picture::{DEFAULT_FRAME_RATE, Ffplay, MovieOptions, Picture, PictureFormat};

use super::player::Player;
use super::views::Views;

/// Shows all until the end; the window shows it by its clock.
pub(crate) fn in_window(views: &mut Views, mut player: Player<'_>, window: Ffplay) -> Result<()> {
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
        // Whoever closes the window has seen enough, and if it failed it says why.
        if movie.push(&bytes).is_err() || player.clock.is_at_end(now) {
            break;
        }
    }
    Ok(movie.finish()?.finish()?)
}
