//! Where in a file of many tables the columns of events stand.

use std::{fmt, str::FromStr};

use crate::Error;

/// A path for each of t, x, y and p: `t=data/time,x=data/col,y=data/row,p=data/sign`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnPaths([String; 4]);

impl ColumnPaths {
    /// The keys, in the order in which paths are kept.
    const KEYS: [&'static str; 4] = ["t", "x", "y", "p"];

    /// These paths of t, x, y and p.
    pub fn new(paths: [impl Into<String>; 4]) -> Self {
        Self(paths.map(Into::into))
    }

    /// The paths of t, x, y and p.
    pub fn paths(&self) -> [&str; 4] {
        self.0.each_ref().map(String::as_str)
    }
}

impl fmt::Display for ColumnPaths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = Self::KEYS.iter().zip(&self.0);
        let parts: Vec<String> = parts.map(|(key, path)| format!("{key}={path}")).collect();
        f.write_str(&parts.join(","))
    }
}

impl FromStr for ColumnPaths {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |what: String| {
            Error::invalid(format!(
                "no paths of columns {text:?}: {what}; they are those of t, x, y and p, each once, \
                 such as t=events/ts,x=events/xs,y=events/ys,p=events/ps"
            ))
        };
        let mut paths: [Option<&str>; 4] = [None; 4];
        for part in text.split(',') {
            let pair = part.split_once('=');
            let pair = pair.map(|(key, path)| (key.trim(), path.trim()));
            let Some((key, path)) = pair.filter(|(_, path)| !path.is_empty()) else {
                return Err(wrong(format!("{part:?} is no column and its path")));
            };
            let place = Self::KEYS.iter().position(|known| *known == key);
            match place.map(|place| &mut paths[place]) {
                Some(slot @ None) => *slot = Some(path),
                Some(Some(_)) => return Err(wrong(format!("{key} is there twice"))),
                None => return Err(wrong(format!("there is no column {key:?}"))),
            }
        }
        if let Some(missing) = paths.iter().position(Option::is_none) {
            return Err(wrong(format!("{} is missing", Self::KEYS[missing])));
        }
        Ok(Self(paths.map(|path| path.unwrap_or_default().to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_column_has_a_path() {
        let paths: ColumnPaths = "x=a/b, t=time,p=c=d,y=a/2".parse().unwrap();
        assert_eq!(paths.paths(), ["time", "a/b", "a/2", "c=d"]);
        assert_eq!(paths.to_string(), "t=time,x=a/b,y=a/2,p=c=d");
        assert_eq!(paths.to_string().parse::<ColumnPaths>().unwrap(), paths);
        for wrong in [
            "",
            "t=a",
            "t=a,x=b,y=c",
            "t=a,x=b,y=c,p=",
            "t=a,t=b,x=c,y=d,p=e",
            "txyp",
        ] {
            assert!(wrong.parse::<ColumnPaths>().is_err(), "{wrong}");
        }
    }
}
