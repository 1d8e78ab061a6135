//! What keys do.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Quit,
    Suspend,
    Pause,
    /// By so many seconds of the screen.
    Skip(i8),
    /// By so many windows, and pause.
    Step(i8),
    Faster,
    Slower,
    Start,
    End,
    /// To so many tenths of the recording.
    Tenths(u8),
    NextMode,
    LongerWindow,
    ShorterWindow,
}

/// What a key asks for that sent this character, if anything.
pub(super) fn action_of(typed: char) -> Option<Action> {
    action(match typed {
        '\x03' => KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL),
        '\x1a' => KeyEvent::new(KeyCode::Char('z'), KeyModifiers::CONTROL),
        other => KeyEvent::new(KeyCode::Char(other), KeyModifiers::NONE),
    })
}

/// What a key asks for, if anything.
pub(super) fn action(key: KeyEvent) -> Option<Action> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return match key.code {
            KeyCode::Char('c') => Some(Action::Quit),
            KeyCode::Char('z') => Some(Action::Suspend),
            _ => None,
        };
    }
    Some(match key.code {
        KeyCode::Char('q') | KeyCode::Esc => Action::Quit,
        KeyCode::Char(' ') => Action::Pause,
        KeyCode::Left => Action::Skip(-1),
        KeyCode::Right => Action::Skip(1),
        KeyCode::Char(',') => Action::Step(-1),
        KeyCode::Char('.') => Action::Step(1),
        KeyCode::Up | KeyCode::Char('+' | '=') => Action::Faster,
        KeyCode::Down | KeyCode::Char('-') => Action::Slower,
        KeyCode::Home => Action::Start,
        KeyCode::End => Action::End,
        KeyCode::Char('m') => Action::NextMode,
        KeyCode::Char('[') => Action::ShorterWindow,
        KeyCode::Char(']') => Action::LongerWindow,
        KeyCode::Char(digit) => Action::Tenths(digit.to_digit(10)? as u8),
        _ => return None,
    })
}
