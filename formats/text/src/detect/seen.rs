//! What a line that is no event looks like, for who has to say what it is.

use evz_core::columns::Seen;
use evz_core::{Column, PolarityStyle};

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

/// How the columns of a line may be told, as lists with which it is an event if there are such: by the
/// `names` above it, or t, x, y and p. Columns more than names are passed over in front of them, as pandas and
/// R write the numbers of rows, or stand behind.
pub(super) fn readings(line: &[u8], names: Option<&[Option<Column>]>) -> Vec<String> {
    let tokens = Split::of(line).all_tokens(trim(without_end(line)));
    let bare = Column::ALL.map(Some);
    let names_or_bare = names.unwrap_or(&bare);
    let more = vec![None; tokens.len().saturating_sub(names_or_bare.len())];
    let [front, behind] = [[&more, names_or_bare], [names_or_bare, &more]].map(|all| all.concat());
    let mut all = vec![(&behind, true), (&behind, false)];
    if !more.is_empty() && (names.is_some() || !fits(&behind, &tokens)) {
        all.insert(0, (&front, false));
    }
    let fitting: Vec<_> = (all.iter().copied())
        .filter(|(columns, _)| fits(columns, &tokens))
        .collect();
    let all = if fitting.is_empty() { all } else { fitting };
    let lists = all
        .into_iter()
        .map(|(columns, with_names)| list(columns, &tokens, with_names));
    let mut lists: Vec<String> = lists.collect();
    lists.dedup();
    lists
}

/// Whether the tokens of a line, read as these columns, can be an event.
fn fits(columns: &[Option<Column>], tokens: &[&[u8]]) -> bool {
    columns
        .iter()
        .zip(tokens)
        .all(|(column, token)| match column {
            Some(Column::T) => Decimal::parse(token).is_some(),
            Some(Column::X | Column::Y) => {
                Decimal::parse(token).and_then(Decimal::to_u16).is_some()
            }
            Some(Column::P) => !token.is_empty(),
            None => true,
        })
}

/// The list of these columns, with names for those of the others that have values; words have none.
fn list(columns: &[Option<Column>], tokens: &[&[u8]], with_names: bool) -> String {
    let has_value =
        |token: &[u8]| Decimal::parse(token).is_some() || PolarityStyle::truth(token).is_some();
    let mut further = 0;
    let name = |(column, token): (&Option<Column>, &&[u8])| {
        further += usize::from(column.is_none());
        match column {
            Some(column) => column.letter().to_string(),
            None if with_names && has_value(token) => format!("name{further}"),
            None => "-".to_owned(),
        }
    };
    let names: Vec<String> = columns.iter().zip(tokens).map(name).collect();
    names.join(",")
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
