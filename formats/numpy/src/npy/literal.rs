//! Python literals, in which the head of an array is written.

use std::iter::Peekable;
use std::str::Chars;

/// A literal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Text(String),
    Int(u64),
    Bool(bool),
    List(Vec<Literal>),
    Tuple(Vec<Literal>),
    Dict(Vec<(String, Literal)>),
}

/// Literals inside literals: a nested type is a few levels deep.
const MAX_DEPTH: usize = 12;

/// The literal that a text is; none if it is none of those that arrays are described with.
pub(crate) fn parse(text: &str) -> Option<Literal> {
    let mut parser = Parser {
        rest: text.chars().peekable(),
    };
    let literal = parser.literal(0)?;
    parser.skip_blanks();
    parser.rest.next().is_none().then_some(literal)
}

struct Parser<'a> {
    rest: Peekable<Chars<'a>>,
}

impl Parser<'_> {
    fn literal(&mut self, depth: usize) -> Option<Literal> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.skip_blanks();
        match *self.rest.peek()? {
            '\'' | '"' => self.text().map(Literal::Text),
            '0'..='9' => self.int().map(Literal::Int),
            '[' => {
                let (items, _) = self.items(depth, ']')?;
                Some(Literal::List(items))
            }
            '(' => {
                let (mut items, comma) = self.items(depth, ')')?;
                match items.len() {
                    // Without a comma these are brackets around a literal.
                    1 if !comma => items.pop(),
                    _ => Some(Literal::Tuple(items)),
                }
            }
            '{' => self.dict(depth),
            _ => self.word(),
        }
    }

    /// What stands between brackets, and whether there is a comma.
    fn items(&mut self, depth: usize, end: char) -> Option<(Vec<Literal>, bool)> {
        self.rest.next();
        let (mut items, mut comma) = (Vec::new(), false);
        loop {
            if self.takes(end) {
                return Some((items, comma));
            }
            if !items.is_empty() && !comma {
                return None;
            }
            items.push(self.literal(depth + 1)?);
            let more = self.takes(',');
            if more {
                comma = true;
            } else {
                return self.takes(end).then_some((items, comma));
            }
        }
    }

    fn dict(&mut self, depth: usize) -> Option<Literal> {
        self.rest.next();
        let mut entries = Vec::new();
        while !self.takes('}') {
            let Literal::Text(key) = self.literal(depth + 1)? else {
                return None;
            };
            if !self.takes(':') {
                return None;
            }
            entries.push((key, self.literal(depth + 1)?));
            if !self.takes(',') {
                return self.takes('}').then_some(Literal::Dict(entries));
            }
        }
        Some(Literal::Dict(entries))
    }

    fn text(&mut self) -> Option<String> {
        let quote = self.rest.next()?;
        let mut text = String::new();
        loop {
            match self.rest.next()? {
                '\\' => text.push(self.escaped()?),
                c if c == quote => return Some(text),
                c => text.push(c),
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let digits = match self.rest.next()? {
            'n' => return Some('\n'),
            't' => return Some('\t'),
            'r' => return Some('\r'),
            c @ ('\\' | '\'' | '"') => return Some(c),
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => return None,
        };
        let mut code = 0;
        for _ in 0..digits {
            code = code * 16 + self.rest.next()?.to_digit(16)?;
        }
        char::from_u32(code)
    }

    fn int(&mut self) -> Option<u64> {
        let mut value = 0u64;
        while let Some(digit) = self.rest.peek().and_then(|c| c.to_digit(10)) {
            value = value.checked_mul(10)?.checked_add(digit.into())?;
            self.rest.next();
        }
        // Python 2 wrote long numbers so.
        self.rest.next_if_eq(&'L');
        Some(value)
    }

    fn word(&mut self) -> Option<Literal> {
        let mut word = String::new();
        while let Some(c) = self.rest.next_if(|c| c.is_ascii_alphabetic()) {
            word.push(c);
        }
        match word.as_str() {
            "True" => Some(Literal::Bool(true)),
            "False" => Some(Literal::Bool(false)),
            "u" | "b" if matches!(self.rest.peek(), Some('\'' | '"')) => {
                self.text().map(Literal::Text)
            }
            _ => None,
        }
    }

    fn takes(&mut self, c: char) -> bool {
        self.skip_blanks();
        self.rest.next_if_eq(&c).is_some()
    }

    fn skip_blanks(&mut self) {
        while self.rest.next_if(|c| c.is_ascii_whitespace()).is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_arrays() {
        let head =
            parse("{'descr': [(('a \\'b\\x41', 't'), '<i8')], 'shape': (3L,), 'f': False, }");
        let text = |t: &str| Literal::Text(t.to_owned());
        let names = Literal::Tuple(vec![text("a 'bA"), text("t")]);
        let field = Literal::Tuple(vec![names, text("<i8")]);
        let expected = [
            ("descr", Literal::List(vec![field])),
            ("shape", Literal::Tuple(vec![Literal::Int(3)])),
            ("f", Literal::Bool(false)),
        ];
        let expected = expected.map(|(k, v)| (k.to_owned(), v));
        assert_eq!(head, Some(Literal::Dict(expected.to_vec())));
        assert_eq!(parse("()"), Some(Literal::Tuple(vec![])));
        assert_eq!(parse("(2)"), Some(Literal::Int(2)));
        assert_eq!(parse("u'a'"), Some(text("a")));
    }

    #[test]
    fn what_is_none() {
        let deep = "(".repeat(100_000);
        for text in [
            "", "(1", "(1 2)", "(,)", "{1: 2}", "1 2", "'", "None", "-1", "'\\q'",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&deep), None);
        assert_eq!(parse("99999999999999999999"), None);
    }
}
