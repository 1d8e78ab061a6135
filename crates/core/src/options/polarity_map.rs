//! What the values of a column of polarities stand for.

use std::{fmt, str::FromStr};

use crate::{Error, Polarity};

/// Values of a column of polarities and what each stands for: `2=on,0=off,1=drop`. A value is a number,
/// compared as a number, or a word. Truth is 1 and 0.
#[derive(Debug, Clone, PartialEq)]
pub struct PolarityMap(Vec<(String, Option<f64>, PolarityMeaning)>);

/// What a value of a column of polarities stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolarityMeaning {
    /// An event of this polarity.
    Event(Polarity),
    /// No event that is wanted: it is left out and counted.
    Drop,
}

/// Its numbers are finite.
impl Eq for PolarityMap {}

impl PolarityMap {
    /// What a number stands for; none if it is not in the map.
    pub fn number(&self, value: f64) -> Option<PolarityMeaning> {
        let mut entries = self.0.iter();
        let found = entries.find(|(_, number, _)| *number == Some(value));
        found.map(|(_, _, meaning)| *meaning)
    }

    /// What a word stands for; none if it is not in the map.
    pub fn word(&self, word: &[u8]) -> Option<PolarityMeaning> {
        let is_it = |(name, number, _): &&(String, Option<f64>, PolarityMeaning)| {
            number.is_none() && name.as_bytes() == word
        };
        self.0.iter().find(is_it).map(|(_, _, meaning)| *meaning)
    }

    /// The values, for messages: `2, 0 or 1`.
    pub fn values(&self) -> String {
        let values: Vec<&str> = self.0.iter().map(|(name, ..)| name.as_str()).collect();
        crate::alternatives(&values)
    }
}

impl PolarityMeaning {
    /// All of them.
    const ALL: [Self; 3] = [
        Self::Event(Polarity::On),
        Self::Event(Polarity::Off),
        Self::Drop,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Event(Polarity::On) => "on",
            Self::Event(Polarity::Off) => "off",
            Self::Drop => "drop",
        }
    }
}

impl fmt::Display for PolarityMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.0.iter();
        let entries = entries.map(|(name, _, meaning)| format!("{name}={}", meaning.name()));
        f.write_str(&entries.collect::<Vec<_>>().join(","))
    }
}

impl FromStr for PolarityMap {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |what: String| {
            Error::invalid(format!(
                "no map of polarities {text:?}: {what}; it is values and what each stands for, on, off or \
                 drop, such as 2=on,0=off,1=drop"
            ))
        };
        let mut entries: Vec<(String, Option<f64>, PolarityMeaning)> = Vec::new();
        for part in text.split(',') {
            let pair = part.split_once('=');
            let pair = pair.map(|(value, name)| (value.trim(), name.trim()));
            let Some((value, name)) = pair.filter(|(value, _)| !value.is_empty()) else {
                return Err(wrong(format!(
                    "{part:?} is no value and what it stands for"
                )));
            };
            let meaning = PolarityMeaning::ALL.into_iter().find(|m| m.name() == name);
            let meaning = meaning.ok_or_else(|| wrong(format!("{name:?} is none of these")))?;
            let number = (value.parse().ok())
                .filter(|number: &f64| number.is_finite())
                .or_else(|| {
                    let truth = value.eq_ignore_ascii_case("true");
                    let is_truth = truth || value.eq_ignore_ascii_case("false");
                    is_truth.then_some(f64::from(u8::from(truth)))
                });
            let is_same = |(known, same, _): &(String, Option<f64>, PolarityMeaning)| {
                *same == number && (number.is_some() || known == value)
            };
            if entries.iter().any(is_same) {
                return Err(wrong(format!("{value} is there twice")));
            }
            entries.push((value.to_owned(), number, meaning));
        }
        if entries
            .iter()
            .all(|(.., meaning)| *meaning == PolarityMeaning::Drop)
        {
            return Err(wrong("no value stands for on or off".to_owned()));
        }
        Ok(Self(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_for_polarities() {
        let map: PolarityMap = "2=on, 0=off,-1.0=drop,UP=on".parse().unwrap();
        assert_eq!(map.number(2.0), Some(PolarityMeaning::Event(Polarity::On)));
        assert_eq!(
            map.number(-0.0),
            Some(PolarityMeaning::Event(Polarity::Off))
        );
        assert_eq!(map.number(-1.0), Some(PolarityMeaning::Drop));
        assert_eq!((map.number(1.0), map.number(f64::NAN)), (None, None));
        assert_eq!(map.word(b"UP"), Some(PolarityMeaning::Event(Polarity::On)));
        assert_eq!((map.word(b"up"), map.word(b"2")), (None, None));
        assert_eq!(map.values(), "2, 0, -1.0 or UP");
        assert_eq!(map.to_string(), "2=on,0=off,-1.0=drop,UP=on");
        assert_eq!(map.to_string().parse::<PolarityMap>().unwrap(), map);
        let truth: PolarityMap = "True=off,false=on".parse().unwrap();
        assert_eq!(
            truth.number(1.0),
            Some(PolarityMeaning::Event(Polarity::Off))
        );
    }

    #[test]
    fn maps_that_are_none_are_refused() {
        for wrong in [
            "",
            "1",
            "1=up",
            "=on",
            "1=on,1=off",
            "1=on,1.0=off",
            "true=on,1=off",
            "a=on,a=on",
            "0=drop",
            "1=on,",
        ] {
            let error = wrong.parse::<PolarityMap>().unwrap_err().to_string();
            assert!(error.contains("on, off or drop"), "{error}");
        }
    }
}
