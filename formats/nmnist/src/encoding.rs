//! The two layouts of records.

use std::fmt;

use evz_core::{Error, Question, Result, SensorSize};

/// How an event is put into bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// N-MNIST and N-Caltech101.
    Nmnist,
    /// The sequences of CVPR 2016.
    Cvpr2016,
}

impl Encoding {
    pub(crate) const ALL: [Self; 2] = [Self::Nmnist, Self::Cvpr2016];

    /// What the option calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Nmnist => "nmnist",
            Self::Cvpr2016 => "cvpr2016",
        }
    }

    /// The encoding that an option names.
    pub(crate) fn named(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|e| e.name() == name);
        found.ok_or_else(|| {
            let error = Error::invalid(format!("no encoding {name:?} of .bin is read"));
            error.settled_by(Question::Encoding, Self::ALL)
        })
    }

    /// Bytes of a record.
    pub(crate) fn record_len(self) -> usize {
        match self {
            Self::Nmnist => 5,
            Self::Cvpr2016 => 8,
        }
    }

    /// The sensor that the data sets were recorded with.
    pub(crate) fn camera(self) -> SensorSize {
        let (width, height) = match self {
            // ATIS: Posch, Matolin and Wohlgenannt, IEEE JSSC 46(1), 2011.
            Self::Nmnist => (304, 240),
            // DVS128: the page of the data set, section "DVS128 Biases".
            Self::Cvpr2016 => (128, 128),
        };
        SensorSize { width, height }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
