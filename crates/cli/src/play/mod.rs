//! Playing a recording.

mod clock;
mod indexed;
mod keys;
mod player;
mod screen;
mod shown;
mod status;
mod terminal;
mod views;

pub(crate) use player::Player;
pub(crate) use shown::Shown;
pub(crate) use terminal::in_terminal;
pub(crate) use views::Views;
