//! What a line that is no event looks like, for who has to say what it is.

use evz_core::PolarityStyle;
use evz_core::columns::Seen;

use crate::line::{Split, excerpt, is_comment, trim, without_end};
use crate::number::Decimal;

/// How many columns it has, and the line.
pub(super) fn columns(line: &[u8]) -> String {
    if has_decimal_commas(line) {
        let n = without_commas(line).map_or(0, |tokens| tokens.len());
        return format!("{n} with decimal commas: {}", excerpt(line));
    }
    match Split::of(line).all_tokens(trim(line)).len() {
        1 => format!("1 column: {}", excerpt(line)),
        n => format!("{n} columns: {}", excerpt(line)),
    }
}

/// Whether a line is one of numbers, in which commas stand where a point should.
pub(super) fn has_decimal_commas(line: &[u8]) -> bool {
    without_commas(line).is_some()
}

/// The tokens of such a line.
fn without_commas(line: &[u8]) -> Option<Vec<&[u8]>> {
    let line = trim(without_end(line));
    let split = match line.contains(&b';') {
        true => Split::Byte(b';'),
        false => Split::Blanks,
    };
    let tokens = split.all_tokens(line);
    let commas = |token: &[u8]| token.iter().filter(|b| **b == b',').count();
    let is_number = |token: &&[u8]| {
        let pointed: Vec<u8> = (token.iter())
            .map(|b| if *b == b',' { b'.' } else { *b })
            .collect();
        Decimal::parse(&pointed).is_some()
    };
    let is_one = tokens.len() >= 4
        && tokens.iter().any(|token| commas(token) == 1)
        && tokens.iter().all(is_number);
    is_one.then_some(tokens)
}

/// Whether most of what stands in a line are numbers: it is text of some kind, and not of events.
pub(super) fn has_numbers(line: &[u8]) -> bool {
    let tokens = Split::of(line).all_tokens(trim(without_end(line)));
    let numbers = tokens.iter().filter(|t| Decimal::parse(t).is_some());
    numbers.count() * 2 > tokens.len()
}

/// Whether a line is three numbers, as of events without polarity.
pub(super) fn lacks_polarity(line: &[u8]) -> bool {
    let tokens = Split::of(line).all_tokens(trim(without_end(line)));
    tokens.len() == 3 && tokens.iter().all(|t| Decimal::parse(t).is_some())
}

/// Names for the columns behind the first four of a line; words have no values and are passed over.
pub(super) fn names_of_further(line: &[u8]) -> Vec<String> {
    let tokens = Split::of(line).all_tokens(trim(without_end(line)));
    let has_value =
        |token: &[u8]| Decimal::parse(token).is_some() || PolarityStyle::truth(token).is_some();
    let further = tokens.iter().skip(4).enumerate();
    let name = |(i, token): (usize, &&[u8])| match has_value(token) {
        true => format!("name{}", i + 1),
        false => "-".to_owned(),
    };
    further.map(name).collect()
}

/// The command that puts a 1 behind every line that is like this one.
pub(super) fn adding_on(line: &[u8]) -> String {
    let mark = match Split::of(line) {
        Split::Blanks => ' ',
        Split::Byte(byte) => char::from(byte),
    };
    format!(r"`sed 's/\r*$/{mark}1/'`")
}

/// The words that stand in one column of a text, all others of which are numbers; none if this line is
/// not of that kind, or has not so many columns.
pub(super) fn words<'a>(
    first: &[u8],
    len: usize,
    lines: impl Iterator<Item = &'a [u8]>,
) -> Option<Seen> {
    let split = Split::of(first);
    let word = |line: &[u8]| {
        let tokens = split.all_tokens(trim(without_end(line)));
        let words = tokens.iter().enumerate();
        let mut words = words.filter(|(_, token)| Decimal::parse(token).is_none());
        let (place, word) = words.next()?;
        let word = String::from_utf8_lossy(word).into_owned();
        let is_one = tokens.len() == len && words.next().is_none() && !word.is_empty();
        is_one.then_some((place, word))
    };
    let (place, _) = word(first)?;
    let mut seen = Seen::default();
    for (at, word) in (lines.filter(|line| !is_comment(line))).filter_map(word) {
        if at == place {
            seen.add(&word);
        }
    }
    Some(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_for_points_are_recognised() {
        for line in [
            "0,001 12 13 1",
            "0,001;12;13;1",
            "12\t13\t1\t0,001",
            " 1,5; 2; 3; 1 ",
        ] {
            assert!(has_decimal_commas(line.as_bytes()), "{line}");
        }
        for line in [
            "1,2,3,4",
            "1,234,5 2 3 1",
            "0.1 2 3 1",
            "a,b 1 2 3",
            "1,5 2 3",
            "",
        ] {
            assert!(!has_decimal_commas(line.as_bytes()), "{line}");
        }
        let said = columns(b"0,001 12 13 1");
        assert_eq!(said, "4 with decimal commas: \"0,001 12 13 1\"");
        assert_eq!(columns(b"1 2 3"), "3 columns: \"1 2 3\"");
    }

    #[test]
    fn words_of_one_column() {
        let lines = [
            "1,2,3,ON\n",
            "2,2,3,OFF\n",
            "# 1,2,3,X\n",
            "3,2,3,ON\n",
            "a,b,c,d\n",
        ];
        let seen = words(b"1,2,3,ON", 4, lines.iter().map(|l| l.as_bytes())).unwrap();
        assert_eq!(seen.said(), "ON (2 times) and OFF (once)");
        assert!(words(b"t,x,y,p", 4, std::iter::empty()).is_none());
        assert!(words(b"1,2,ON", 4, std::iter::empty()).is_none());
    }
}
