//! `play`: a recording that moves.

use std::io::{IsTerminal, stdin};

use anyhow::Result;

use super::Outcome;
use crate::args::PlayArgs;
use crate::input;
use crate::play::{self, Player, Shown, Views};
use crate::refuse::{TextIsWritten, check_input};
use crate::rendering;
use crate::words::say_frames_report;

pub(crate) fn run(args: &PlayArgs) -> Result<Outcome> {
    let recording = input::open_events(&args.file, &args.reading, "play")?;
    check_input(&args.reading.options(), &recording, TextIsWritten::No)?;
    let modes = rendering::modes(&args.mode)?;
    let shown = Shown::new(args.shown_as, &args.file, stdin().is_terminal())?;
    let mut views = Views::of(args, recording)?;
    let player = Player::new(args, modes, &views)?;
    match shown {
        Shown::InTerminal(way) => play::in_terminal(&mut views, player, way)?,
        Shown::InWindow(window) => play::in_window(&mut views, player, window)?,
    }
    Ok(Outcome::of_loss(say_frames_report(views.report())))
}
