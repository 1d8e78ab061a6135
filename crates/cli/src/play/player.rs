//! What is shown now, and what keys change of it.

use std::time::Instant;

use anyhow::Result;
use evz::picture::Style;
use evz::render::Representation;

use super::clock::Clock;
use super::keys::Action;
use super::views::Views;
use crate::args::{PlayArgs, StyleArgs};

/// A player of a recording.
pub(crate) struct Player<'a> {
    pub(super) clock: Clock,
    /// In nanoseconds.
    window: i128,
    modes: Vec<Representation>,
    style: &'a StyleArgs,
}

/// What is on the screen at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shot {
    pub(super) moment: i128,
    pub(super) window: i128,
    pub(super) mode: Representation,
}

impl<'a> Player<'a> {
    /// A player that is about to start, with the first of these modes.
    pub(crate) fn new(
        args: &'a PlayArgs,
        modes: Vec<Representation>,
        views: &Views,
    ) -> Result<Self> {
        let within = views.within();
        let at = args.at.map(|time| views.moment_told(time)).transpose()?;
        let at = at.unwrap_or(*within.start());
        Ok(Self {
            clock: Clock::new(within, at, args.speed),
            window: args.window,
            modes,
            style: &args.style,
        })
    }

    /// What is to be seen now.
    pub(super) fn shot(&self, views: &Views, now: Instant) -> Shot {
        Shot {
            moment: views.of_tick(self.clock.at(now)),
            window: self.window,
            mode: self.modes[0],
        }
    }

    /// How frames become pictures.
    pub(super) fn style(&self) -> Style {
        self.style.style(self.modes[0])
    }

    /// Does what a key asks for, but to leave.
    pub(super) fn act(&mut self, action: Action, now: Instant) {
        let clock = &mut self.clock;
        match action {
            Action::Quit => {}
            Action::Suspend => clock.pause(now),
            Action::Pause if clock.runs() => clock.pause(now),
            Action::Pause => clock.run(now),
            Action::Skip(seconds) => clock.skip(seconds.into(), now),
            Action::Step(windows) => {
                clock.pause(now);
                clock.go_to(clock.at(now) + i128::from(windows) * self.window, now);
            }
            Action::Faster => clock.faster(now),
            Action::Slower => clock.slower(now),
            Action::Start => clock.go_to(clock.start(), now),
            Action::End => clock.go_to(clock.end(), now),
            Action::Tenths(tenths) => {
                let length = clock.end() - clock.start();
                clock.go_to(clock.start() + length * i128::from(tenths) / 10, now);
            }
            Action::NextMode => self.modes.rotate_left(1),
            Action::LongerWindow if self.window < clock.end() - clock.start() => self.window *= 2,
            Action::ShorterWindow if self.window > 1 => self.window /= 2,
            Action::LongerWindow | Action::ShorterWindow => {}
        }
    }
}
