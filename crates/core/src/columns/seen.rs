//! Which values a column of polarities has, for who has to say what they stand for.

use super::Number;

/// The first few values that differ, and how often each is there.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    values: Vec<(String, u64)>,
    /// Values beside these.
    others: u64,
}

impl Seen {
    /// Values that are told apart.
    const MAX: usize = 6;

    /// The values of a column.
    pub fn of<N: Number>(values: impl Iterator<Item = N>) -> Self {
        let (mut seen, mut known) = (Self::default(), Vec::<f64>::new());
        for value in values {
            let number = value.float();
            let is_it = |k: &f64| *k == number || k.is_nan() && number.is_nan();
            match known.iter().position(is_it) {
                Some(i) => seen.values[i].1 += 1,
                None if known.len() < Self::MAX => {
                    known.push(number);
                    seen.values.push((value.to_string(), 1));
                }
                None => seen.others += 1,
            }
        }
        seen
    }

    /// Adds a value as it is written.
    pub fn add(&mut self, value: &str) {
        match self.values.iter().position(|(known, _)| known == value) {
            Some(i) => self.values[i].1 += 1,
            None if self.values.len() < Self::MAX => self.values.push((value.to_owned(), 1)),
            None => self.others += 1,
        }
    }

    /// Whether this value, as it is written, is one of those that are told apart.
    pub fn has(&self, value: &str) -> bool {
        self.values.iter().any(|(known, _)| known == value)
    }

    /// Whether all values are told apart.
    pub fn is_all(&self) -> bool {
        self.others == 0
    }

    /// The values and how often each is there: `0 (3 times) and 1 (once)`.
    pub fn said(&self) -> String {
        let often = |n: u64| match n {
            1 => "once".to_owned(),
            n => format!("{n} times"),
        };
        let values = self.values.iter();
        let mut said: Vec<String> = values
            .map(|(v, n)| format!("{v} ({})", often(*n)))
            .collect();
        if self.others > 0 {
            said.push(format!("others ({})", often(self.others)));
        }
        match said.split_last() {
            Some((last, others)) if !others.is_empty() => {
                format!("{} and {last}", others.join(", "))
            }
            _ => said.join(""),
        }
    }

    /// Maps of polarities that have all of these values, the likely ones; none where there are too many
    /// values or nothing says which is which.
    pub fn maps(&self) -> Vec<String> {
        if self.others > 0 {
            return Vec::new();
        }
        let words = self.values.iter().map(|(value, _)| value.as_str());
        // What could not stand in a map, and what is no value at all.
        let odd = |v: &str| v.contains([',', '=']) || v.contains("NaN") || v.contains("inf");
        if words.clone().any(odd) {
            return Vec::new();
        }
        let of = |on: &str, off: &str| {
            let others = words.clone().filter(|v| *v != on && *v != off);
            let others: String = others.map(|v| format!(",{v}=drop")).collect();
            format!("{on}=on,{off}=off{others}")
        };
        let has = |value: &str| words.clone().any(|v| v == value);
        let count = |value: &str| {
            let mut values = self.values.iter();
            values.find(|(v, _)| v == value).map_or(0, |(_, n)| *n)
        };
        match self.values.as_slice() {
            // OFF is what there is more of.
            _ if has("1") && count("-1") > count("0") / 2 => vec![of("1", "-1")],
            // A third one may stand for ON as well as for nothing.
            [..] if has("1") && has("0") => {
                let third = words.clone().find(|v| !["0", "1"].contains(v));
                let third = third.filter(|_| self.values.len() == 3 && !has("-1"));
                let others = third.map(|third| of(third, "0"));
                std::iter::once(of("1", "0")).chain(others).collect()
            }
            [(a, _), (b, _)] => vec![of(a, b), of(b, a)],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_values_are_counted() {
        let seen = Seen::of([1i8, 0, 1, -1].into_iter());
        assert_eq!(seen.said(), "1 (2 times), 0 (once) and -1 (once)");
        assert_eq!(seen.maps(), ["1=on,-1=off,0=drop"]);
        assert_eq!(
            Seen::of([0u8, 2, 1].into_iter()).maps(),
            ["1=on,0=off,2=drop", "2=on,0=off,1=drop"]
        );
        let two = Seen::of([255u8, 0].into_iter());
        assert_eq!(two.maps(), ["255=on,0=off", "0=on,255=off"]);
        let many = Seen::of(0..100u8);
        assert!(many.said().ends_with(", 5 (once) and others (94 times)"));
        assert!(many.maps().is_empty());
        assert!(
            Seen::of([0.0, f64::NAN, f64::NAN].into_iter())
                .maps()
                .is_empty()
        );
        let mut words = Seen::default();
        ["UP", "DOWN", "UP"].into_iter().for_each(|w| words.add(w));
        assert_eq!(words.maps(), ["UP=on,DOWN=off", "DOWN=on,UP=off"]);
        for map in words.maps().iter().chain(&two.maps()) {
            map.parse::<crate::PolarityMap>().unwrap();
        }
    }
}
