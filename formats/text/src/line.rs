//! Lines and the tokens in them.

/// What stands between the columns, as a kind: how a line is split, whatever its exact blanks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Split {
    /// Runs of blanks and tabs.
    Blanks,
    /// This byte, with blanks around it ignored.
    Byte(u8),
}

impl Split {
    /// How a line of data is split, from its punctuation.
    pub(crate) fn of(line: &[u8]) -> Self {
        match line.iter().find(|&&b| b == b',' || b == b';') {
            Some(&byte) => Self::Byte(byte),
            None => Self::Blanks,
        }
    }

    /// The first five tokens of a line and how many there are: five is too many for an event of four.
    pub(crate) fn tokens(self, line: &[u8]) -> ([&[u8]; 5], usize) {
        let mut tokens: [&[u8]; 5] = [b""; 5];
        let mut count = 0;
        self.each(line, |token| {
            if let Some(slot) = tokens.get_mut(count) {
                *slot = token;
            }
            count += 1;
        });
        (tokens, count)
    }

    /// All tokens of a line.
    pub(crate) fn all_tokens(self, line: &[u8]) -> Vec<&[u8]> {
        let mut tokens = Vec::new();
        self.each(line, |token| tokens.push(token));
        tokens
    }

    fn each<'a>(self, line: &'a [u8], mut take: impl FnMut(&'a [u8])) {
        match self {
            Self::Blanks => {
                let mut rest = trim(line);
                while !rest.is_empty() {
                    let end = rest.iter().position(|&b| is_blank(b));
                    let (token, after) = rest.split_at(end.unwrap_or(rest.len()));
                    take(token);
                    rest = trim_start(after);
                }
            }
            Self::Byte(byte) => line.split(|&b| b == byte).map(trim).for_each(take),
        }
    }
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

fn trim_start(mut line: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = line
        && is_blank(*first)
    {
        line = rest;
    }
    line
}

/// A line without blanks at its ends.
pub(crate) fn trim(line: &[u8]) -> &[u8] {
    let mut line = trim_start(line);
    while let [rest @ .., last] = line
        && is_blank(*last)
    {
        line = rest;
    }
    line
}

/// A line without its `\n` or `\r\n`.
pub(crate) fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Whether a line is a remark that holds no event.
pub(crate) fn is_comment(line: &[u8]) -> bool {
    let line = trim(line);
    line.starts_with(b"#") || line.starts_with(b"%") || line.starts_with(b"//")
}

/// A line as it can be shown in a message: quoted, escaped, and not longer than a line of text.
pub(crate) fn excerpt(line: &[u8]) -> String {
    const MAX_SHOWN: usize = 60;
    let shown = line[..line.len().min(MAX_SHOWN)].escape_ascii();
    if line.len() > MAX_SHOWN {
        format!("\"{shown}…\" ({} bytes)", line.len())
    } else {
        format!("\"{shown}\"")
    }
}
