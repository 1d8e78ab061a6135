//! What a terminal says of itself when it is asked.

use std::time::Duration;

/// Asks for the graphics of Kitty, for the size of a cell in pixels, and for the attributes of the device, which
/// every terminal answers, and answers last.
const QUESTIONS: &[u8] = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[16t\x1b[c";

/// How long an answer may take: over a network it comes late, and then would be read as keys.
const LIMIT: Duration = Duration::from_secs(1);

/// What a terminal says of itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answers {
    pub(super) kitty: bool,
    pub(super) sixel: bool,
    /// Width and height of a cell, in pixels.
    pub(super) cell: Option<(usize, usize)>,
    /// Keys that were pressed meanwhile.
    pub(super) typed: String,
}

impl Answers {
    /// What the bytes say that came until now; none as long as the last answer is not there.
    fn of(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (before, attributes) = text.rsplit_once("\x1b[?")?;
        let (attributes, _) = attributes.split_once('c')?;
        let cell = before.split("\x1b[6;").nth(1);
        let cell = cell.and_then(|cell| cell.split_once('t')?.0.split_once(';'));
        let cell = cell.and_then(|(h, w)| Some((w.parse().ok()?, h.parse().ok()?)));
        Some(Self {
            kitty: before.contains("\x1b_Gi=31;OK"),
            // The first number is what kind of device it is.
            sixel: attributes.split(';').skip(1).any(|number| number == "4"),
            cell: cell.filter(|(w, h)| *w > 0 && *h > 0),
            typed: typed(&text),
        })
    }

    /// What is known of a terminal that did not answer in time.
    fn none(bytes: &[u8]) -> Self {
        Self {
            typed: typed(&String::from_utf8_lossy(bytes)),
            ..Self::default()
        }
    }
}

/// What of a text stands in no sequence that begins with an escape: an answer, or a key that is more than a
/// character. Half an answer goes on to the end.
fn typed(text: &str) -> String {
    let (mut typed, mut rest) = (String::new(), text.chars());
    while let Some(c) = rest.next() {
        if c != '\x1b' {
            typed.push(c);
            continue;
        }
        match rest.next() {
            Some('[') => drop(rest.find(|c| ('@'..='~').contains(c))),
            // The character behind its end is a backslash.
            Some('_') => drop(rest.find(|c| *c == '\x1b').and_then(|_| rest.next())),
            _ => {}
        }
    }
    typed
}

/// Asks the terminal, whose keys come one by one; one that does not answer in time knows nothing.
#[cfg(unix)]
pub(super) fn ask() -> std::io::Result<Answers> {
    use std::io::{Write, stdin, stdout};
    use std::time::Instant;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let mut out = stdout().lock();
    out.write_all(QUESTIONS)?;
    out.flush()?;
    let (until, keys) = (Instant::now() + LIMIT, stdin());
    let mut said = Vec::new();
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let mut fds = [PollFd::new(&keys, PollFlags::IN)];
        match poll(&mut fds, Timespec::try_from(left).ok().as_ref()) {
            Ok(0) => return Ok(Answers::none(&said)),
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        }
        let mut part = [0; 256];
        match rustix::io::read(&keys, &mut part)? {
            0 => return Ok(Answers::none(&said)),
            n => said.extend_from_slice(&part[..n]),
        }
        if let Some(answers) = Answers::of(&said) {
            return Ok(answers);
        }
    }
}

/// Nothing here reads what the terminal would answer.
#[cfg(not(unix))]
pub(super) fn ask() -> std::io::Result<Answers> {
    let _ = (QUESTIONS, LIMIT, Answers::of, Answers::none);
    Ok(Answers::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_complete_with_the_last() {
        let kitty = b"\x1b_Gi=31;OK\x1b\\\x1b[6;20;9t\x1b[?62;c";
        for n in 0..kitty.len() {
            assert_eq!(Answers::of(&kitty[..n]), None, "{n}");
        }
        let expected = Answers {
            kitty: true,
            sixel: false,
            cell: Some((9, 20)),
            typed: String::new(),
        };
        assert_eq!(Answers::of(kitty), Some(expected));
        let sixel = Answers::of(b"x\x1b[?62;4;22c").unwrap();
        assert_eq!(sixel.typed, "x");
        assert!(sixel.sixel && !sixel.kitty && sixel.cell.is_none());
        // A VT132 is of kind 4, and knows no Sixel.
        // What is typed before, between and behind the answers is no part of them.
        let typed = |bytes| Answers::of(bytes).unwrap().typed;
        assert_eq!(
            typed(b"q\x1b_Gi=31;OK\x1b\\m\x1b[6;20;9t\x1b[A[\x1b[?62;c\x03"),
            "qm[\x03"
        );
        assert_eq!(Answers::none(b"5\x1b[6;20q").typed, "5");
        let vt132 = Answers::of(b"\x1b[?4;6c").unwrap();
        assert_eq!(vt132, Answers::default());
        let refused = Answers::of(b"\x1b_Gi=31;ENOTSUP:no\x1b\\\x1b[6;0;0t\x1b[?6c").unwrap();
        assert_eq!(refused, Answers::default());
    }
}
