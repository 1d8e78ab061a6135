//! Playing a recording.

mod asking;
mod clock;
mod drawing;
mod indexed;
mod keys;
mod player;
mod screen;
mod shown;
mod status;
mod terminal;
mod views;
mod window;

pub(crate) use player::Player;
pub(crate) use shown::Shown;
pub(crate) use terminal::in_terminal;
pub(crate) use views::Views;
pub(crate) use window::in_window;
